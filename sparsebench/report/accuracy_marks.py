"""Accuracies in the terminal, marked by their verdicts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from rich.text import Text

from sparsebench.judging.metrics import accuracies
from sparsebench.parts.records import Record, Verdict
from sparsebench.report.terminal_tables import mean_in_percent

_MARKS = {
    "good": (" ", "green", ""),
    "open": ("?", "yellow", "too few seeds to judge the thesis's claim"),
    "expected": ("~", "cyan", "contradicts the thesis's claim, as the baseline does"),
    "ungated": ("*", "cyan", "contradicts the thesis's claim, which is not gated here"),
    "bad": ("!", "bold red", "failed"),
}
"""State -> its mark, its colour and its meaning."""


class Result(Protocol):
    """The records of one item."""

    @property
    def records(self) -> Sequence[Record]:
        """The records, one per seed."""


class Marks:
    """Marks accuracies, and explains the marks used.

    Parameters
    ----------
    verdicts
        The verdicts on the records of a run.
    """

    def __init__(self, verdicts: Iterable[Verdict]) -> None:
        self._verdicts = by_digest(verdicts)
        self._given: set[str] = set()

    def marked(self, result: Result) -> Text:
        """The mean accuracy of an item in %, with its spread over seeds and its mark."""
        state = _state(result, self._verdicts.get(result.records[0].digest, []))
        self._given.add(state)
        mark, style, _ = _MARKS[state]
        return Text(f"{mean_in_percent(accuracies(result.records))}{mark}", style=style)

    def legend(self) -> Iterable[Text]:
        """The meaning of each mark used so far."""
        for state, (mark, _, meaning) in _MARKS.items():
            if meaning and state in self._given:
                yield Text(f"{mark} {meaning}", style="dim")


def _state(result: Result, verdicts: Sequence[Verdict]) -> str:
    if any(record.outcome in ("failed", "error") for record in result.records):
        return "bad"
    claimed = [verdict.verdict for verdict in verdicts if verdict.kind == "claim"]
    if "fail" in claimed:
        known = any(record.outcome == "xfailed" for record in result.records)
        return "expected" if known else "ungated"
    return "open" if "inconclusive" in claimed else "good"


def by_digest(verdicts: Iterable[Verdict]) -> dict[str, list[Verdict]]:
    """The verdicts on each record; by digest, because item ids are unique within a benchmark only."""
    groups: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        for digest in verdict.digests:
            groups.setdefault(digest, []).append(verdict)
    return groups
