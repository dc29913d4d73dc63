"""Time saved in fine-tuning by treating numbers too small to move a weight as zero.

    python -m validation.performance.measure_denormals [--epochs 2] [--percent 80] [--variants NAME...]

Some processors are a hundred times slower on numbers below the smallest normal float, and a fully
trained network has such gradients and moments. The engine's loops compare and write zero instead
(`without_tiny` in `sparsebench/engines/fused/simd.py`). The same models are fine-tuned with these
bounds and with bounds of 0, interleaved, each in its own process, because the bounds are compiled
into the loops.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import msgspec

from sparsebench.harness.items import base_case
from sparsebench.parts.examples import Halves
from sparsebench.parts.pruning import prune
from sparsebench.parts.sparse_layout import sparse_layout
from sparsebench.parts.tasks import dataset
from sparsebench.parts.weight_files import checksum, load_weights
from sparsebench.parts.weights import prunable
from sparsebench.values.identity import digest
from sparsebench.values.masks import masked
from sparsebench.values.protocol import VARIANTS, Training
from validation import ROOT

MODELS = ROOT / "baselines" / "models"

TURNS = "as they are", "at 0", "at 0", "as they are"


class Turn(msgspec.Struct):
    """The result of one process.

    Attributes
    ----------
    seconds
        Processor time of the epochs and the evaluations between them, without compilation.
    weights
        Checksum of the fine-tuned weights.
    accuracy
        Accuracy on the test strings.
    """

    seconds: float
    weights: str
    accuracy: float


def without_bounds() -> None:
    """Make loops compiled from now on keep every number."""
    from sparsebench.engines.fused import simd

    simd.LEAST_GRADIENT = 0.0
    from sparsebench.engines.fused import optimisers

    optimisers.LEAST_MOMENT = 0.0


def fine_tune(variant: str, percent: int, epochs: int) -> Turn:
    """Fine-tune a pruned model in this process, after one epoch that compiles the loops."""
    from sparsebench.engines.population_training import Start, train_population

    case = base_case(variant, 0, "published")
    layout, data = case.architecture.layout, dataset(case.data)
    assert isinstance(data, Halves)
    weights = load_weights(MODELS / f"{digest(case)}.safetensors", layout)
    masks = prune(weights, prunable(layout, "i2h"), percent, case.semantics)
    start = Start(sparse_layout(layout, masks), masked(weights, masks), case.seed, 50)
    few = Halves(data.train.part(0, 64), data.test.part(0, 64))
    readout = case.semantics.readout
    train_population([start], few, Training(epochs=1), readout, "cpu")
    begin = time.thread_time()
    (course,) = train_population([start], data, Training(epochs=epochs), readout, "cpu")
    return Turn(time.thread_time() - begin, checksum(course.weights), course.after.accuracy)


def turn(bounds: str, variant: str, percent: int, epochs: int, caches: Path) -> Turn:
    """Fine-tune in a separate process, with a separate cache of loops for each kind of bounds."""
    wanted = ["--here", bounds, "--variants", variant]
    wanted += ["--percent", str(percent), "--epochs", str(epochs)]
    done = subprocess.run(
        [sys.executable, "-m", "validation.performance.measure_denormals", *wanted],
        cwd=ROOT,
        env={**os.environ, "NUMBA_CACHE_DIR": str(caches / bounds.replace(" ", "-"))},
        stdout=subprocess.PIPE,
        check=True,
    )
    return msgspec.json.decode(done.stdout, type=Turn)


def main() -> None:
    """Print a line for each variant."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--percent", type=int, default=80, help="of i2h that is pruned")
    parser.add_argument("--variants", nargs="+", default=VARIANTS, choices=VARIANTS)
    parser.add_argument("--here", choices=sorted(set(TURNS)), help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.here:
        if chosen.here == "at 0":
            without_bounds()
        done = fine_tune(chosen.variants[0], chosen.percent, chosen.epochs)
        print(msgspec.json.encode(done).decode())
        return
    with tempfile.TemporaryDirectory() as folder:
        for variant in chosen.variants:
            found: dict[str, list[Turn]] = {bounds: [] for bounds in TURNS}
            for bounds in TURNS:
                one = turn(bounds, variant, chosen.percent, chosen.epochs, Path(folder))
                found[bounds].append(one)
            least = {bounds: min(one.seconds for one in turns) for bounds, turns in found.items()}
            bounded, every = found["as they are"][0], found["at 0"][0]
            same = "the same" if bounded.weights == every.weights else "other"
            print(
                f"{variant}: {least['at 0'] / least['as they are']:.2f} times as long where no number "
                f"is too small ({least['at 0']:.2f} s, {least['as they are']:.2f} s), {same} weights, "
                f"accuracies {every.accuracy:.4f} and {bounded.accuracy:.4f}"
            )


if __name__ == "__main__":
    main()
