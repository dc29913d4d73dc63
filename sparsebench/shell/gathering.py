"""What items found, as it travels with their reports and comes together in one process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import pytest

from sparsebench.experiments.measuring import Measured
from sparsebench.parts.records import USABLE, Estimate, Item, Provenance, Record, Verdict

_FIELD = "sparsebench"
"""The attribute of a report that pytest carries from an xdist worker to the controller."""


_BY_SEVERITY = ("passed", "xfailed", "skipped", "xpassed", "interrupted", "failed", "error")
"""Outcomes; a record that several items measured has the worst of theirs."""


class _Payload(msgspec.Struct):
    """What travels: what was measured, and which of it was judged and may become a baseline."""

    records: list[Record] = []
    verdicts: list[Verdict] = []
    estimates: list[Estimate] = []
    provenances: dict[str, Provenance] = {}
    judged: list[str] = []


def _payload(measured: Sequence[Measured], provenances: Mapping[str, Provenance]) -> _Payload:
    records = [record for each in measured for record in each.records]
    used = {key for record in records for key in (record.provenance, record.trained) if key}
    return _Payload(
        records=records,
        verdicts=[verdict for each in measured for verdict in each.verdicts],
        estimates=[estimate for each in measured for estimate in each.estimates],
        provenances={key: provenances[key] for key in used},
        judged=[record.digest for each in measured if each.cell for record in each.records],
    )


def attach(
    report: pytest.TestReport, measured: Sequence[Measured], provenances: Mapping[str, Provenance]
) -> None:
    """Put what an item measured, if anything yet, onto one of its reports."""
    report.__dict__[_FIELD] = msgspec.to_builtins(_payload(measured, provenances))


class Gathered:
    """The records, verdicts and items of a run, in the order in which they came.

    Attributes
    ----------
    records
        By digest; each says how the items that measured it ended, the worst of them.
    verdicts, estimates
        Of all items.
    items
        By node id.
    provenances
        What the records refer to.
    """

    def __init__(self) -> None:
        self.records: dict[str, Record] = {}
        self.verdicts: list[Verdict] = []
        self.estimates: list[Estimate] = []
        self.items: dict[str, Item] = {}
        self.provenances: dict[str, Provenance] = {}
        self._judged: set[str] = set()
        self._outcomes: dict[str, dict[str, str]] = {}

    def add(self, report: pytest.TestReport) -> None:
        """Take in one report: of an item's set-up, call or tear-down."""
        payload = msgspec.convert(report.__dict__.get(_FIELD, {}), _Payload)
        self._take_in(report.nodeid, _outcome(report), report.duration, payload)

    def interrupt(
        self, nodeid: str, measured: Sequence[Measured], provenances: Mapping[str, Provenance]
    ) -> None:
        """Note an item that was cut short, with what it had measured."""
        self._take_in(nodeid, "interrupted", 0.0, _payload(measured, provenances))

    def acceptable(self) -> list[Record]:
        """The records that may become baselines: judged, by items that did not fail."""
        return [
            record
            for record in self.records.values()
            if record.outcome in USABLE and record.digest in self._judged
        ]

    def cells_without_baseline(self) -> int:
        """How many items measured a cell and were skipped, for want of a baseline."""
        return sum(
            item.outcome == "skipped" and not self._judged.isdisjoint(item.digests)
            for item in self.items.values()
        )

    def _take_in(self, nodeid: str, outcome: str, seconds: float, payload: _Payload) -> None:
        self.provenances.update(payload.provenances)
        self.verdicts += payload.verdicts
        self.estimates += payload.estimates
        self._judged.update(payload.judged)
        for record in payload.records:
            before_it = self.records.get(record.digest)
            if before_it is not None and record.timing is None:
                record.timing = before_it.timing  # one item times what several measure
            self.records[record.digest] = record
        if not outcome:
            return
        before = self.items.get(nodeid)
        digests = [*(before.digests if before else ()), *(each.digest for each in payload.records)]
        total = seconds + (before.seconds if before else 0.0)
        self.items[nodeid] = Item(nodeid=nodeid, outcome=outcome, seconds=total, digests=digests)
        for known in digests:
            outcomes = self._outcomes.setdefault(known, {})
            outcomes[nodeid] = outcome
            self.records[known].outcome = max(outcomes.values(), key=_BY_SEVERITY.index)


def _outcome(report: pytest.TestReport) -> str:
    """How an item ended, as far as this report tells; empty if it only says that it goes on."""
    if report.when == "call":
        if hasattr(report, "wasxfail"):
            return "xfailed" if report.skipped else "xpassed"
        return str(report.outcome)
    if report.failed:
        return "error"
    return "skipped" if report.when == "setup" and report.skipped else ""
