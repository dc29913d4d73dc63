"""Did networks on other tasks than the thesis's change? Judged by their losses, which all of them have.

A network beside itself was judged before (bits, weights kept, first losses: `change`). What is left is
whether it does worse where rounding differs, or other seeds were drawn: losses are compared as ratios.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import fmean, geometric_mean

from sparsebench.judging.intervals import Interval, difference_interval, mean_interval
from sparsebench.parts.records import Record

TASKS = ("task", "pruned_task", "generation")
"""Experiments that are judged here."""

WORSE = 1.1
"""By which factor losses may grow, on average, before anybody minds."""

MUCH_WORSE = 2.0
"""By which factor they may grow, on average, where a network is not the one that it was although
nothing rounds otherwise: however few there are, more is no matter of chance."""

SMALLEST = 1e-4
"""Below this, a loss is as good as this: of a string that is learned by heart, it says nothing."""


def loss_of(record: Record) -> float:
    """What is compared: the loss, or of written strings the share that is not grammatical."""
    if record.experiment == "generation":
        return max(1 - record.metrics["grammatical"], 1e-2)
    return max(record.metrics["loss"], SMALLEST)


SAME_FIGURE = 0.01
"""By which share of itself a figure of the same weights may differ: rounding moves a few answers."""


def other_figure(was: Record, now: Record) -> str:
    """What the same weights are said to do otherwise than before, over all that is told of them."""
    for name in sorted(was.metrics.keys() | now.metrics.keys()):
        before, after = was.metrics.get(name), now.metrics.get(name)
        if before is None or after is None or not _close(before, after):
            return f"{name} is {after}, expected {before}"
    return ""


def worse_figure(was: Record, now: Record) -> str:
    """By how much the same weights do worse than before, if by more than rounding; else nothing."""
    before, after = loss_of(was), loss_of(now)
    if after <= before or _close(before, after):
        return ""
    name = "grammatical" if now.experiment == "generation" else "loss"
    return f"{name} is {now.metrics[name]:g}, expected {was.metrics[name]:g}"


def much_worse(old: Sequence[Record], new: Sequence[Record]) -> bool:
    """Whether networks that are not the ones they were lose more than chance explains."""
    ratios = [loss_of(now) / loss_of(was) for was, now in zip(old, new, strict=True)]
    return geometric_mean(ratios) > MUCH_WORSE


def _close(before: float, after: float) -> bool:
    return math.isclose(before, after, rel_tol=SAME_FIGURE, abs_tol=1e-3)


def losses_change(
    old: Sequence[Record], new: Sequence[Record], paired: bool, confidence: float
) -> tuple[str, str]:
    """Are losses larger than they were?

    Parameters
    ----------
    old, new
        Records of one experiment.
    paired
        Whether each new one is of the same case as the old one in its place; else they are two samples.
    confidence
        That is wanted before anything is said to have changed.

    Returns
    -------
    kind : str
        `unchanged`, `improved`, `regressed`, or `undecided` where there are too few.
    reason : str
        The numbers.
    """
    was, now = ([math.log(loss_of(each)) for each in side] for side in (old, new))
    interval: Interval | None
    if paired:
        differences = [after - before for before, after in zip(was, now, strict=True)]
        interval, middle = mean_interval(differences, confidence), fmean(differences)
    else:
        interval, middle = difference_interval(was, now, confidence), fmean(now) - fmean(was)
    text = f"losses {math.exp(middle):.3f} times as large on average, {len(now)} networks"
    if interval is None:
        return "undecided", f"{text}; one tells nothing of the spread"
    low, high = (math.exp(bound) for bound in interval)
    text += f", {confidence:.2%} interval {low:.3f} to {high:.3f}, allowed {WORSE}"
    if low > 1 and math.exp(middle) > WORSE:
        return "regressed", text
    if high < 1 and math.exp(middle) < 1 / WORSE:
        return "improved", text
    return "unchanged", text
