"""Did forward passes become slower, relative to the dense network's?"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import geometric_mean, median

from sparsebench.judging.change import Change, in_pairs, per_seed
from sparsebench.judging.metrics import time_ratio
from sparsebench.judging.policy import Policy
from sparsebench.parts.records import Record

SLOWER, ONE_SLOWER = 1.10, 1.30
"""Largest allowed factor on a forward time relative to the dense network's: for the mean over an
item's networks, and for any one network. They lie between the measured variation of unchanged code
and the 20 % that must be detected (docs/design/gate.md)."""

DRIFT = 1.15
"""Extra factor allowed if the two sides were not timed in one run: over hours, times of unchanged
code were seen to move by 12 % (docs/design/gate.md)."""


def times_change(old: Sequence[Record], new: Sequence[Record], same_run: bool = True) -> Change:
    """Compare times of the same networks.

    Parameters
    ----------
    old, new
        Records of forward passes.
    same_run
        Whether both sides were timed within an hour (`sparsebench.parts.machine.SAME_RUN_WITHIN`).
    """
    pairs = in_pairs(old, new)
    if not pairs:
        return Change("undecided", "other networks than before")
    times = _of_pairs(pairs, same_run)
    kept = [(old.metrics["kept"], new.metrics["kept"]) for old, new in pairs]
    for before, after in kept:
        if before != after:
            text = f"weights kept {after:.0f}, expected {before:.0f}"
            if times.kind == "regressed":
                return Change("regressed", f"{text}; {times.reason}")
            return Change("changed", text)
    return times


def _of_pairs(pairs: Sequence[tuple[Record, Record]], same_run: bool) -> Change:
    """Compare the times alone, even if the numbers of weights differ."""
    if not all(
        each.history.get("time_ratios") and "time_ratio" in each.metrics
        for pair in pairs
        for each in pair
    ):
        return Change("undecided", "not timed")
    beside = [[len(each.history["time_ratios"]) for each in pair] for pair in pairs]
    for before, after in beside:
        if before != after:
            return Change("changed", f"timed beside {after} dense networks, expected {before}")
    was, now = ([each.metrics["time_ratio"] for each in side] for side in zip(*pairs, strict=True))
    factors = [
        median(
            after / before
            for before, after in zip(
                old.history["time_ratios"], new.history["time_ratios"], strict=True
            )
        )
        for old, new in pairs
    ]
    mean, worst = geometric_mean(factors), max(factors)
    drift = 1.0 if same_run else DRIFT
    slower, one_slower = SLOWER * drift, ONE_SLOWER * drift
    text = (
        f"forward times / dense {per_seed(now, 3)}, expected {per_seed(was, 3)}: {mean:.2f} times "
        f"as long on average, {worst:.2f} at most; allowed are {slower:.2f} and {one_slower:.2f}"
    )
    if not same_run:
        text += f", {DRIFT} times as much as within an hour"
    if mean > slower or worst > one_slower:
        return Change("regressed", text)
    return Change("improved" if mean < 1 / slower else "unchanged", text)


TIMES = Policy(
    figure="time / dense",
    figure_of=lambda record: time_ratio([record]),
    inexact=times_change,
    figures=lambda records: [
        each.metrics["time_ratio"] for each in records if "time_ratio" in each.metrics
    ],
    statement="forward passes take no longer than in the baseline",
    replicated=False,
    unit="percent",
    larger_is="worse",
    of_the_machine=True,
)
