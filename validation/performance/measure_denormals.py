"""What denormal numbers cost where a trained model is pruned and trained again.

    python -m validation.performance.measure_denormals [--epochs 2] [--variants NAME...]

Trains the same pruned models with and without them, by turns, and says whether the weights agree.
"""

from __future__ import annotations

import argparse
import time
from contextlib import nullcontext

from sparsebench.engines.fused.denormals import without_denormals

from sparsebench.engines.fused import population
from sparsebench.engines.population_training import Start, train_population
from sparsebench.harness.items import base_case
from sparsebench.parts.pruning import prune
from sparsebench.parts.sparse_layout import sparse_layout
from sparsebench.parts.strings import generate
from sparsebench.parts.weight_files import checksum, load_weights
from sparsebench.parts.weights import prunable
from sparsebench.values.identity import digest
from sparsebench.values.masks import masked
from sparsebench.values.protocol import VARIANTS, Training
from validation import ROOT

MODELS = ROOT / "baselines" / "models"


def main() -> None:
    """Print a line for each variant, with 80 % of i2h pruned."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--variants", nargs="+", default=VARIANTS, choices=VARIANTS)
    chosen = parser.parse_args()
    for variant in chosen.variants:
        case = base_case(variant, 0, "published")
        layout, data = case.architecture.layout, generate(case.data)
        weights = load_weights(MODELS / f"{digest(case)}.safetensors", layout)
        masks = prune(weights, prunable(layout, "i2h"), 80, case.semantics)
        start = Start(sparse_layout(layout, masks), masked(weights, masks), case.seed, 50)
        found = []
        for guard in (without_denormals, nullcontext, without_denormals, nullcontext):
            population.without_denormals = guard
            begin = time.thread_time()
            (course,) = train_population(
                [start], data, Training(epochs=chosen.epochs), case.semantics.readout, "cpu"
            )
            found.append((time.thread_time() - begin, checksum(course.weights)))
        (_, one), (_, other), (without, _), (denormal, _) = found
        print(
            f"{variant}: {denormal / without:.2f} times as long with denormal numbers "
            f"({denormal:.2f} s, {without:.2f} s), {'the same' if one == other else 'OTHER'} weights"
        )


if __name__ == "__main__":
    main()
