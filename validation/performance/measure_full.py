"""From which density on a full matrix is faster than its sparse rows, by cell type, size and batch.

    python -m validation.performance.measure_full [--hidden 50 128 256] [--batches 8 32 128]

prints the time of a forward pass through a layer's sparse rows, relative to that of all its entries,
both in turn in one run on one thread: 1 is where a matrix may as well be full. `FULL_FROM` of
`sparsebench/parts/sparse_layout.py` and `NARROW_FULL_FROM` of
`sparsebench/engines/fused/forward.py` follow from it.
"""

from __future__ import annotations

import argparse
from unittest.mock import patch

from sparsebench.engines.fused import forward
from sparsebench.engines.own_programs import Run, interleaved
from sparsebench.experiments.engine_speed.rivals import layer_of
from sparsebench.parts.sparse_layout import sparse_layout
from sparsebench.values.protocol import VARIANTS

DENSITIES = (0.7, 0.6, 0.5, 0.45, 0.4, 0.35)


def ratio(variant: str, hidden: int, batch: int, density: float, rounds: int) -> float:
    """The time by sparse rows over that of all entries."""
    layer = layer_of(variant, hidden, batch, density, "single")
    layout, masks = layer.network.layout, layer.network.masks

    def prepared(full_from: float) -> Run:
        plan = sparse_layout(layout, masks)
        cuts = dict.fromkeys(VARIANTS, full_from)
        with patch.multiple(forward, FULL_FROM=full_from, NARROW_FULL_FROM=cuts):
            return forward.sparse_forward_pass(
                plan, layer.network.weights, "last_step", layer.examples, batch
            )

    times = interleaved({"sparse": prepared(2), "full": prepared(0)}, rounds)
    return times["sparse"] / times["full"]


def main() -> None:
    """Print a row for each cell type, size and batch."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--variants", nargs="+", default=VARIANTS, choices=VARIANTS)
    parser.add_argument("--hidden", nargs="+", type=int, default=[50, 128, 256])
    parser.add_argument("--batches", nargs="+", type=int, default=[8, 32, 128])
    parser.add_argument("--rounds", type=int, default=21)
    chosen = parser.parse_args()
    print("| layer | " + " | ".join(f"{each:g}" for each in DENSITIES) + " |")
    print("|---|" + "---:|" * len(DENSITIES), flush=True)
    for variant in chosen.variants:
        for hidden in chosen.hidden:
            for batch in chosen.batches:
                cells = [
                    f"{ratio(variant, hidden, batch, density, chosen.rounds):.2f}"
                    for density in DENSITIES
                ]
                print(
                    f"| {variant} {hidden}, batch {batch} | " + " | ".join(cells) + " |", flush=True
                )


if __name__ == "__main__":
    main()
