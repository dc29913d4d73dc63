"""Results of items: attached to pytest's reports, and collected in one process.

Plugins may send several reports for an item (subtests), rerun it, or change reports after others
read them. So the reports of each attempt are kept together and evaluated on demand.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec
import pytest

from sparsebench.harness.measuring import ItemResult
from sparsebench.parts.records import Estimate, Item, Provenance, Record, Verdict

_FIELD = "sparsebench"
"""The attribute of a report that pytest carries from an xdist worker to the controller."""


_BY_SEVERITY = ("passed", "xfailed", "skipped", "xpassed", "interrupted", "failed", "error")
"""Outcomes, mildest first; a record measured by several items has the worst of theirs."""

_BY_VERDICT = ("pass", "inconclusive", "fail")
"""Verdicts; if the same judge decides twice on an item, the worse verdict counts."""

NOT_RUN = "not run"
"""The outcome of a selected item that the run did not reach."""


class _Payload(msgspec.Struct):
    """The data attached to a report: what an item has measured so far, and how it was judged.

    Attributes
    ----------
    judged
        Digest -> outcome required by the judgement: `passed`, `skipped` or `xfailed`.
    chosen
        All items that the process will run; sent with its first report only.
    """

    records: list[Record] = []
    verdicts: list[Verdict] = []
    estimates: list[Estimate] = []
    provenances: dict[str, Provenance] = {}
    judged: dict[str, str] = {}
    chosen: list[str] = []


def _payload(measured: Sequence[ItemResult], provenances: Mapping[str, Provenance]) -> _Payload:
    records = [record for each in measured for record in each.records]
    used = {key for record in records for key in (record.provenance, record.trained) if key}
    outcomes = [each.outcome for each in measured if each.outcome is not None]
    return _Payload(
        records=records,
        verdicts=[verdict for outcome in outcomes for verdict in outcome.verdicts],
        estimates=[estimate for outcome in outcomes for estimate in outcome.estimates],
        provenances={key: provenances[key] for key in used},
        judged={
            record.digest: each.outcome.status
            for each in measured
            if each.outcome is not None and each.outcome.status != "failed"
            for record in each.records
        },
    )


def attach(
    report: pytest.TestReport,
    measured: Sequence[ItemResult],
    provenances: Mapping[str, Provenance],
    chosen: Sequence[str] = (),
) -> None:
    """Attach what an item has measured so far, if anything, to one of its reports.

    Parameters
    ----------
    report
        The report; it replaces earlier ones of the same attempt.
    measured, provenances
        The item's results, and the provenances that they refer to.
    chosen
        All items that this process will run, unless already sent.
    """
    payload = _payload(measured, provenances)
    payload.chosen = list(chosen)
    report.__dict__[_FIELD] = msgspec.to_builtins(payload)


@dataclass
class _Try:
    """One attempt at an item, in one process.

    Attributes
    ----------
    process
        The xdist worker, or None.
    outcomes
        Phase -> outcome of its last report; empty if the item only continues.
    failures
        Phase -> outcome of a report that failed, which later reports do not revoke.
    reasons
        Reasons of failures, one line each.
    seconds
        Phase -> seconds, without subtests that are reported separately.
    """

    process: object
    outcomes: dict[str, str] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)
    reasons: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    payload: _Payload = field(default_factory=_Payload)

    @property
    def outcome(self) -> str:
        """The worst outcome of all phases; empty if there is none."""
        known = {**self.outcomes, **self.failures}.values()
        return max(filter(None, known), key=_severity, default="")

    @property
    def gives_way(self) -> bool:
        """Whether another attempt replaces it: its outcome, such as `rerun`, is not pytest's own."""
        return any(each and each not in _BY_SEVERITY for each in self.outcomes.values())

    @property
    def usable(self) -> bool:
        """Whether the item passed, or was skipped or expected to fail for our reasons alone."""
        return self.outcome in ("passed", *self.payload.judged.values())


