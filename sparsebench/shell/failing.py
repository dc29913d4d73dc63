"""Items that failed, worst first, each with its figures and the command that reruns it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from sparsebench.harness.comparing import policy_of
from sparsebench.parts.records import Item, Record, Verdict
from sparsebench.report.plain_text import plain
from sparsebench.shell.gathering import Gathered

FAILED = ("failed", "error")
"""Outcomes that make a run fail."""

_SHOWN = 10
"""Failing items shown in detail."""

_FIGURES = 3
"""Figures shown for one item."""

_LONGEST = 300
"""Characters shown of why an item failed."""


@dataclass(frozen=True)
class Failing:
    """An item that failed.

    Attributes
    ----------
    item
        Its node id, outcome and seconds.
    told
        Measured and expected figures, or why it failed.
    fall
        The loss against the baseline, as a share of the expected figure; 0 if it is no worse, or
        nothing was measured.
    """

    item: Item
    told: str
    fall: float


def failing(gathered: Gathered) -> list[Failing]:
    """The items that failed, worst first: by their loss, then those without one."""
    records, verdicts = gathered.records, gathered.verdicts
    found = [
        _failing(item, records, verdicts, gathered.reason_of(item.nodeid))
        for item in gathered.items.values()
        if item.outcome in FAILED
    ]
    return sorted(found, key=lambda each: -each.fall)


def failing_lines(
    found: Sequence[Failing], rerun: Callable[[str], str]
) -> Iterator[tuple[str, str]]:
    """Lines on the first items that failed, each with a command, and the number of others.

    Parameters
    ----------
    found
        The items, worst first.
    rerun
        Returns the command that reruns an item, given its node id.
    """
    for each in found[:_SHOWN]:
        yield each.told, rerun(each.item.nodeid)
    if more := len(found[_SHOWN:]):
        yield f"and {more} more; the same command with --lf runs all that failed again", ""


def _failing(
    item: Item, records: Mapping[str, Record], verdicts: Sequence[Verdict], reason: str
) -> Failing:
    own = [each for each in verdicts if not set(item.digests).isdisjoint(each.digests)]
    moved = [each for each in own if each.kind == "baseline" and each.verdict == "fail"]
    if moved:
        falls = [_fall(each, records) for each in moved]
        worst = moved[falls.index(max(falls))]
        return Failing(item, _moved(worst, records), max(falls))
    contradicted = [each for each in own if each.kind == "claim" and each.verdict == "fail"]
    if contradicted:
        first = contradicted[0]
        told = (
            f"{first.item}: claim contradicted: {first.statement} ({first.source}); {first.reason}"
        )
        return Failing(item, plain(told, _LONGEST), 0.0)
    return Failing(item, plain(f"{_name(item.nodeid)}: {reason or item.outcome}", _LONGEST), 0.0)


def _name(nodeid: str) -> str:
    return nodeid.rpartition("::")[2]


def _fall(verdict: Verdict, records: Mapping[str, Record]) -> float:
    """The relative loss of the worst seed, or of the mean if the seeds differ."""
    policy = policy_of(records[verdict.digests[0]].experiment)
    sign = {"better": 1.0, "worse": -1.0, "neither": 0.0}[policy.larger_is]
    if not verdict.expected or not verdict.measured:
        return 0.0
    if len(verdict.expected) == len(verdict.measured):
        pairs = [*zip(verdict.expected, verdict.measured, strict=True)]
    else:
        pairs = [(fmean(verdict.expected), fmean(verdict.measured))]
    falls = (sign * (was - now) / (abs(was) or 1.0) for was, now in pairs)
    return max(0.0, *falls)


def _moved(verdict: Verdict, records: Mapping[str, Record]) -> str:
    """Measured and expected figures, or what differs if these are equal."""
    policy = policy_of(records[verdict.digests[0]].experiment)
    now, was = _figures(verdict.measured), _figures(verdict.expected)
    if now == was:
        return plain(f"{verdict.item}: {policy.figure} as before, but {verdict.reason}", _LONGEST)
    moved = fmean(verdict.measured) - fmean(verdict.expected)
    return f"{verdict.item}: {policy.figure} {now}, expected {was} ({moved:+.4f})"


def _figures(values: Sequence[float]) -> str:
    """Up to three figures, or the mean of more."""
    if len(values) <= _FIGURES:
        return " / ".join(f"{value:.4f}" for value in values)
    return f"{fmean(values):.4f} (mean of {len(values)})"
