"""Case of a timed forward pass."""

from __future__ import annotations

from dataclasses import dataclass

from sparsebench.experiments.random_wiring.cases import WiredCase
from sparsebench.values.case import BaseCase, OfNetwork
from sparsebench.values.checks import instance_of, whole_number
from sparsebench.values.kinds import kind


@kind("ForwardCase")
@dataclass(frozen=True)
class ForwardCase(OfNetwork):
    """Time the forward pass of an untrained network.

    The time of a pass depends on the structure and not on the weights, so nothing is trained.

    Attributes
    ----------
    network
        The network to time.
    percent
        Percentage of its recurrent weights that is pruned first, by magnitude.
    batch_size
        Strings per pass.
    """

    network: BaseCase | WiredCase
    percent: int = 0
    batch_size: int = 128

    def __post_init__(self) -> None:
        instance_of("network", self.network, BaseCase, WiredCase)
        whole_number("percent", self.percent, 0, 100)
        whole_number("batch_size", self.batch_size, 1)
