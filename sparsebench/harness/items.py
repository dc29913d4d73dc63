"""What items of several experiments share (`sparsebench.judging.item.BenchmarkItem`).

Any frozen dataclass with an item's members is an item; a project writes its own in a few lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from itertools import product
from typing import ClassVar

from sparsebench.judging.item import BenchmarkItem
from sparsebench.values.case import BaseCase
from sparsebench.values.checks import listed, one_of, refusal, reproducible, whole_number
from sparsebench.values.identity import Case
from sparsebench.values.protocol import CELL_TYPES, TARGETS, Architecture
from sparsebench.values.semantics import SEMANTICS

PERCENTS = tuple(range(10, 101, 10))


class PrunedItem:
    """The shared part of items of pruned networks: checks of the fields, and the id."""

    variant: str
    target: str
    percent: int
    semantics: str
    criterion: str

    targets: ClassVar[Sequence[str]] = TARGETS
    """Targets that such items can have."""

    def __post_init__(self) -> None:
        one_of("variant", self.variant, CELL_TYPES)
        one_of("target", self.target, self.targets)
        whole_number("percent", self.percent, 0, 100)
        one_of("semantics", self.semantics, SEMANTICS)

    @property
    def id(self) -> str:
        """The id inside the brackets of the pytest item."""
        own = "" if self.criterion == "magnitude" else f"-{self.criterion}"
        return f"{self.variant}-{self.target}-p{self.percent}{own}" + suffix(self.semantics)


def combinations(
    variants: Iterable[str], targets: Iterable[str], percents: Iterable[int]
) -> product[tuple[str, str, int]]:
    """All combinations of variants, targets and percentages.

    Raises
    ------
    TypeError
        If one of them is not a list.
    """
    return product(
        listed("variants", variants), listed("targets", targets), listed("percents", percents)
    )


def at_least(count: int, seeds: Sequence[int]) -> list[int]:
    """The seeds of a run, and as many after them as are missing to `count`; none if it has none."""
    more = range(seeds[-1] + 1, seeds[-1] + 1 + count - len(seeds)) if seeds else ()
    return [*seeds, *more]


def cases_of(item: BenchmarkItem, seeds: Sequence[int]) -> list[Case]:
    """The cases of an item, which may be a project's own.

    Raises
    ------
    TypeError
        If they are not a list.
    NotReproducible
        If a second call gives other cases, because then other networks would be trained than
        measured.
    """
    return reproducible(
        f"item {item.id}: cases(seeds) returned two different lists for the same seeds",
        lambda: _cases_of(item, seeds),
        list,
    )


def _cases_of(item: BenchmarkItem, seeds: Sequence[int]) -> list[Case]:
    found = item.cases(seeds)
    try:
        return [*listed(f"item {item.id}: what cases(seeds) returns", found)]
    except TypeError as error:
        raise refusal(error) from None


@cache
def base_case(variant: str, seed: int, semantics: str = "published") -> BaseCase:
    """The case of the thesis's base model of a variant and seed, trained for 50 epochs.

    Parameters
    ----------
    variant
        The cell type.
    seed
        Seed of the initial weights and of the orders of examples.
    semantics
        A name in `sparsebench.values.semantics.SEMANTICS`.

    Returns
    -------
    BaseCase
        Its case.

    Raises
    ------
    KeyError, TypeError, ValueError
        If a name does not exist, or the seed is not a whole number from 0.
    """
    return BaseCase(Architecture(variant), seed, SEMANTICS[semantics])


def check_criterion(criterion: str) -> None:
    """Refuse a name that is not in `sparsebench.parts.pruning.CRITERIA`.

    Raises
    ------
    ValueError
        With the valid names.
    """
    if criterion != "magnitude":
        from sparsebench.parts.pruning import CRITERIA  # imports numpy, which collecting avoids

        one_of("criterion", criterion, CRITERIA)


def suffix(semantics: str) -> str:
    """The end of an item's id: empty for the published semantics."""
    return "" if semantics == "published" else f"-{semantics}"
