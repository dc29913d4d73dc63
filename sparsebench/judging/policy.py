"""How the records of a measurement are judged and compared: a choice of its experiment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from sparsebench.judging.change import Change, in_pairs
from sparsebench.parts.records import Record


class Comparing(Protocol):
    """Compares two sets of records of one measurement."""

    def __call__(
        self, old: Sequence[Record], new: Sequence[Record], one_sitting: bool = True
    ) -> Change:
        """Compare; times of both sides may have been taken in one run or not."""


def any_in_pairs(old: Sequence[Record], new: Sequence[Record]) -> bool:
    """Whether some records of both sides are of the same cases."""
    return bool(in_pairs(old, new))


def _no_interval(records: Sequence[Record]) -> None:
    return None


@dataclass(frozen=True, kw_only=True)
class Policy:
    """How records are judged and compared.

    Attributes
    ----------
    figure
        What their main figure is called.
    figure_of
        Takes it from a record; None where it has none.
    change
        Says whether the records of an item changed.
    in_pairs
        Whether `change` looks at the records that have a counterpart on both sides, and at no others.
    figures
        What a verdict shows of some records.
    interval
        Of these figures, where a verdict shows one.
    statement
        What a verdict says that was expected.
    replicated
        Whether seeds are drawn from one population, so that other seeds say something of these.
    of_the_machine
        Whether figures are those of the kind of machine, such as times: kept apart, and compared within
        one kind only.
    """

    figure: str
    figure_of: Callable[[Record], float | None]
    change: Comparing
    in_pairs: Callable[[Sequence[Record], Sequence[Record]], bool] = any_in_pairs
    figures: Callable[[Sequence[Record]], list[float]]
    interval: Callable[[Sequence[Record]], tuple[float, float] | None] = _no_interval
    statement: str
    replicated: bool = True
    of_the_machine: bool = False


def metric(name: str) -> Callable[[Record], float | None]:
    """Takes a figure of a name from a record."""
    return lambda record: record.metrics.get(name)
