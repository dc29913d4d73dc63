"""The policy of a measurement: how its records are judged and compared."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from sparsebench.judging.bits import Pair, bits_change, by_one_arithmetic
from sparsebench.judging.change import Change, in_pairs
from sparsebench.judging.paired import Paired
from sparsebench.parts.records import Record

Unit = Literal["points", "percent", ""]
"""What movements of a figure are told in: points of a share, percent of what it was, or as they are."""


class Comparing(Protocol):
    """Compares two sets of records of one measurement."""

    def __call__(
        self, old: Sequence[Record], new: Sequence[Record], same_run: bool = True
    ) -> Change:
        """Compare; `same_run` tells whether times of both sides were taken in one run."""


def any_in_pairs(old: Sequence[Record], new: Sequence[Record]) -> bool:
    """Whether both sides have records of the same case."""
    return bool(in_pairs(old, new))


def _no_interval(records: Sequence[Record]) -> None:
    return None


@dataclass(frozen=True, kw_only=True)
class Policy:
    """How the records of a measurement are judged and compared.

    Attributes
    ----------
    figure
        Name of the main figure.
    figure_of
        Takes it from a record; None if the record has none.
    inexact
        Judges whether an item's records changed, where no arithmetic promises the same bits.
    paired
        Judges whether figures got worse, by pairs of records of the same case. None: the figures
        are not those of networks, and equal bits are never required.
    inexact_in_pairs
        Whether `inexact` looks only at records of cases that both sides have.
    figures
        The figures that a verdict shows.
    interval
        The interval of these figures that a verdict shows; None: no interval.
    statement
        What the verdict says was expected.
    replicated
        Whether records of other seeds are comparable (replicates).
    unit
        What movements of the main figure are told in: `points` for shares from 0 to 1, `percent` for
        ratios and losses, nothing for a plain difference.
    larger_is
        Whether a larger main figure is `better`, `worse` or `neither`.
    of_the_machine
        Whether the figures depend on the kind of machine, as times do. Such records are stored
        separately, and compared within one kind of machine only.
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
    unit: Unit = ""
    larger_is: Literal["better", "worse", "neither"] = "better"
    of_the_machine: bool = False

    def change(self, old: Sequence[Record], new: Sequence[Record], same_run: bool = True) -> Change:
        """Did an item change between two sets of its records?

        Records of the same case that were made by the same arithmetic must be identical. If every
        pair is of this kind, nothing else is compared.

        Parameters
        ----------
        old, new
            Records of one measurement, in any order of seeds; neither side is empty.
        same_run
            Whether times of both sides were taken within an hour
            (`sparsebench.parts.machine.SAME_RUN_WITHIN`).

        Returns
        -------
        Change
            The worst finding, with its numbers.
        """
        exact, others = self._exact_pairs(old, new)
        if exact and self.paired is not None:
            found = bits_change(exact, self.paired)
            if found.kind != "unchanged" or not others:
                return found
        return self.inexact(old, new, same_run)

    def in_pairs(self, old: Sequence[Record], new: Sequence[Record]) -> bool:
        """Whether `change` looks only at records of cases that both sides have."""
        exact, others = self._exact_pairs(old, new)
        return (bool(exact) and not others) or self.inexact_in_pairs(old, new)

    def _exact_pairs(
        self, old: Sequence[Record], new: Sequence[Record]
    ) -> tuple[list[Pair], list[Pair]]:
        """The pairs that must agree bit for bit, and the others."""
        pairs = in_pairs(old, new)
        if self.paired is None:
            return [], pairs
        exact = [pair for pair in pairs if by_one_arithmetic(pair)]
        return exact, [pair for pair in pairs if not by_one_arithmetic(pair)]


def metric(name: str) -> Callable[[Record], float | None]:
    """Return a function that takes the metric of this name from a record, or None."""
    return lambda record: record.metrics.get(name)
