"""Items of randomly wired networks: one network, populations of them, and what pruning does to them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sparsebench.experiments.finetuning.cases import FinetuningCase
from sparsebench.experiments.graph_statistics.cases import WiredPopulation
from sparsebench.experiments.random_wiring.cases import WiredCase
from sparsebench.harness.items import PERCENTS, PrunedItem, check_criterion, combinations, suffix
from sparsebench.values.checks import graphs_in_reason, listed, one_of, whole_number
from sparsebench.values.graphs import PUBLISHED_FAMILIES, GraphSpec
from sparsebench.values.identity import Case
from sparsebench.values.protocol import TARGETS, VARIANTS, Training
from sparsebench.values.semantics import SEMANTICS

VERTICES = 20
"""Of the wired networks whose number of weights is spent in four ways."""

GATED, PLAIN = ("lstm", "gru"), ("rnn_tanh", "rnn_relu")


@dataclass(frozen=True)
class WiredItem:
    """One network of a variant, wired by one graph of a family."""

    variant: str
    family: str
    seed: int
    semantics: str = "published"
    order: str | None = None

    def __post_init__(self) -> None:
        one_of("variant", self.variant, VARIANTS)
        whole_number("seed", self.seed, 0)
        one_of("semantics", self.semantics, SEMANTICS)

    @property
    def id(self) -> str:
        """The id inside the brackets of the pytest item."""
        order = f"-{self.order}" if self.order else ""
        return f"{self.variant}-{self.family}-s{self.seed}{order}" + suffix(self.semantics)

    def cases(self, seeds: Sequence[int]) -> list[Case]:
        """The network; its seed is the item's own."""
        return [wired_case(self.variant, self.family, self.seed, self.semantics, self.order)]


@dataclass(frozen=True)
class FamiliesItem:
    """All networks of a variant, of both of the thesis's families.

    Attributes
    ----------
    variant
        The recurrent cell type of the networks.
    graphs
        How many of each family, and more where a run asks for more seeds than that.
    first
        The seed of the first.
    """

    variant: str
    graphs: int
    semantics: str = "published"
    first: int = 0

    def __post_init__(self) -> None:
        one_of("variant", self.variant, VARIANTS)
        graphs_in_reason(self.graphs)
        one_of("semantics", self.semantics, SEMANTICS)

    @property
    def id(self) -> str:
        """The id inside the brackets of the pytest item."""
        return self.variant + suffix(self.semantics)

    def cases(self, seeds: Sequence[int]) -> list[Case]:
        """The networks, family after family."""
        graphs = max(self.graphs, len(seeds))
        return [
            *WiredPopulation(self.variant, graphs, SEMANTICS[self.semantics], self.first).networks
        ]


@dataclass(frozen=True)
class VariantsItem:
    """All networks of a family, of all variants.

    Attributes
    ----------
    family
        What draws the graphs.
    graphs
        How many of each variant, and more where a run asks for more seeds than that.
    first
        The seed of the first.
    """

    family: str
    graphs: int
    semantics: str = "published"
    first: int = 0

    def __post_init__(self) -> None:
        graphs_in_reason(self.graphs)
        one_of("semantics", self.semantics, SEMANTICS)

    @property
    def id(self) -> str:
        """The id inside the brackets of the pytest item."""
        return self.family + suffix(self.semantics)

    def cases(self, seeds: Sequence[int]) -> list[Case]:
        """The networks, variant after variant."""
        return [
            wired_case(variant, self.family, seed, self.semantics)
            for variant in VARIANTS
            for seed in seeds_from(self.first, max(self.graphs, len(seeds)))
        ]


