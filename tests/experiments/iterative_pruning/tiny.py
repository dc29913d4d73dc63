"""Rounds that are trained in a moment."""

from typing import Any

from sparsebench.experiments.capacity.cases import TaskCase
from sparsebench.experiments.iterative_pruning.cases import IterativePruningCase
from sparsebench.values.case import TrainedCase
from tests.harness import small


def original(seed: int = 0, variant: str = "gru", **others: Any) -> TaskCase:
    """A dense network of four units, trained for three epochs of three steps."""
    return TaskCase(variant, small.DATA, seed, 4, 2, **{"training": small.TRAINING, **others})


def rounds(
    *percents: int, network: TrainedCase | None = None, start: str = "rewound", **others: Any
) -> IterativePruningCase:
    """The last of some rounds, of both kinds of weights unless others are chosen."""
    network = network or original()
    target = others.pop("target", "both")
    for percent in percents[:-1]:
        network = IterativePruningCase(network, target, percent, **others)
    return IterativePruningCase(network, target, percents[-1], start=start, **others)
