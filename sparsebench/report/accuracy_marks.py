"""Accuracies in the terminal, marked by what was concluded from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from rich.text import Text

from sparsebench.parts.records import Record, Verdict

_MARKS = {
    "good": (" ", "green"),
    "open": ("?", "yellow"),
    "expected": ("~", "cyan"),
    "ungated": ("*", "cyan"),
    "bad": ("!", "bold red"),
}

LEGEND = (
    "accuracy in %, mean over seeds;  ? more seeds are needed to judge the thesis's claim;  "
    "~ contradicts the claim, as the baseline does;  * contradicts it, not gated;  ! failed"
)
"""What the marks mean."""


class Result(Protocol):
    """The records of one item, and their mean accuracy."""

    @property
    def records(self) -> Sequence[Record]:
        """One for each seed."""

    @property
    def accuracy(self) -> float:
        """The mean over seeds, 0-1."""


def marked(result: Result, verdicts: Mapping[str, Sequence[Verdict]]) -> Text:
    """The mean accuracy of an item, in %, with its mark; `verdicts` by the digests of records."""
    mark, style = _MARKS[_state(result, verdicts.get(result.records[0].digest, []))]
    return Text(f"{100 * result.accuracy:.1f}{mark}", style=style)


def _state(result: Result, verdicts: Sequence[Verdict]) -> str:
    if any(record.outcome in ("failed", "error") for record in result.records):
        return "bad"
    claimed = [verdict.verdict for verdict in verdicts if verdict.kind == "claim"]
    if "fail" in claimed:
        known = any(record.outcome == "xfailed" for record in result.records)
        return "expected" if known else "ungated"
    return "open" if "inconclusive" in claimed else "good"


def by_digest(verdicts: Iterable[Verdict]) -> dict[str, list[Verdict]]:
    """What was concluded from each record; ids of items are their own benchmark's alone."""
    groups: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        for digest in verdict.digests:
            groups.setdefault(digest, []).append(verdict)
    return groups
