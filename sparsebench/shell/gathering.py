"""What items found, as it travels with their reports and comes together in one process."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
import pytest

from sparsebench.experiments.measuring import Measured
from sparsebench.parts.records import USABLE, Item, Provenance, Record, Verdict

_FIELD = "sparsebench"
"""The attribute of a report that pytest carries from an xdist worker to the controller."""


class _Payload(msgspec.Struct):
    """What travels: what was measured, and which of it was judged and may become a baseline."""

    records: list[Record] = []
    verdicts: list[Verdict] = []
    provenances: dict[str, Provenance] = {}
    judged: list[str] = []


def attach(
    report: pytest.TestReport,
    measured: Iterable[Measured] = (),
    provenances: dict[str, Provenance] | None = None,
) -> None:
    """Put what an item measured onto one of its reports; reports without it are told apart."""
    measured = list(measured)
    payload = _Payload(
        records=[record for each in measured for record in each.records],
        verdicts=[verdict for each in measured for verdict in each.verdicts],
        provenances=provenances or {},
        judged=[record.digest for each in measured if each.cell for record in each.records],
    )
    report.__dict__[_FIELD] = msgspec.to_builtins(payload)


class Gathered:
    """The records, verdicts and items of a run, in the order in which they came.

    Attributes
    ----------
    records
        By digest; each says how the item that measured it ended.
    verdicts
        Of all items.
    items
        By node id.
    provenances
        What the records refer to.
    """

    def __init__(self) -> None:
        self.records: dict[str, Record] = {}
        self.verdicts: list[Verdict] = []
        self.items: dict[str, Item] = {}
        self.provenances: dict[str, Provenance] = {}
        self._judged: set[str] = set()

    def add(self, report: pytest.TestReport) -> None:
        """Take in one report: of an item's set-up, call or tear-down."""
        payload = msgspec.convert(report.__dict__.get(_FIELD, {}), _Payload)
        self.provenances.update(payload.provenances)
        self.verdicts += payload.verdicts
        self._judged.update(payload.judged)
        outcome = _outcome(report)
        if outcome:
            self._end(report.nodeid, outcome, report.duration, payload.records)

    def interrupt(self, nodeid: str, measured: Iterable[Measured]) -> None:
        """Note an item that was cut short, with what it had measured."""
        records = [record for each in measured for record in each.records]
        self._end(nodeid, "interrupted", 0.0, records)

    def acceptable(self) -> list[Record]:
        """The records that may become baselines: judged, by items that did not fail."""
        return [
            record
            for record in self.records.values()
            if record.outcome in USABLE and record.digest in self._judged
        ]

    def _end(self, nodeid: str, outcome: str, seconds: float, records: Iterable[Record]) -> None:
        before = self.items.get(nodeid)
        digests = [*(before.digests if before else ()), *(record.digest for record in records)]
        total = seconds + (before.seconds if before else 0.0)
        self.items[nodeid] = Item(nodeid=nodeid, outcome=outcome, seconds=total, digests=digests)
        self.records.update({record.digest: record for record in records})
        for known in digests:
            self.records[known].outcome = outcome


def _outcome(report: pytest.TestReport) -> str:
    """How an item ended, as far as this report tells; empty if it only says that it goes on."""
    if report.when == "call":
        if hasattr(report, "wasxfail"):
            return "xfailed" if report.skipped else "xpassed"
        return str(report.outcome)
    if report.failed:
        return "error"
    return "skipped" if report.when == "setup" and report.skipped else ""
