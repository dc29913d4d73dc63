"""Are figures worse than before, compared case by case?

Used where networks are known to differ: it tells whoever changed them whether they got worse, and
how many seeds would decide.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from statistics import fmean, stdev
from typing import Protocol

from sparsebench.judging.intervals import CONFIDENCE, mean_interval, student
from sparsebench.parts.records import Record

MOST_SEEDS = 1000
"""Larger numbers of seeds are not suggested."""


class Paired(Protocol):
    """Compares records of the same cases, given in the same order."""

    def __call__(self, old: Sequence[Record], new: Sequence[Record]) -> tuple[str, str]:
        """Return `worse`, `as good` or `undecided`, and the numbers in words."""


def compared(
    differences: Sequence[float], margin: float, far: float, told: Callable[[float], str]
) -> tuple[str, str]:
    """Judge paired differences by Student's interval of their mean; negative ones are worse.

    Parameters
    ----------
    differences
        One for each case.
    margin
        How much worse the mean may be and still count as equally good.
    far
        How much worse the mean may be by chance, however few differences there are.
    told
        Formats a difference.

    Returns
    -------
    verdict : str
        `worse` if the interval lies below 0 and the mean below -`margin`, or the mean below -`far`;
        `as good` if the interval lies above -`margin`, or nothing differs; otherwise `undecided`.
    numbers : str
        The mean, the interval, and how many seeds would decide.
    """
    if not any(differences):
        return "as good", "as good or better: exactly as before"
    mean, count = fmean(differences), len(differences)
    networks = "one network" if count == 1 else f"{count} networks on average"
    text, interval = f"{told(mean)} ({networks}", mean_interval(differences)
    if interval is not None:
        text += f", {CONFIDENCE:.0%} interval {told(interval[0])} to {told(interval[1])}"
    text += f", margin {told(-margin)})"
    if mean < -far:
        return "worse", f"worse: {text}, further than the {told(-far)} that chance explains"
    if interval is None:
        return "undecided", f"undecided: {text}, and one network does not show the spread"
    if interval[1] < 0 and mean < -margin:
        return "worse", f"worse: {text}"
    if interval[0] > -margin:
        return "as good", f"as good or better: {text}"
    return "undecided", f"undecided: {text}, {_seeds_needed(differences, margin)}"


def _seeds_needed(differences: Sequence[float], margin: float) -> str:
    """How many seeds would decide, if their spread and mean stayed as they are."""
    spread, mean = stdev(differences), fmean(differences)
    distance = mean + margin if mean >= -margin else -mean
    for count in range(len(differences) + 1, MOST_SEEDS + 1):
        if student(count - 1) * spread / math.sqrt(count) < distance:
            return f"about {count} seeds would decide"
    return f"more than {MOST_SEEDS} seeds would be needed"
