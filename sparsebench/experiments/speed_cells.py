"""Cells of forward passes whose time is gated, in units of the dense network's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sparsebench.experiments.cells import base_case, suffix
from sparsebench.experiments.wired_cells import wired_case
from sparsebench.values.case import Case, ForwardCase
from sparsebench.values.checks import one_of
from sparsebench.values.protocol import VARIANTS
from sparsebench.values.semantics import SEMANTICS

NETWORKS = {"p0": 0, "p50": 50, "p90": 90, "wired": None}
"""Base models by how much of them is pruned, and a network wired by a Watts-Strogatz graph."""


@dataclass(frozen=True)
class SpeedCell:
    """The forward pass of one untrained network of a variant.

    Attributes
    ----------
    variant
        The cell of the network.
    network
        A name in `NETWORKS`.
    """

    variant: str
    network: str
    semantics: str = "published"

    def __post_init__(self) -> None:
        one_of("variant", self.variant, VARIANTS)
        one_of("network", self.network, NETWORKS)
        one_of("semantics", self.semantics, SEMANTICS)

    @property
    def id(self) -> str:
        """The id inside the brackets of the pytest item."""
        return f"{self.variant}-{self.network}" + suffix(self.semantics)

    def cases(self, seeds: Sequence[int]) -> list[Case]:
        """The network of seed 0: what a pass costs does not follow from the seed."""
        percent = NETWORKS[self.network]
        if percent is None:
            return [ForwardCase(wired_case(self.variant, "watts_strogatz", 0, self.semantics))]
        return [ForwardCase(base_case(self.variant, 0, self.semantics), percent)]


def speed_cells(
    variants: Iterable[str] = VARIANTS, networks: Iterable[str] = tuple(NETWORKS)
) -> list[SpeedCell]:
    """Forward passes: one cell per variant and network, of `NETWORKS`."""
    networks = tuple(networks)
    return [SpeedCell(variant, network) for variant in variants for network in networks]
