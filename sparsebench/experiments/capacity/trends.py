"""Figures by size: the line through them, and whether they rise or fall, seed by seed."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

from sparsebench.judging.claims import judge_pairs
from sparsebench.judging.intervals import Interval, mean_interval

FEWEST_SIZES = 3
"""Page's test is of so many sizes or more; of two, it is the sign test."""


def slope(
    points: Sequence[tuple[float, float]], confidence: float
) -> tuple[float, Interval | None]:
    """The slope of the line through points, with its interval; none through less than three.

    Where all points have one abscissa, it is that of the line from the origin through their mean.
    """
    from scipy.stats import linregress, t

    across, up = zip(*points, strict=True)
    if len(set(across)) < 2:
        ratios = [each / across[0] for each in up]
        return fmean(ratios), mean_interval(ratios, confidence)
    if len(set(up)) < 2:  # of a level line, linregress does not know the error
        return 0.0, (0.0, 0.0) if len(points) > 2 else None
    fitted = linregress(across, up)
    if len(points) < 3:
        return float(fitted.slope), None
    margin = float(t.ppf((1 + confidence) / 2, len(points) - 2) * fitted.stderr)
    return float(fitted.slope), (float(fitted.slope) - margin, float(fitted.slope) + margin)


def on_line(across: Sequence[float], up: Sequence[float], at: float) -> float:
    """The height at an abscissa of the line through points."""
    from scipy.stats import linregress

    fitted = linregress(across, up)
    return float(fitted.intercept + fitted.slope * at)


def trend(rows: Sequence[Sequence[float]], confidence: float) -> tuple[str, str]:
    """Does a figure rise from one size to the next, seed by seed? By Page's exact test.

    Parameters
    ----------
    rows
        For each seed the figure of each size, the smallest first; as many of each.
    confidence
        0-1; either way is as likely to be wrong.

    Returns
    -------
    verdict : str
        `pass` if it rises, `fail` if it falls, else `inconclusive`.
    numbers : str
        What the test says.

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
