"""Confidence intervals of shares and means, each chosen for its measured coverage.

*Shares* of seeds, or of pairs, for which a claim is true have the exact interval of Clopper and
Pearson.

*Means* that a claim is about have the bootstrap-t interval. Accuracies of networks are skewed,
because some fall to chance level, and Student's interval of few values misses the mean on one side:
on the stored replicates it covers less often than its nominal level (`python -m
validation.statistics.measure_coverage`, docs/design/gate.md).

*Accuracies* that are only shown combine two errors in quadrature on each side (MOVER, Zou and
Donner 2008): Wilson's interval of an accuracy on a number of strings, and Student's interval of a
mean over seeds. No claim is judged by them.

References
----------
Clopper, C. J., Pearson, E. S. (1934). The use of confidence or fiducial limits. Biometrika 26.
Efron, B., Tibshirani, R. J. (1993). An introduction to the bootstrap, chapter 12.5.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from statistics import fmean, stdev, variance
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

CONFIDENCE = 0.95

FEWEST_VALUES = 12
"""Fewest values for which the interval of a mean was measured to have about its nominal coverage."""

RESAMPLES = 9999
"""Bootstrap resamples: the smallest number that gives a 99.98 % interval."""

METHOD = "MOVER of Wilson (strings) and Student (seeds)"
METHOD_ONE_SEED = "Wilson (strings); one seed does not show the spread between seeds"

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
        Strings that each was measured on; all seeds share them.
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


@lru_cache(maxsize=4096)
def binomial_interval(accuracy: float, strings: int, confidence: float = CONFIDENCE) -> Interval:
    """Wilson's interval of an accuracy on a number of strings; it does not cover other seeds."""
    from scipy.special import ndtri  # half a second less than scipy.stats, in every run that judges

    share, squared = round(accuracy * strings) / strings, float(ndtri((1 + confidence) / 2)) ** 2
    middle = share + squared / (2 * strings)
    apart = (squared * (share * (1 - share) + squared / (4 * strings)) / strings) ** 0.5
    low, high = ((middle + sign * apart) / (1 + squared / strings) for sign in (-1, 1))
    return (low if share else 0.0), (high if share < 1 else 1.0)


def difference_interval(
    old: Sequence[float], new: Sequence[float], confidence: float = CONFIDENCE
) -> Interval | None:
    """Student's interval of mean(new) - mean(old) for unrelated seeds.

    Both sides were measured on the same strings, so the strings' error cancels. The spread between
    seeds is taken to be equal on both sides, as it is if nothing changed.

    Parameters
    ----------
    old, new
        Accuracies, one per seed, 0-1.
    confidence
        0-1.

    Returns
    -------
    tuple of float, or None
        Lower and upper bound; None if neither side has two seeds.
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
    """Student's interval of the mean of independent values.

    Returns
    -------
    tuple of float, or None
        Lower and upper bound; None for a single value, whose spread is unknown.
    """
    if len(values) < 2:
        return None
    margin = _margin(values, confidence)
    return fmean(values) - margin, fmean(values) + margin


def share_interval(true: int, of: int, confidence: float = CONFIDENCE) -> Interval:
    """Clopper and Pearson's interval of a share: its coverage is at least the confidence, whatever the
    share.

    Parameters
    ----------
    true, of
        A statement is true in `true` out of `of` trials; `of` is at least 1.
    confidence
        0-1.
    """
    from scipy.special import betaincinv

    outside = (1 - confidence) / 2
    low = float(betaincinv(true, of - true + 1, outside)) if true else 0.0
    high = float(betaincinv(true + 1, of - true, 1 - outside)) if true < of else 1.0
    return low, high


def covering_interval(values: Sequence[float], confidence: float = CONFIDENCE) -> Interval | None:
    """The bootstrap-t interval of the mean of independent values.

    Returns
    -------
    tuple of float, or None
        Lower and upper bound; None with fewer than `FEWEST_VALUES`.
    """
    return bootstrap_interval(values, confidence) if len(values) >= FEWEST_VALUES else None


def bootstrap_interval(
    values: Sequence[float], confidence: float = CONFIDENCE, resamples: int = RESAMPLES
) -> Interval:
    """The bootstrap-t interval of the mean of two or more values; infinite if these are too few.

    The resamples come from a fixed stream: equal values give equal bounds.
    """
    import numpy as np

    given = np.asarray(values, np.float64)
    mean = float(given.mean())
    error = given.std(ddof=1) / len(given) ** 0.5
    if error == 0:
        return mean, mean
    drawn = given[_resamples(len(given), resamples)]
    moved = drawn.mean(axis=1) - mean
    errors = drawn.std(axis=1, ddof=1) / len(given) ** 0.5
    level = errors > 1e-9 * error  # a resample of equal values has no error
    ratios = np.where(level, moved / np.where(level, errors, 1.0), np.copysign(np.inf, moved))
    ratios.sort()
    outside = max(1, int((1 - confidence) / 2 * (resamples + 1) + 1e-9))
    low, high = ratios[resamples - outside] * error, ratios[outside - 1] * error
    return mean - float(low), mean - float(high)


@lru_cache(maxsize=4)
def _resamples(count: int, resamples: int) -> np.ndarray:
    """For each resample, the indices of the values it draws."""
    from sparsebench.values.seeding import stream

    return stream("bootstrap", count, resamples).randint(0, count, (resamples, count))


def lower_by_rank(lower: Sequence[float], higher: Sequence[float], level: float) -> bool:
    """Whether some accuracies rank below others (Mann-Whitney test at a one-sided level).

    Accuracies of networks are skewed, because some fall to chance level; ranks do not depend on how
    far they fall. With too few values to reach the level, all of one side must lie below all of the
    other.
    """
    # plain without the test, which takes long to import
    if max(lower) < min(higher):
        return True
    if min(lower) >= max(higher):
        return False
    from scipy.stats import mannwhitneyu

    return bool(mannwhitneyu(lower, higher, alternative="less").pvalue <= level)


def _margin(values: Sequence[float], confidence: float) -> float:
    """Half the width of Student's interval of the mean."""
    return student(len(values) - 1, confidence) * stdev(values) / len(values) ** 0.5


@lru_cache(maxsize=256)
def student(freedom: int, confidence: float = CONFIDENCE) -> float:
    """Student's factor: half the width of the interval, in standard errors."""
    from scipy.special import stdtrit

    return float(stdtrit(freedom, (1 + confidence) / 2))
