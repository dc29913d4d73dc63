"""How the records of a measurement are judged and compared: a choice of its experiment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from sparsebench.judging.bits import Pair, bits_change, by_one_arithmetic
from sparsebench.judging.change import Change, in_pairs
from sparsebench.judging.paired import Paired
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
    inexact
        Says whether the records of an item changed, where no arithmetic promises the same bits.
    paired
        Says whether figures got worse from one record of a case to the next; None: figures are not
        those of networks, and the same bits are never promised.
    inexact_in_pairs
        Whether `inexact` looks at the records that have a counterpart on both sides, and at no others.
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
    inexact: Comparing
    paired: Paired | None = None
    inexact_in_pairs: Callable[[Sequence[Record], Sequence[Record]], bool] = any_in_pairs
    figures: Callable[[Sequence[Record]], list[float]]
    interval: Callable[[Sequence[Record]], tuple[float, float] | None] = _no_interval
    statement: str
    replicated: bool = True
    of_the_machine: bool = False

    def change(
        self, old: Sequence[Record], new: Sequence[Record], one_sitting: bool = True
    ) -> Change:
        """Did an item change between two sets of its records?

        Records of the same cases by the same arithmetic must be the same. If all that are in pairs are
        such, nothing else is looked at.

        Parameters
        ----------
        old, new
            Records of one measurement, none empty, in any order of seeds.
        one_sitting
            Whether times of both sides were taken within an hour (`sparsebench.parts.machine.SITTING`).

        Returns
        -------
        Change
            The worst that was found, with its numbers.
        """
        exact, others = self._exact_pairs(old, new)
        if exact and self.paired is not None:
            found = bits_change(exact, self.paired)
            if found.kind != "unchanged" or not others:
                return found
        return self.inexact(old, new, one_sitting)

    def in_pairs(self, old: Sequence[Record], new: Sequence[Record]) -> bool:
        """Whether `change` looks at records that have a counterpart on both sides, and no others."""
        exact, others = self._exact_pairs(old, new)
        return (bool(exact) and not others) or self.inexact_in_pairs(old, new)

    def _exact_pairs(
        self, old: Sequence[Record], new: Sequence[Record]
    ) -> tuple[list[Pair], list[Pair]]:
        """The pairs that must be the same bit for bit, and the others."""
        pairs = in_pairs(old, new)
        if self.paired is None:
            return [], pairs
        exact = [pair for pair in pairs if by_one_arithmetic(pair)]
        return exact, [pair for pair in pairs if not by_one_arithmetic(pair)]


def metric(name: str) -> Callable[[Record], float | None]:
    """Takes a figure of a name from a record."""
    return lambda record: record.metrics.get(name)
