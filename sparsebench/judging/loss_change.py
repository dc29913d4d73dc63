"""Did losses change between two sets of records? Losses are compared as ratios.

For the same case, bits, numbers of weights and first losses are compared before. What remains is
whether losses are larger where rounding differs, or where other seeds were drawn.
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
"""Factor by which losses may grow, on average, before it counts."""

MUCH_WORSE = 2.0
"""Factor by which losses may grow, on average, where a network differs although the rounding is the
same. However few networks there are, more is not explained by chance."""

SMALLEST = 1e-4
"""Smaller losses are taken as this: on a string that is learned by heart, they carry no information."""

SAME_FIGURE = 0.01
"""Relative difference allowed in a figure of the same weights: rounding changes a few answers."""


def loss_of(record: Record) -> float:
    """A record's loss, but at least `SMALLEST`."""
    return max(record.metrics["loss"], SMALLEST)


@dataclass(frozen=True)
class Losses:
    """Compares records by a loss.

    Attributes
    ----------
    metric
        The metric that the loss is derived from.
    of
        The loss of a record, above 0; larger is worse.
    """

    metric: str = "loss"
    of: Callable[[Record], float] = loss_of

    def __call__(
        self, old: Sequence[Record], new: Sequence[Record], same_run: bool = True
    ) -> Change:
        """Compare records of the same cases in pairs; without any, the two groups of replicates."""
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
            kind = "regressed" if worse else "changed"
            return Change(kind, f"{other}; {losses.what}", losses.sure)
        if losses.kind != "regressed" and (
            others := [other for pair in same if (other := other_figure(*pair))]
        ):
            return Change("changed", f"{others[0]} ({text})", same_weights=whole)
        return Change("unchanged", text, same_weights=True) if whole else losses

    def _worse(self, was: Record, now: Record) -> str:
        """How the same weights got worse by more than rounding, in words; else empty."""
        before, after = self.of(was), self.of(now)
        if after <= before or _close(before, after):
            return ""
        figures = [each.metrics[self.metric] for each in (now, was)]
        return f"{self.metric} is {figures[0]:g}, expected {figures[1]:g}"

    def paired(self, old: Sequence[Record], new: Sequence[Record]) -> tuple[str, str]:
        """Judge whether losses got worse, case by case (`sparsebench.judging.paired.Paired`)."""
        ratios = [math.log(self.of(was) / self.of(now)) for was, now in zip(old, new, strict=True)]
        what = "loss" if self.metric == "loss" else f"not {self.metric}:"
        return compared(
            ratios,
            math.log(WORSE),
            math.log(MUCH_WORSE),
            lambda each: f"{what} x {math.exp(-each):.3f}",
        )

    def _much_worse(self, old: Sequence[Record], new: Sequence[Record]) -> bool:
        """Whether networks that differ from before lose more than chance explains."""
        ratios = [self.of(now) / self.of(was) for was, now in zip(old, new, strict=True)]
        return geometric_mean(ratios) > MUCH_WORSE

    def compared(
        self, old: Sequence[Record], new: Sequence[Record], paired: bool, confidence: float
    ) -> tuple[str, str, str]:
        """Are losses larger than they were?

        Parameters
        ----------
        old, new
            Records of one experiment.
        paired
            Whether the records at equal positions are of the same case; otherwise these are two
            samples.
        confidence
            Confidence required to report a change.

        Returns
        -------
        kind : str
            `unchanged`, `improved`, `regressed`, or `undecided` if there are too few records.
        what : str
            By how much, and of how many networks.
        sure : str
            The interval of that, or why there is none.
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
            return "undecided", text, "one network does not show the spread"
        low, high = (math.exp(bound) for bound in interval)
        numbers = f"{confidence:.2%} interval {low:.3f} to {high:.3f}, allowed {WORSE}"
        if low > 1 and math.exp(middle) > WORSE:
            return "regressed", text, numbers
        if high < 1 and math.exp(middle) < 1 / WORSE:
            return "improved", text, numbers
        return "unchanged", text, numbers


def other_figure(was: Record, now: Record) -> str:
    """The first metric in which the same weights differ from before, in words; else empty."""
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
    unit="percent",
    larger_is="worse",
)
"""Losses of networks on tasks."""
