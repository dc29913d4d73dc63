"""Are figures worse than before, each beside that of the same case?

Asked where networks are known to be other ones: whoever changed them wants to know whether they got
worse, and how many seeds it takes to tell.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
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


def compared(
    differences: Sequence[float], margin: float, far: float, told: Callable[[float], str]
) -> tuple[str, str]:
    """Judge paired differences, of which negative ones are worse, by Student's interval of their mean.

    Parameters
    ----------
    differences
        One for each case.
    margin
        By how much the mean may be worse and still be as good.
    far
        By how much the mean may be worse by chance, however few there are.
    told
        A difference in words.

    Returns
    -------
    verdict : str
        `worse` if the interval lies below 0 and the mean below the margin, or the mean is worse by more
        than `far`; `as good` if the interval lies above the margin, or nothing differs; else
        `undecided`.
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
        return "undecided", f"undecided: {text}, and one network tells nothing of the spread"
    if interval[1] < 0 and mean < -margin:
        return "worse", f"worse: {text}"
    if interval[0] > -margin:
        return "as good", f"as good or better: {text}"
    return "undecided", f"undecided: {text}, {_seeds_wanted(differences, margin)}"


def _seeds_wanted(differences: Sequence[float], margin: float) -> str:
    """How many seeds would decide, if they spread as these do around the same mean."""
    spread, mean = stdev(differences), fmean(differences)
    distance = mean + margin if mean >= -margin else -mean
    for count in range(len(differences) + 1, MOST_SEEDS + 1):
        if student(count - 1) * spread / math.sqrt(count) < distance:
            return f"about {count} seeds would decide"
    return f"more than {MOST_SEEDS} seeds would be needed"
