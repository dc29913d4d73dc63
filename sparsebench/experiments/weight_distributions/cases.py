"""Case of the distribution of a network's weights."""

from __future__ import annotations

from dataclasses import dataclass

from sparsebench.values.case import OfNetwork, TrainedCase
from sparsebench.values.checks import instance_of, one_of, whole_number
from sparsebench.values.kinds import kind
from sparsebench.values.protocol import OTHER_TARGETS, TARGETS


@kind("WeightsCase", words={"target": "left of"})
@dataclass(frozen=True)
class WeightsCase(OfNetwork):
    """Describe the weights of a trained network, or those that pruning leaves (slides, 5.1 and 5.3).

    Attributes
    ----------
    network
        The trained network; it may be pruned and fine-tuned already. Weights that it has not do not
        count.
    target, percent
        What is pruned by magnitude before the weights are described, and by which percentage,
        0-100; both None: nothing.
    """

    network: TrainedCase
    target: str | None = None
    percent: int | None = None

    def __post_init__(self) -> None:
        instance_of("network", self.network, TrainedCase)
        if (self.target is None) != (self.percent is None):
            raise ValueError(
                f"target is {self.target!r} and percent is {self.percent}: give both to prune, or none"
            )
        if self.target is not None:
            one_of("target", self.target, (*TARGETS, *OTHER_TARGETS))
            whole_number("percent", self.percent, 0, 100)
