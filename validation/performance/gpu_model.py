"""What a training step of pruned 3 x 50 networks should take on a GPU, by what it asks of it.

    python -m validation.performance.gpu_model [--networks 1 30 180] [--variants gru lstm rnn_tanh]

Runs a step on the CPU and records every operation that a GPU would launch: how many bytes it reads and
writes, and how many multiplications and additions it makes. Each is then taken to last as long as the
slowest of three: the launch itself, its bytes, its arithmetic. Nothing here is measured on a GPU; the
figures are to be held against what `gpu_check` measures there.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from sparsebench.engines.gpu.batched import BatchedPopulation
from sparsebench.experiments.engine_speed import measure as speed
from sparsebench.parts.sparse_layout import SparseLayout
from sparsebench.parts.weights import initial_weights
from sparsebench.report.markdown import table
from sparsebench.values.protocol import CELL_TYPES, Architecture, Training

LAUNCH = 2e-6
"""Seconds of the shortest operation in a captured graph; an assumption."""

BANDWIDTH = 4.8e12
"""Bytes a second of an H200's memory (NVIDIA's data sheet)."""

ARITHMETIC = 0.3 * 67e12 / 2
"""Multiply-adds a second of small products: three tenths, an assumption, of an H200's 67 TFLOP/s in
float32 without tensor cores (the same data sheet)."""

PRODUCTS = {"bmm": 0, "baddbmm": 1, "baddbmm_": 1}
"""Products of matrices, and which argument is the left one."""


@dataclass(frozen=True)
class Launch:
    """An operation.

    Attributes
    ----------
    name
        Torch's.
    moved
        Bytes that it reads and writes.
    multiply_adds
        Of products; 0 for others, which their bytes describe.
    """

    name: str
    moved: int
    multiply_adds: int

    @property
    def seconds(self) -> float:
        """How long it should take."""
        return max(LAUNCH, self.moved / BANDWIDTH, self.multiply_adds / ARITHMETIC)


class _Recorder(TorchDispatchMode):
    def __init__(self) -> None:
        super().__init__()
        self.launches: list[Launch] = []

    def __torch_dispatch__(
        self, function: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        result = function(*args, **(kwargs or {}))
        given = [each for each in tree_leaves((args, kwargs)) if isinstance(each, Tensor)]
        made = [each for each in tree_leaves(result) if isinstance(each, Tensor)]
        name = function.overloadpacket.__name__
        if made and not _only_looks(name, given, made):
            moved = sum(each.numel() * each.element_size() for each in [*given, *made])
            sums = made[0].numel() * args[PRODUCTS[name]].shape[-1] if name in PRODUCTS else 0
            self.launches.append(Launch(name, moved, sums))
        return result


def _only_looks(name: str, given: Sequence[Tensor], made: Sequence[Tensor]) -> bool:
    """Whether an operation allocates, or gives another view of what it was given."""
    if name.startswith(("empty", "new_empty")):
        return True
    in_place = name.endswith("_")
    storages = {each.untyped_storage().data_ptr() for each in given}
    return (
        not in_place
        and len(given) == 1
        and all(each.untyped_storage().data_ptr() in storages for each in made)
    )


def launches(step: Callable[[], object]) -> list[Launch]:
    """The operations of a step, in order."""
    with _Recorder() as recorder:
        step()
    return recorder.launches


def milliseconds(taken: Sequence[Launch]) -> float:
    """How long operations one after the other should take."""
    return 1e3 * sum(each.seconds for each in taken)


def step_of(plans: Sequence[SparseLayout], batch: int, device: str) -> Callable[[], None]:
    """A training step of networks on strings of 30 letters, one operation at a time."""
    strings = speed.strings_of_one_length(batch)
    weights = [initial_weights(plan.layout, seed) for seed, plan in enumerate(plans)]
    training = Training(batch_size=batch)
    made = BatchedPopulation(plans, weights, "padded", training, device, captures=False)
    orders = [np.arange(batch) for _ in plans]

    def step() -> None:
        made.train(strings, orders)

    return step


def main() -> None:
    """Record, and print a row for each population."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--networks", type=int, nargs="+", default=[1, 30, 180])
    parser.add_argument(
        "--variants", nargs="+", default=["gru", "lstm", "rnn_tanh"], choices=CELL_TYPES
    )
    parser.add_argument("--batch", type=int, default=128)
    chosen = parser.parse_args()
    print(table(TITLES, list(_rows(chosen))))


TITLES = [
    "networks",
    "launches",
    "gigabytes",
    "multiply-adds, 10⁹",
    "ms",
    "launches alone, ms",
    "memory alone, ms",
    "arithmetic alone, ms",
]


def _rows(chosen: argparse.Namespace) -> Iterator[list[str]]:
    for variant in chosen.variants:
        pruned = speed.pruned_plans(Architecture(variant))
        for count in chosen.networks:
            plans = (pruned * (count // len(pruned) + 1))[:count]
            step = step_of(plans, chosen.batch, "cpu")
            step()
            taken = launches(step)
            moved, sums = sum(each.moved for each in taken), sum(t.multiply_adds for t in taken)
            yield [
                f"{count} {variant}",
                str(len(taken)),
                f"{moved / 1e9:.2f}",
                f"{sums / 1e9:.1f}",
                f"{milliseconds(taken):.1f}",
                f"{1e3 * LAUNCH * len(taken):.1f}",
                f"{1e3 * moved / BANDWIDTH:.1f}",
                f"{1e3 * sums / ARITHMETIC:.1f}",
            ]


if __name__ == "__main__":
    main()
