"""Did losses change between two sets of records? They are compared as ratios.

A network beside itself is judged by its bits, its weights kept and its first losses before. What is
left is whether it does worse where rounding differs, or other seeds were drawn.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean, geometric_mean

from sparsebench.judging.change import (
    GATE_CONFIDENCE,
    Change,
    first_other,
    in_pairs,
    of_same_weights,
)
from sparsebench.judging.intervals import Interval, difference_interval, mean_interval
from sparsebench.judging.paired import compared
from sparsebench.judging.policy import Policy, metric
from sparsebench.parts.records import Record

WORSE = 1.1
"""By which factor losses may grow, on average, before anybody minds."""

MUCH_WORSE = 2.0
"""By which factor they may grow, on average, where a network is not the one that it was although
nothing rounds otherwise: however few there are, more is no matter of chance."""

SMALLEST = 1e-4
"""Below this, a loss is as good as this: of a string that is learned by heart, it says nothing."""

SAME_FIGURE = 0.01
"""By which share of itself a figure of the same weights may differ: rounding moves a few answers."""


def loss_of(record: Record) -> float:
    """A record's loss, or `SMALLEST` if it is less."""
    return max(record.metrics["loss"], SMALLEST)


@dataclass(frozen=True)
class Losses:
    """Compares records by a loss.

    Attributes
    ----------
    metric
        The figure that tells of it.
    of
        The loss of a record, above 0; the larger, the worse.
    """

    metric: str = "loss"
    of: Callable[[Record], float] = loss_of

    def __call__(
        self, old: Sequence[Record], new: Sequence[Record], one_sitting: bool = True
    ) -> Change:
        """Each network beside itself if there are such, else two groups of replicates."""
        pairs = in_pairs(old, new)
        if not pairs:
            return Change(*self.compared(old, new, False, GATE_CONFIDENCE))
        same = of_same_weights(pairs)
        whole = len(same) == len(pairs)
        text = f"{len(same)} of the same trained weights"
        if fallen := [other for pair in same if (other := self._worse(*pair))]:
            return Change("regressed", f"{fallen[0]} ({text})", same_weights=whole)
        before, after = [was for was, _ in pairs], [now for _, now in pairs]
        losses = Change(*self.compared(before, after, True, GATE_CONFIDENCE))
        if other := first_other(pairs):
            worse = losses.kind == "regressed" or self._much_worse(before, after)
            return Change("regressed" if worse else "changed", f"{other}; {losses.reason}")
        if losses.kind != "regressed" and (
            others := [other for pair in same if (other := other_figure(*pair))]
        ):
            return Change("changed", f"{others[0]} ({text})", same_weights=whole)
        return Change("unchanged", text, same_weights=True) if whole else losses

    def _worse(self, was: Record, now: Record) -> str:
        """By how much the same weights do worse than before, if by more than rounding; else nothing."""
        before, after = self.of(was), self.of(now)
        if after <= before or _close(before, after):
            return ""
        figures = [each.metrics[self.metric] for each in (now, was)]
        return f"{self.metric} is {figures[0]:g}, expected {figures[1]:g}"

    def paired(self, old: Sequence[Record], new: Sequence[Record]) -> tuple[str, str]:
        """Whether losses got worse, case by case (`sparsebench.judging.paired.Paired`)."""
        ratios = [math.log(self.of(was) / self.of(now)) for was, now in zip(old, new, strict=True)]
        what = "loss" if self.metric == "loss" else f"not {self.metric}:"
        return compared(
            ratios,
            math.log(WORSE),
            math.log(MUCH_WORSE),
            lambda each: f"{what} x {math.exp(-each):.3f}",
        )

    def _much_worse(self, old: Sequence[Record], new: Sequence[Record]) -> bool:
        """Whether networks that are not the ones they were lose more than chance explains."""
        ratios = [self.of(now) / self.of(was) for was, now in zip(old, new, strict=True)]
        return geometric_mean(ratios) > MUCH_WORSE

    def compared(
        self, old: Sequence[Record], new: Sequence[Record], paired: bool, confidence: float
    ) -> tuple[str, str]:
        """Are losses larger than they were?

        Parameters
        ----------
        old, new
            Records of one experiment.
        paired
            Whether each new one is of the same case as the old one in its place; else they are two
            samples.
        confidence
            That is wanted before anything is said to have changed.

        Returns
        -------
        kind : str
            `unchanged`, `improved`, `regressed`, or `undecided` where there are too few.
        reason : str
            The numbers.
        """
        was, now = ([math.log(self.of(each)) for each in side] for side in (old, new))
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


def other_figure(was: Record, now: Record) -> str:
    """What the same weights are said to do otherwise than before, over all that is told of them."""
    for name in sorted(was.metrics.keys() | now.metrics.keys()):
        before, after = was.metrics.get(name), now.metrics.get(name)
        if before is None or after is None or not _close(before, after):
            return f"{name} is {after}, expected {before}"
    return ""


def _close(before: float, after: float) -> bool:
    return math.isclose(before, after, rel_tol=SAME_FIGURE, abs_tol=1e-3)


LOSSES = Policy(
    figure="loss",
    figure_of=metric("loss"),
    inexact=Losses(),
    paired=Losses().paired,
    figures=lambda records: [loss_of(each) for each in records],
    statement="losses are those of the baseline",
)
"""Losses of networks on tasks."""
