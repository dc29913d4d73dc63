"""Did a function become slower, relative to the one beside it?"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import geometric_mean

from sparsebench.judging.change import Change, in_pairs, per_seed
from sparsebench.judging.policy import Policy
from sparsebench.parts.records import Record

SLOWER = 1.12
"""Largest allowed factor on the ratio of two functions' fastest times, within an hour. Of unchanged
code, 800 such ratios of passes that take 5 to 400 microseconds differed from the ratio before by 1.055
at most, and 60 in fresh processes by 1.062, beside other work; all of 800 ratios with a fifth more time
were above (`python -m validation.performance.measure_pairs`, AMD EPYC of two cores, 2026-11-29)."""

DRIFT = 1.04
"""Extra factor if the two sides were not timed in one run, so that a fifth is still seen. It is a
choice: over days nothing was measured."""


def pairs_change(old: Sequence[Record], new: Sequence[Record], same_run: bool = True) -> Change:
    """Compare the ratios of the same pair.

    Parameters
    ----------
    old, new
        Records of pairs.
    same_run
        Whether both sides were timed within an hour (`sparsebench.parts.machine.SAME_RUN_WITHIN`).
    """
    pairs = in_pairs(old, new)
    if not pairs:
        return Change("undecided", "other functions than before")
    was, now = ([each.metrics["time_ratio"] for each in side] for side in zip(*pairs, strict=True))
    factor = geometric_mean(after / before for before, after in zip(was, now, strict=True))
    allowed = SLOWER * (1.0 if same_run else DRIFT)
    text = (
        f"time / that of the other function {per_seed(now, 3)}, expected {per_seed(was, 3)}: "
        f"{factor:.2f} times as long, allowed is {allowed:.2f}"
    )
    if factor > allowed:
        return Change("regressed", text)
    return Change("improved" if factor < 1 / allowed else "unchanged", text)


PAIRS = Policy(
    figure="time_ratio",
    figure_of=lambda record: record.metrics["time_ratio"],
    inexact=pairs_change,
    figures=lambda records: [each.metrics["time_ratio"] for each in records],
    statement="the function takes no longer than in the baseline, relative to the other one",
    replicated=False,
    unit="percent",
    larger_is="worse",
    of_the_machine=True,
)
