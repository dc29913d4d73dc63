"""Items of randomly wired networks: single networks, families and variants, and pruned networks."""

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
from sparsebench.values.protocol import CELL_TYPES, TARGETS, VARIANTS, Training
from sparsebench.values.semantics import SEMANTICS

VERTICES = 20
"""Vertices of the wired networks that are compared with others of equal numbers of weights."""

GATED, PLAIN = ("lstm", "gru"), ("rnn_tanh", "rnn_relu")


@dataclass(frozen=True)
class WiredItem:
    """One network of a variant, wired by one graph of a family.

    Attributes
    ----------
    variant, family
        The cell type, and a name in `sparsebench.parts.graphs.FAMILIES`.
    seed
        Seed of the graph, the weights and the orders of strings.
    order
        How edges are directed: a name in `sparsebench.parts.wirings.ORDERS`; None: by node order.
    semantics
        A name in `sparsebench.values.semantics.SEMANTICS`.
    """

    variant: str
    family: str
    seed: int
    semantics: str = "published"
    order: str | None = None

    def __post_init__(self) -> None:
        one_of("variant", self.variant, CELL_TYPES)
        whole_number("seed", self.seed, 0)
        one_of("semantics", self.semantics, SEMANTICS)

    @property
    def id(self) -> str:
        """The id inside the brackets of the pytest item."""
        order = f"-{self.order}" if self.order else ""
        return f"{self.variant}-{self.family}-s{self.seed}{order}" + suffix(self.semantics)

    def cases(self, seeds: Sequence[int]) -> list[Case]:
        """The network of the item's own seed."""
        return [wired_case(self.variant, self.family, self.seed, self.semantics, self.order)]


@dataclass(frozen=True)
class FamiliesItem:
    """All networks of a variant, of both of the thesis's families.

    Attributes
    ----------
    variant
        The cell type of the networks.
    graphs
        Networks of each family; more, if a run asks for more seeds.
    first
        Seed of the first network of each family.
    semantics
        A name in `sparsebench.values.semantics.SEMANTICS`.
    """

    variant: str
    graphs: int
    semantics: str = "published"
    first: int = 0

    def __post_init__(self) -> None:
        one_of("variant", self.variant, CELL_TYPES)
        graphs_in_reason(self.graphs)
        one_of("semantics", self.semantics, SEMANTICS)

    @property
    def id(self) -> str:
        """The id inside the brackets of the pytest item."""
        return self.variant + suffix(self.semantics)

    def cases(self, seeds: Sequence[int]) -> list[Case]:
        """The networks, family by family."""
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
        The family of the graphs.
    graphs
        Networks of each variant; more, if a run asks for more seeds.
    first
        Seed of the first network of each variant.
    semantics
        A name in `sparsebench.values.semantics.SEMANTICS`.
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
        """The networks, variant by variant."""
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
        What is pruned, and how; the percentage is 0-100.
    graphs
        Networks of each of the thesis's families.
    epochs
        Epochs of fine-tuning.
    first
        Seed of the first network.
    semantics
        A name in `sparsebench.values.semantics.SEMANTICS`.
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
        """The pruned networks, family by family."""
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
    """Make the items of randomly wired networks (thesis, section 6.3).

    Parameters
    ----------
    graphs
        Networks of each variant and family.
    variants, families
        By default all of the thesis's. Families are names in `sparsebench.parts.graphs.FAMILIES`.
    order
        How edges are directed: a name in `sparsebench.parts.wirings.ORDERS`; None: by node order,
        as published.
    first
        Seed of the first network of each; the others follow.

    Returns
    -------
    list of WiredItem
        One for each variant, family and seed.

    Raises
    ------
    TypeError, ValueError
        If an argument is not a list, or a name does not exist.
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
    """Make one item per variant, with equal numbers of networks of both of the thesis's families.

    Parameters
    ----------
    graphs
        Networks of each family.
    variants
        The cell types.
    first
        Seed of the first network of each family.

    Returns
    -------
    list of FamiliesItem
        One per variant.

    Raises
    ------
    TypeError, ValueError
        If an argument is out of bounds, or a variant does not exist.
    """
    return [FamiliesItem(variant, graphs, first=first) for variant in listed("variants", variants)]


def variants_items(graphs: int, first: int = 0) -> list[VariantsItem]:
    """Make one item per thesis family, with equal numbers of networks of all variants.

    Parameters
    ----------
    graphs
        Networks of each variant.
    first
        Seed of the first network of each variant.

    Returns
    -------
    list of VariantsItem
        One per family.

    Raises
    ------
    TypeError, ValueError
        If the number of graphs is out of bounds.
    """
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
    """Make the items of pruned wired networks (slides, section 5.3).

    Parameters
    ----------
    graphs
        Networks of each of the thesis's families in an item.
    epochs
        Epochs of fine-tuning.
    variants, targets, percents
        By default all of the thesis's; percentages are 0-100.
    criterion
        A name in `sparsebench.parts.pruning.CRITERIA`.
    first
        Seed of the first network of each family.

    Returns
    -------
    list of WiredPruningItem
        One for each variant, target and percentage.

    Raises
    ------
    TypeError, ValueError
        If an argument is not a list, or a name does not exist.
    """
    check_criterion(criterion)
    return [
        WiredPruningItem(*pruned, graphs, epochs, criterion=criterion, first=first)
        for pruned in combinations(variants, targets, percents)
    ]


def seeds_from(first: int, count: int) -> range:
    """The seeds of `count` graphs."""
    graphs_in_reason(count, low=0)
    return range(first, first + count)


def known_families(families: Iterable[str]) -> tuple[str, ...]:
    """The families as a tuple; refuses names that are not registered."""
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