class Gathered:
    """The records, verdicts and items of a run, in order of arrival.

    The last attempt at an item counts; if an item runs several times, all runs count.
    """

    def __init__(self) -> None:
        self.provenances: dict[str, Provenance] = {}
        self._tries: dict[str, list[_Try]] = {}
        self._chosen: dict[str, None] = {}

    def choose(self, nodeids: Iterable[str]) -> None:
        """Note the items that will run."""
        self._chosen.update(dict.fromkeys(nodeids))

    @property
    def chosen(self) -> list[str]:
        """The selected items, of the processes that have sent them."""
        return list(self._chosen)

    def add(self, report: pytest.TestReport, called: str = "") -> None:
        """Add one report on an item's set-up, call or tear-down, or on a subtest.

        Parameters
        ----------
        report
            The report after all plugins have processed it.
        called
            Pytest's category of the report, if it differs from the outcome.
        """
        phase, outcome = str(report.when), _outcome(report, called)
        process = getattr(report, "node", None)
        current = self._current(report.nodeid, process, anew=phase == "setup")
        current.outcomes[phase] = outcome
        if outcome in ("failed", "error"):
            current.failures[phase] = outcome
            current.reasons.append(_reason(report))
        current.seconds[phase] = report.duration
        if _FIELD in report.__dict__:
            self._keep(current, msgspec.convert(report.__dict__.pop(_FIELD), _Payload))

    def interrupt(
        self, nodeid: str, measured: Sequence[ItemResult], provenances: Mapping[str, Provenance]
    ) -> None:
        """Note an interrupted item, with what it had measured."""
        current = self._current(nodeid, None)
        current.outcomes["interrupted"] = "interrupted"
        self._keep(current, _payload(measured, provenances))

    def knows(self, nodeid: str) -> bool:
        """Whether an item was selected or reported."""
        return nodeid in self._tries or nodeid in self._chosen

    @property
    def records(self) -> dict[str, Record]:
        """Digest -> record; each holds the worst outcome of the items that measured it."""
        found: dict[str, Record] = {}
        worst: dict[str, str] = {}
        for each in self._all_tries():
            for record in each.payload.records:
                before = found.get(record.digest)
                if before is not None and record.timing is None:
                    record.timing = before.timing  # one item times records that several measure
                found[record.digest] = record
                outcomes = (worst.get(record.digest, "passed"), each.outcome or "interrupted")
                record.outcome = worst[record.digest] = max(outcomes, key=_severity)
        return found

    @property
    def verdicts(self) -> list[Verdict]:
        """The verdicts, one per statement about the same records of an item."""
        found: dict[tuple[str, ...], Verdict] = {}
        for each in self._all_tries():
            for verdict in each.payload.verdicts:
                what = (verdict.item, verdict.kind, verdict.source, verdict.statement)
                key = (*what, *verdict.digests)
                found[key] = max(verdict, found.get(key, verdict), key=_verdict_severity)
        return list(found.values())

    @property
    def estimates(self) -> list[Estimate]:
        """The estimates, one per set of records of an item."""
        found = {
            (estimate.item, estimate.experiment, *estimate.digests): estimate
            for each in self._all_tries()
            for estimate in each.payload.estimates
        }
        return list(found.values())

    @property
    def items(self) -> dict[str, Item]:
        """Node id -> item, including those that the run did not reach."""
        nodeids = dict.fromkeys([*self._tries, *self._chosen])
        return {nodeid: _item(nodeid, self._tries.get(nodeid, [])) for nodeid in nodeids}

    def reason_of(self, nodeid: str) -> str:
        """Why an item failed, in a line; empty if no report gave a reason."""
        return next(
            (reason for each in self._tries.get(nodeid, []) for reason in each.reasons if reason),
            "",
        )

    @property
    def ran(self) -> bool:
        """Whether any test ran beyond its set-up."""
        return any(each.outcome for each in self._all_tries())

    @property
    def tells(self) -> bool:
        """Whether there is anything to write: records, or items that failed."""
        return any(each.payload.records or each.failures for each in self._all_tries())

    def acceptable(self) -> list[Record]:
        """The judged records that may become baselines: all items that measured them ended well."""
        judged: set[str] = set()
        refused: set[str] = set()
        for each in self._all_tries():
            judged.update(each.payload.judged)
            if not each.usable:
                refused.update(record.digest for record in each.payload.records)
        return [each for digest, each in self.records.items() if digest in judged - refused]

    def items_without_baseline(self) -> int:
        """Number of tests that judged an item and were skipped because there is no baseline."""
        return sum(
            any(each.outcome == "skipped" and each.usable for each in tries)
            for tries in self._tries.values()
        )

    def _all_tries(self) -> Iterator[_Try]:
        return (each for tries in self._tries.values() for each in tries)

    def _current(self, nodeid: str, process: object, anew: bool = False) -> _Try:
        """The current attempt at an item; a new one begins after a tear-down or a second set-up."""
        tries = self._tries.setdefault(nodeid, [])
        for each in reversed(tries):
            if each.process is process:
                if "teardown" in each.outcomes or (anew and "setup" in each.outcomes):
                    break
                return each
        tries[:] = [each for each in tries if not each.gives_way]
        tries.append(_Try(process))
        return tries[-1]

    def _keep(self, current: _Try, payload: _Payload) -> None:
        self.choose(payload.chosen)
        self.provenances.update(payload.provenances)
        current.payload = payload


def _item(nodeid: str, tries: Sequence[_Try]) -> Item:
    outcomes = [each.outcome for each in tries if each.outcome]
    digests = [record.digest for each in tries for record in each.payload.records]
    return Item(
        nodeid=nodeid,
        outcome=max(outcomes, key=_severity, default=NOT_RUN),
        seconds=sum(sum(each.seconds.values()) for each in tries),
        digests=list(dict.fromkeys(digests)),
    )


def _outcome(report: pytest.TestReport, called: str) -> str:
    """The outcome of an item according to a report; empty if the item continues."""
    outcome = str(report.outcome)
    if outcome == "failed" or called in ("failed", "error"):
        return "failed" if report.when == "call" else "error"
    if outcome not in ("passed", "skipped"):
        return outcome
    if hasattr(report, "wasxfail"):
        return "xfailed" if outcome == "skipped" else "xpassed"
    if report.when == "call" or (report.when == "setup" and outcome == "skipped"):
        return outcome
    return ""


def _reason(report: pytest.TestReport) -> str:
    """The first line of the reason for a failure."""
    crash = getattr(report.longrepr, "reprcrash", None)
    text = str(report.longrepr or "") if crash is None else str(crash.message)
    return text.strip().partition("\n")[0]


def _severity(outcome: str) -> int:
    """Rank of an outcome; outcomes that are not pytest's count as interruptions."""
    return _BY_SEVERITY.index(outcome if outcome in _BY_SEVERITY else "interrupted")


def _verdict_severity(verdict: Verdict) -> int:
    return _BY_VERDICT.index(verdict.verdict)
