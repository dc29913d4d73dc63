"""Intervals for accuracies measured with several seeds on one set of strings."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean, stdev

CONFIDENCE = 0.95

Interval = tuple[float, float]


def accuracy_interval(accuracies: Sequence[float], strings: int) -> Interval | None:
    """The interval of the mean accuracy over seeds, for strings and seeds not yet drawn.

    Two errors are joined in quadrature on each side (MOVER, Zou and Donner 2008): Wilson's interval
    for the mean accuracy on `strings` strings, which all seeds share, and Student's interval for the
    mean between seeds. The result stays within 0 and 1.

    Parameters
    ----------
    accuracies
        One per seed, 0-1.
    strings
        How many strings each was measured on.

    Returns
    -------
    tuple of float, or None
        Lower and upper bound at `CONFIDENCE`; None for a single seed, whose spread is unknown.
    """
    if len(accuracies) < 2:
        return None
    from scipy.stats import binomtest

    mean, between = fmean(accuracies), _margin(accuracies)
    wilson = binomtest(round(mean * strings), strings).proportion_ci(CONFIDENCE, method="wilson")
    low = mean - ((mean - wilson.low) ** 2 + between**2) ** 0.5
    high = mean + ((wilson.high - mean) ** 2 + between**2) ** 0.5
    return max(0.0, float(low)), min(1.0, float(high))


def difference_interval(
    old: Sequence[float], new: Sequence[float], strings: int
) -> Interval | None:
    """The interval of mean(new) - mean(old), from the interval of each (MOVER).

    Parameters
    ----------
    old, new
        Accuracies, one per seed, 0-1.
    strings
        How many strings each was measured on.

    Returns
    -------
    tuple of float, or None
        None where one side has a single seed.
    """
    before, after = accuracy_interval(old, strings), accuracy_interval(new, strings)
    if before is None or after is None:
        return None
    difference = fmean(new) - fmean(old)
    down = ((fmean(new) - after[0]) ** 2 + (before[1] - fmean(old)) ** 2) ** 0.5
    up = ((after[1] - fmean(new)) ** 2 + (fmean(old) - before[0]) ** 2) ** 0.5
    return difference - down, difference + up


def mean_interval(values: Sequence[float], confidence: float = CONFIDENCE) -> Interval | None:
    """Student's interval of the mean of values that were drawn independently.

    Returns
    -------
    tuple of float, or None
        Lower and upper bound; None for a single value, whose spread is unknown.
    """
    if len(values) < 2:
        return None
    margin = _margin(values, confidence)
    return fmean(values) - margin, fmean(values) + margin


def _margin(values: Sequence[float], confidence: float = CONFIDENCE) -> float:
    """Half of Student's interval of the mean."""
    from scipy.stats import t

    quantile = float(t.ppf((1 + confidence) / 2, len(values) - 1))
    return quantile * stdev(values) / len(values) ** 0.5
