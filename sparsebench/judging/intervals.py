"""Intervals for accuracies measured with several seeds on one set of strings.

Two errors are joined in quadrature on each side (MOVER, Zou and Donner 2008): Wilson's interval for an
accuracy on so many strings, and Student's for a mean over seeds. Both come from scipy.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean, stdev, variance

CONFIDENCE = 0.95

METHOD = "MOVER of Wilson (strings) and Student (seeds)"
METHOD_ONE_SEED = "Wilson (strings); one seed tells nothing of the spread between seeds"

Interval = tuple[float, float]


def accuracy_interval(
    accuracies: Sequence[float], strings: int, confidence: float = CONFIDENCE
) -> Interval | None:
    """The interval of the mean accuracy over seeds, for strings and seeds not yet drawn.

    Parameters
    ----------
    accuracies
        One per seed, 0-1.
    strings
        How many strings each was measured on; all seeds share them.
    confidence
        0-1.

    Returns
    -------
    tuple of float, or None
        Lower and upper bound, within 0 and 1; None for a single seed, whose spread is unknown.
    """
    if len(accuracies) < 2:
        return None
    mean, between = fmean(accuracies), _margin(accuracies, confidence)
    low, high = binomial_interval(mean, strings, confidence)
    return (
        max(0.0, mean - ((mean - low) ** 2 + between**2) ** 0.5),
        min(1.0, mean + ((high - mean) ** 2 + between**2) ** 0.5),
    )


def binomial_interval(accuracy: float, strings: int, confidence: float = CONFIDENCE) -> Interval:
    """Wilson's interval of an accuracy on so many strings: says nothing of other seeds."""
    from scipy.stats import binomtest

    right = round(accuracy * strings)
    found = binomtest(right, strings).proportion_ci(confidence, method="wilson")
    return float(found.low), float(found.high)


def difference_interval(
    old: Sequence[float], new: Sequence[float], confidence: float = CONFIDENCE
) -> Interval | None:
    """Student's interval of mean(new) - mean(old) for seeds that have nothing to do with each other.

    Both sides were measured on the same strings, whose error falls out of the difference. The spread
    between seeds is taken to be the same on both sides, as it is where nothing has changed.

    Parameters
    ----------
    old, new
        Accuracies, one per seed, 0-1.
    confidence
        0-1.

    Returns
    -------
    tuple of float, or None
        None where no side has two seeds.
    """
    freedom = len(old) + len(new) - 2
    if freedom < 1:
        return None
    squares = sum((len(side) - 1) * variance(side) for side in (old, new) if len(side) > 1)
    per_mean = squares / freedom * (1 / len(old) + 1 / len(new))
    between = student(freedom, confidence) * per_mean**0.5
    difference = fmean(new) - fmean(old)
    return difference - between, difference + between


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


def lower_by_rank(lower: Sequence[float], higher: Sequence[float], level: float) -> bool:
    """Whether some accuracies rank below others, by Mann and Whitney's test at a one-sided level.

    Accuracies of networks are skewed, some fall to chance; ranks are not moved by how far. Where there
    are too few to reach the level, all of the one must lie below all of the other.
    """
    from scipy.stats import mannwhitneyu

    if max(lower) < min(higher):
        return True
    return bool(mannwhitneyu(lower, higher, alternative="less").pvalue <= level)


def _margin(values: Sequence[float], confidence: float) -> float:
    """Half of Student's interval of the mean."""
    return student(len(values) - 1, confidence) * stdev(values) / len(values) ** 0.5


def student(freedom: int, confidence: float = CONFIDENCE) -> float:
    """The factor of Student's interval: half its width, in standard errors."""
    from scipy.stats import t

    return float(t.ppf((1 + confidence) / 2, freedom))