@dataclass(frozen=True)
class WiredPruningItem(PrunedItem):
    """Trained wired networks of a variant, pruned and fine-tuned.

    Attributes
    ----------
    variant, target, percent, criterion
        What is pruned.
    graphs
        How many networks of each of the thesis's families.
    epochs
        For how long they are fine-tuned.
    first
        The seed of the first network.
    """

    variant: str
    target: str
    percent: int
    graphs: int
    epochs: int
    semantics: str = "published"
    criterion: str = "magnitude"
    first: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        graphs_in_reason(self.graphs)
        whole_number("epochs", self.epochs, 1)

    def cases(self, seeds: Sequence[int]) -> list[Case]:
        """The pruned networks, family after family."""
        return [
            FinetuningCase(
                wired_case(self.variant, family, seed, self.semantics),
                self.target,
                self.percent,
                self.criterion,
                Training(epochs=self.epochs, batch_size=128),
            )
            for family in PUBLISHED_FAMILIES
            for seed in seeds_from(self.first, self.graphs)
        ]


def wired_items(
    graphs: int,
    variants: Iterable[str] = VARIANTS,
    families: Iterable[str] = PUBLISHED_FAMILIES,
    order: str | None = None,
    first: int = 0,
) -> list[WiredItem]:
    """Randomly wired networks (thesis, section 6.3): one item per variant, family and seed.

    Parameters
    ----------
    graphs
        How many of each.
    variants, families
        Which ones; the thesis's by default. Families: `sparsebench.parts.graphs.FAMILIES`.
    order
        What decides the direction of edges, `sparsebench.parts.wirings.ORDERS`; node order, as
        published, by default.
    first
        The seed of the first of each; the others follow.

    Raises
    ------
    TypeError, ValueError
        If one of them is no list, or does not exist.
    """
    families = known_families(families)
    if order is not None:
        from sparsebench.parts.wirings import ORDERS

        one_of("order", order, ORDERS)
    return [
        WiredItem(variant, family, seed, order=order)
        for variant in listed("variants", variants)
        for family in families
        for seed in seeds_from(first, graphs)
    ]


def families_items(
    graphs: int, variants: Iterable[str] = VARIANTS, first: int = 0
) -> list[FamiliesItem]:
    """One item per variant, of as many networks of each of the thesis's families."""
    return [FamiliesItem(variant, graphs, first=first) for variant in listed("variants", variants)]


def variants_items(graphs: int, first: int = 0) -> list[VariantsItem]:
    """One item per family of the thesis, of as many networks of each variant."""
    return [VariantsItem(family, graphs, first=first) for family in PUBLISHED_FAMILIES]


def wired_pruning_items(
    graphs: int,
    epochs: int,
    variants: Iterable[str] = VARIANTS,
    targets: Iterable[str] = TARGETS,
    percents: Iterable[int] = PERCENTS,
    criterion: str = "magnitude",
    first: int = 0,
) -> list[WiredPruningItem]:
    """Pruned wired networks (slides, section 5.3): one item per variant, target and percentage.

    Parameters
    ----------
    graphs
        Networks of each of the thesis's families in an item.
    epochs
        For how long they are fine-tuned.
    variants, targets, percents
        Which ones; the thesis's by default.
    criterion
        A name in `sparsebench.parts.pruning.CRITERIA`.
    first
        The seed of the first network of each family.

    Raises
    ------
    TypeError, ValueError
        If one of them is no list, or does not exist.
    """
    check_criterion(criterion)
    return [
        WiredPruningItem(*pruned, graphs, epochs, criterion=criterion, first=first)
        for pruned in combinations(variants, targets, percents)
    ]


def seeds_from(first: int, count: int) -> range:
    """So many seeds of graphs."""
    graphs_in_reason(count, low=0)
    return range(first, first + count)


def known_families(families: Iterable[str]) -> tuple[str, ...]:
    """The families, if there are such."""
    families = listed("families", families)
    if not set(families) <= set(PUBLISHED_FAMILIES):
        from sparsebench.parts.graphs import FAMILIES

        for family in families:
            one_of("family", family, FAMILIES)
    return families


def wired_case(
    variant: str, family: str, seed: int, semantics: str, order: str | None = None
) -> WiredCase:
    """The thesis's wired network of a variant, family and seed, trained for 15 epochs."""
    return WiredCase(variant, GraphSpec(family, seed, order=order), seed, SEMANTICS[semantics])
