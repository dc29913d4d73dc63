"""Cells: what one pytest item measures, over all its seeds.

Any frozen dataclass with the members of `Cell` is one; a project brings its own in a few lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Protocol

from sparsebench.values.case import TARGETS, BaseCase, OnsetCase, PruningCase
from sparsebench.values.checks import listed, one_of, reproducible, whole_number
from sparsebench.values.identity import Case
from sparsebench.values.protocol import VARIANTS, Architecture
from sparsebench.values.semantics import SEMANTICS

PERCENTS = tuple(range(10, 101, 10))


class Cell(Protocol):
    """What the plugin asks of a cell; a dataclass, so that its semantics can be replaced."""

    @property
    def id(self) -> str:
        """The id inside the brackets of the pytest item: lower case, dashes, no dot."""

    @property
    def semantics(self) -> str:
        """A name in `sparsebench.values.semantics.SEMANTICS`."""

    def cases(self, seeds: Sequence[int]) -> list[Case]:
        """What to measure, the first seed first."""


@dataclass(frozen=True)
class BaseCell:
    """A dense base model of one variant, and the first steps of its training."""

    variant: str
    semantics: str = "published"

    def __post_init__(self) -> None:
        one_of("variant", self.variant, VARIANTS)
        one_of("semantics", self.semantics, SEMANTICS)

    @property
    def id(self) -> str:
        """The id inside the brackets of the pytest item."""
        return self.variant + suffix(self.semantics)

    def cases(self, seeds: Sequence[int]) -> list[Case]:
        """One fully trained model per seed, and the onset of the first seed's training."""
        bases: list[Case] = [base_case(self.variant, seed, self.semantics) for seed in seeds]
        return [*bases, OnsetCase(base_case(self.variant, seeds[0], self.semantics))]


class PrunedCell:
    """What cells of pruned networks share: checks of what is pruned, and the id that tells it."""

    variant: str
    target: str
    percent: int
    semantics: str
    criterion: str

    def __post_init__(self) -> None:
        one_of("variant", self.variant, VARIANTS)
        one_of("target", self.target, TARGETS)
        whole_number("percent", self.percent, 0, 100)
        one_of("semantics", self.semantics, SEMANTICS)

    @property
    def id(self) -> str:
        """The id inside the brackets of the pytest item."""
        own = "" if self.criterion == "magnitude" else f"-{self.criterion}"
        return f"{self.variant}-{self.target}-p{self.percent}{own}" + suffix(self.semantics)


@dataclass(frozen=True)
class PruningCell(PrunedCell):
    """Trained models of one variant with one target pruned by one percentage."""

    variant: str
    target: str
    percent: int
    semantics: str = "published"
    criterion: str = "magnitude"

    def cases(self, seeds: Sequence[int]) -> list[Case]:
        """One pruned model per seed."""
        return [
            PruningCase(
                base_case(self.variant, seed, self.semantics),
                self.target,
                self.percent,
                self.criterion,
            )
            for seed in seeds
        ]


def base_cells(variants: Iterable[str] = VARIANTS) -> list[BaseCell]:
    """The thesis's base models (section 6.1): one cell per variant.

    Raises
    ------
    TypeError, ValueError
        If the variants are no list, or one of them does not exist.
    """
    return [BaseCell(variant) for variant in listed("variants", variants)]


def pruning_cells(
    variants: Iterable[str] = VARIANTS,
    targets: Iterable[str] = TARGETS,
    percents: Iterable[int] = PERCENTS,
    criterion: str = "magnitude",
) -> list[PruningCell]:
    """The thesis's pruning experiment (section 6.2): one cell per variant, target and percentage.

    Parameters
    ----------
    variants, targets, percents
        Which ones; the thesis's by default.
    criterion
        A name in `sparsebench.parts.pruning.CRITERIA`.

    Raises
    ------
    TypeError, ValueError
        If one of them is no list, or does not exist.
    """
    check_criterion(criterion)
    return [
        PruningCell(*pruned, criterion=criterion)
        for pruned in combinations(variants, targets, percents)
    ]


def combinations(
    variants: Iterable[str], targets: Iterable[str], percents: Iterable[int]
) -> product[tuple[str, str, int]]:
    """What is pruned: every variant, target and percentage.

    Raises
    ------
    TypeError
        If one of them is no list.
    """
    return product(
        listed("variants", variants), listed("targets", targets), listed("percents", percents)
    )


def cases_of(cell: Cell, seeds: Sequence[int]) -> list[Case]:
    """The cases of a cell, which may be a project's own.

    Raises
    ------
    TypeError
        If they are no list.
    NotReproducible
        If they are others when asked for again: other networks would be trained than are measured.
    """
    return reproducible(
        f"cell {cell.id}: cases(seeds) gave two different lists for the same seeds",
        lambda: [*listed(f"cell {cell.id}: what cases(seeds) returns", cell.cases(seeds))],
        list,
    )


@cache
def base_case(variant: str, seed: int, semantics: str) -> BaseCase:
    """The thesis's base model of a variant and seed, trained for 50 epochs."""
    return BaseCase(Architecture(variant), seed, SEMANTICS[semantics])


def check_criterion(criterion: str) -> None:
    """Refuse a name that is not in `sparsebench.parts.pruning.CRITERIA`.

    Raises
    ------
    ValueError
        With the names that are.
    """
    if criterion != "magnitude":
        from sparsebench.parts.pruning import CRITERIA  # numpy, which collecting can do without

        one_of("criterion", criterion, CRITERIA)


def suffix(semantics: str) -> str:
    """What an id ends with under other than the published semantics."""
    return "" if semantics == "published" else f"-{semantics}"
