"""Trends over network size: the fitted line, and a test of rise or fall within seeds."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

from sparsebench.judging.claims import judge_pairs
from sparsebench.judging.intervals import Interval, mean_interval

FEWEST_SIZES = 3
"""Fewest sizes for Page's test; with two sizes it is the sign test."""


def slope(
    points: Sequence[tuple[float, float]], confidence: float
) -> tuple[float, Interval | None]:
    """The slope of the line through points, with its interval (None for fewer than three points).

    If all points have the same x, the line goes from the origin through their mean.
    """
    from scipy.stats import linregress, t

    across, up = zip(*points, strict=True)
    if len(set(across)) < 2:
        ratios = [each / across[0] for each in up]
        return fmean(ratios), mean_interval(ratios, confidence)
    if len(set(up)) < 2:  # linregress gives no error for a level line
        return 0.0, (0.0, 0.0) if len(points) > 2 else None
    fitted = linregress(across, up)
    if len(points) < 3:
        return float(fitted.slope), None
    margin = float(t.ppf((1 + confidence) / 2, len(points) - 2) * fitted.stderr)
    return float(fitted.slope), (float(fitted.slope) - margin, float(fitted.slope) + margin)


def on_line(across: Sequence[float], up: Sequence[float], at: float) -> float:
    """The y value at `at` on the line through points."""
    from scipy.stats import linregress

    fitted = linregress(across, up)
    return float(fitted.intercept + fitted.slope * at)


def trend(rows: Sequence[Sequence[float]], confidence: float) -> tuple[str, str]:
    """Does a figure rise from each size to the next, within seeds? Judged by Page's exact test.

    Parameters
    ----------
    rows
        One row per seed: the figure at each size, smallest size first. Rows have equal lengths.
    confidence
        0-1; the remaining error is shared equally between rise and fall.

    Returns
    -------
    verdict : str
        `pass` if it rises, `fail` if it falls, else `inconclusive`.
    numbers : str
        The test's statistics, in words.

    References
    ----------
    Page, E. B. (1963). Ordered hypotheses for multiple treatments. Journal of the American Statistical
    Association 58.
    """
    from scipy.stats import page_trend_test

    sizes = len(rows[0])
    if sizes < 2:
        return "inconclusive", "one size tells no trend"
    if sizes < FEWEST_SIZES:
        found = judge_pairs([row[-1] - row[0] for row in rows], confidence)
        return found.verdict, f"from the smaller to the larger size: {found.numbers}"
    if len(rows) < 2:
        return "inconclusive", "one seed tells no trend"
    rises, falls = (
        float(page_trend_test([row[::step] for row in rows], method="exact").pvalue)
        for step in (1, -1)
    )
    chance = (1 - confidence) / 2
    verdict = "pass" if rises <= chance else "fail" if falls <= chance else "inconclusive"
    way, least = ("rising", rises) if rises < falls else ("falling", falls)
    return verdict, (
        f"Page's test over {sizes} sizes and {len(rows)} seeds: {way}, by chance {least:.2g}"
    )
