"""Items of networks with equal numbers of weights, made in four ways."""

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
from sparsebench.values.protocol import CELL_TYPES, VARIANTS, Training
from sparsebench.values.semantics import SEMANTICS


@dataclass(frozen=True)
class FourWaysItem:
    """Networks made in four ways, with the same number of weights as some wired networks.

    Attributes
    ----------
    variant, family
        Cell type and family of the wired networks, which have `VERTICES` vertices.
    percent
        Percentage by which the pruned networks are pruned, 1-99.
    graphs
        Number of wired networks.
    first
        Seed of the first wired network.
    semantics
        A name in `sparsebench.values.semantics.SEMANTICS`.
    """

    variant: str
    family: str
    percent: int
    graphs: int
    semantics: str = "published"
    first: int = 0

    def __post_init__(self) -> None:
        one_of("variant", self.variant, CELL_TYPES)
        whole_number("percent", self.percent, 1, 99)
        graphs_in_reason(self.graphs)
        one_of("semantics", self.semantics, SEMANTICS)

    @property
    def id(self) -> str:
        """The id inside the brackets of the pytest item."""
        return f"{self.variant}-{self.family}-p{self.percent}" + suffix(self.semantics)

    def cases(self, seeds: Sequence[int]) -> list[Case]:
        """The networks, way by way; each has 25 epochs, pruned ones some of them after pruning."""
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
    """Make items of dense, pruned, wired, and pruned wired networks (slides, section 5.3).

    All have equal numbers of weights.

    Parameters
    ----------
    graphs
        Wired networks per item; each has three counterparts.
    percents
        Pruning percentages, 1-99; networks to be pruned are larger accordingly.
    variants, families
        By default all of the thesis's.
    first
        Seed of the first wired network.

    Returns
    -------
    list of FourWaysItem
        One for each variant, family and percentage.

    Raises
    ------
    TypeError, ValueError
        If an argument is not a list, or a name does not exist.
    """
    families, percents = known_families(families), listed("percents", percents)
    return [
        FourWaysItem(variant, family, percent, graphs, first=first)
        for variant in listed("variants", variants)
        for family in families
        for percent in percents
    ]
