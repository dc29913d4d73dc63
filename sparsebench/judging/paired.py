"""Are figures worse than before, each beside that of the same case?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import fmean, stdev
from typing import Protocol

from sparsebench.judging.intervals import CONFIDENCE, mean_interval, student
from sparsebench.parts.records import Record

MOST_SEEDS = 1000
"""More than so many seeds nobody trains."""


class Paired(Protocol):
    """Compares the records of the same cases, in the same order."""

    def __call__(self, old: Sequence[Record], new: Sequence[Record]) -> tuple[str, str]:
        """`worse`, `as good` or `undecided`, and the numbers in words."""


def compared(differences: Sequence[float], margin: float, what: str) -> tuple[str, str]:
    """Judge paired differences, of which negative ones are worse, by Student's interval of their mean.

    Parameters
    ----------
    differences
        One for each case.
    margin
        By how much the mean may be worse and still be as good.
    what
        What differs, for the numbers.

    Returns
    -------
    verdict : str
        `worse` if the interval lies below 0 and the mean below the margin, `as good` if it lies above
        the margin, else `undecided`.
    numbers : str
        The mean, the interval, and how many seeds would decide.
    """
    mean = fmean(differences)
    text = f"{what} {mean:+.4f} on average"
    interval = mean_interval(differences)
    if interval is None:
        return "undecided", f"{text}; one network tells nothing of the spread"
    text += f", {CONFIDENCE:.0%} interval {interval[0]:+.4f} to {interval[1]:+.4f}"
    if interval[1] < 0 and mean < -margin:
        return "worse", f"{text}: worse by more than {margin:g}"
    if interval[0] > -margin:
        return "as good", f"{text}: as good, within {margin:g}"
    return "undecided", f"{text}: undecided, {_seeds_wanted(differences, margin)}"


def _seeds_wanted(differences: Sequence[float], margin: float) -> str:
    """How many seeds would decide, if they spread as these do around the same mean."""
    spread, mean = stdev(differences), fmean(differences)
    distance = abs(mean + margin)
    for count in range(len(differences) + 1, MOST_SEEDS + 1):
        if student(count - 1) * spread / math.sqrt(count) < distance:
            return f"about {count} seeds would decide"
    return f"more than {MOST_SEEDS} seeds would be needed"
