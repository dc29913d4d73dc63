"""Items of networks with as many weights, made in four ways."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sparsebench.experiments.equal_parameters.cases import WAYS, FourWaysCase
from sparsebench.experiments.random_wiring.cases import WiredCase
from sparsebench.experiments.random_wiring.items import VERTICES, known_families, seeds_from
from sparsebench.harness.items import suffix
from sparsebench.values.checks import graphs_in_reason, listed, one_of, whole_number
from sparsebench.values.graphs import PUBLISHED_FAMILIES, GraphSpec
from sparsebench.values.identity import Case
from sparsebench.values.protocol import VARIANTS, Training
from sparsebench.values.semantics import SEMANTICS


@dataclass(frozen=True)
class FourWaysItem:
    """Four ways to spend the number of weights that some wired networks have.

    Attributes
    ----------
    variant, family
        Of the wired networks, which have `VERTICES` vertices.
    percent
        How much of the pruned networks goes.
    graphs
        How many wired networks.
    first
        The seed of the first.
    """

    variant: str
    family: str
    percent: int
    graphs: int
    semantics: str = "published"
    first: int = 0

    def __post_init__(self) -> None:
        one_of("variant", self.variant, VARIANTS)
        whole_number("percent", self.percent, 1, 99)
        graphs_in_reason(self.graphs)
        one_of("semantics", self.semantics, SEMANTICS)

    @property
    def id(self) -> str:
        """The id inside the brackets of the pytest item."""
        return f"{self.variant}-{self.family}-p{self.percent}" + suffix(self.semantics)

    def cases(self, seeds: Sequence[int]) -> list[Case]:
        """The networks, way after way; all are trained for 25 epochs, the pruned ones in two parts."""
        wired = [
            WiredCase(
                self.variant,
                GraphSpec(self.family, seed, VERTICES),
                seed,
                SEMANTICS[self.semantics],
                Training(epochs=25, batch_size=128),
            )
            for seed in seeds_from(self.first, self.graphs)
        ]
        return [FourWaysCase(way, network, self.percent) for way in WAYS for network in wired]


def four_ways_items(
    graphs: int,
    percents: Iterable[int],
    variants: Iterable[str] = VARIANTS,
    families: Iterable[str] = PUBLISHED_FAMILIES,
    first: int = 0,
) -> list[FourWaysItem]:
    """Dense, pruned dense, wired and pruned wired networks of as many weights (slides, section 5.3).

    Parameters
    ----------
    graphs
        Wired networks in an item, with three others each.
    percents
        How much is pruned; the networks that are pruned are larger by as much.
    variants, families
        Which ones; the thesis's by default.
    first
        The seed of the first wired network.

    Raises
    ------
    TypeError, ValueError
        If one of them is no list, or does not exist.
    """
    families, percents = known_families(families), listed("percents", percents)
    return [
        FourWaysItem(variant, family, percent, graphs, first=first)
        for variant in listed("variants", variants)
        for family in families
        for percent in percents
    ]
