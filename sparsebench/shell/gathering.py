"""What items found, as it travels with their reports and comes together in one process.

Plugins send further reports of an item (subtests), run it again (reruns), and change reports that
others have read. So the reports of each try are kept together, and read when somebody asks.
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
"""Outcomes; a record that several items measured has the worst of theirs."""

_BY_VERDICT = ("pass", "inconclusive", "fail")
"""Verdicts; where an item was judged twice by the same, the worst stands."""

NOT_RUN = "not run"
"""The outcome of an item that was chosen, and that the run did not come to."""


class _Payload(msgspec.Struct):
    """What travels: what an item has measured so far, and how its records were judged.

    Attributes
    ----------
    judged
        By digest, the outcome that the judgement asks for: `passed`, `skipped` or `xfailed`.
    chosen
        All items that the process will run; only with its first report.
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
    """Put what an item has measured so far, if anything, onto one of its reports.

    Parameters
    ----------
    report
        The report, which takes the place of earlier ones of the same try.
    measured, provenances
        What was measured, and where.
    chosen
        All items that this process will run, if nobody has told yet.
    """
    payload = _payload(measured, provenances)
    payload.chosen = list(chosen)
    report.__dict__[_FIELD] = msgspec.to_builtins(payload)


@dataclass
class _Try:
    """One try of an item, in one process.

    Attributes
    ----------
    process
        Which worker of xdist, or None.
    outcomes
        By phase of the item, what its last report says; empty where it only says that it goes on.
    failures
        By phase, what a report said that failed: a later one does not take it back.
    reasons
        Why reports said that something failed, a line for each.
    seconds
        By phase, without those parts of a test that are reported by themselves.
    """

    process: object
    outcomes: dict[str, str] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)
    reasons: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    payload: _Payload = field(default_factory=_Payload)

    @property
    def outcome(self) -> str:
        """The worst of all phases; empty if none has one."""
        known = {**self.outcomes, **self.failures}.values()
        return max(filter(None, known), key=_severity, default="")

    @property
    def gives_way(self) -> bool:
        """Whether it ended as no item of pytest itself does, such as `rerun`: another try counts."""
        return any(each and each not in _BY_SEVERITY for each in self.outcomes.values())

    @property
    def usable(self) -> bool:
        """Whether the item passed, or was skipped or expected to fail for our reasons and no others."""
        return self.outcome in ("passed", *self.payload.judged.values())


class Gathered:
    """The records, verdicts and items of a run, in the order in which they came.

    Of an item that was tried again, the last try counts. Of one that ran several times, all count.
    """

    def __init__(self) -> None:
        self.provenances: dict[str, Provenance] = {}
        self._tries: dict[str, list[_Try]] = {}
        self._chosen: dict[str, None] = {}

    def choose(self, nodeids: Iterable[str]) -> None:
        """Note items that are going to run."""
        self._chosen.update(dict.fromkeys(nodeids))

    @property
    def chosen(self) -> list[str]:
        """The items that were going to run, as far as it was told."""
        return list(self._chosen)

    def add(self, report: pytest.TestReport, called: str = "") -> None:
        """Take in one report, of an item's set-up, call or tear-down, or of a part of its call.

        Parameters
        ----------
        report
            As it is after all plugins have seen it.
        called
            What pytest calls it, where that is another thing than its outcome.
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
        """Note an item that was cut short, with what it had measured."""
        current = self._current(nodeid, None)
        current.outcomes["interrupted"] = "interrupted"
        self._keep(current, _payload(measured, provenances))

    def knows(self, nodeid: str) -> bool:
        """Whether an item, or an earlier report of it, was seen."""
        return nodeid in self._tries or nodeid in self._chosen

    @property
    def records(self) -> dict[str, Record]:
        """By digest; each says how the items that measured it ended, the worst of them."""
        found: dict[str, Record] = {}
        worst: dict[str, str] = {}
        for each in self._all_tries():
            for record in each.payload.records:
                before = found.get(record.digest)
                if before is not None and record.timing is None:
                    record.timing = before.timing  # one item times what several measure
                found[record.digest] = record
                outcomes = (worst.get(record.digest, "passed"), each.outcome or "interrupted")
                record.outcome = worst[record.digest] = max(outcomes, key=_severity)
        return found

    @property
    def verdicts(self) -> list[Verdict]:
        """One for each statement about the same records of an item."""
        found: dict[tuple[str, ...], Verdict] = {}
        for each in self._all_tries():
            for verdict in each.payload.verdicts:
                what = (verdict.item, verdict.kind, verdict.source, verdict.statement)
                key = (*what, *verdict.digests)
                found[key] = max(verdict, found.get(key, verdict), key=_verdict_severity)
        return list(found.values())

    @property
    def estimates(self) -> list[Estimate]:
        """One for the same records of an item."""
        found = {
            (estimate.item, estimate.experiment, *estimate.digests): estimate
            for each in self._all_tries()
            for estimate in each.payload.estimates
        }
        return list(found.values())

    @property
    def items(self) -> dict[str, Item]:
        """By node id, those that the run did not come to as well."""
        nodeids = dict.fromkeys([*self._tries, *self._chosen])
        return {nodeid: _item(nodeid, self._tries.get(nodeid, [])) for nodeid in nodeids}

    def reason_of(self, nodeid: str) -> str:
        """Why an item failed, in a line; nothing if nobody said."""
        return next(
            (reason for each in self._tries.get(nodeid, []) for reason in each.reasons if reason),
            "",
        )

    @property
    def ran(self) -> bool:
        """Whether anything was run, which setting up alone is not."""
        return any(each.outcome for each in self._all_tries())

    @property
    def tells(self) -> bool:
        """Whether there is anything to write down: records, or items that failed."""
        return any(each.payload.records or each.failures for each in self._all_tries())

    def acceptable(self) -> list[Record]:
        """The records that may become baselines: judged, by items that all ended well in the end."""
        judged: set[str] = set()
        refused: set[str] = set()
        for each in self._all_tries():
            judged.update(each.payload.judged)
            if not each.usable:
                refused.update(record.digest for record in each.payload.records)
        return [each for digest, each in self.records.items() if digest in judged - refused]

    def items_without_baseline(self) -> int:
        """How many tests judged an item and were skipped, for want of a baseline."""
        return sum(
            any(each.outcome == "skipped" and each.usable for each in tries)
            for tries in self._tries.values()
        )

    def _all_tries(self) -> Iterator[_Try]:
        return (each for tries in self._tries.values() for each in tries)

    def _current(self, nodeid: str, process: object, anew: bool = False) -> _Try:
        """The try that an item of a process is in: another one after a tear-down or a second set-up."""
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
    """How an item ended, as far as this report tells; empty if it only says that it goes on."""
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
    """The first line of why a report says that something failed."""
    crash = getattr(report.longrepr, "reprcrash", None)
    text = str(report.longrepr or "") if crash is None else str(crash.message)
    return text.strip().partition("\n")[0]


def _severity(outcome: str) -> int:
    """Outcomes that are not pytest's are as good as an interruption."""
    return _BY_SEVERITY.index(outcome if outcome in _BY_SEVERITY else "interrupted")


def _verdict_severity(verdict: Verdict) -> int:
    return _BY_VERDICT.index(verdict.verdict)
