"""From a cell to its records and verdicts: what every benchmark item does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sparsebench.harness.claims import judge_claims
from sparsebench.harness.comparing import of_the_machine, policy_of
from sparsebench.harness.context import Bench, known_of
from sparsebench.harness.registry import experiment_of, measurement_of
from sparsebench.judging.cell import Cell
from sparsebench.judging.change import GATE_CONFIDENCE
from sparsebench.judging.gate import (
    BaselineAbsent,
    BaselineMissing,
    BaselineMoved,
    ClaimContradicted,
    ContradictionGone,
    ContradictionKnown,
    NotTimed,
    TimesAbsent,
    confidence_of,
    estimates,
    judge_baseline,
    missing,
)
from sparsebench.judging.replicates import by_population
from sparsebench.parts.records import Estimate, Record, Verdict
from sparsebench.values.identity import Case


@dataclass
class Measured:
    """What one item measured, and what was concluded from it.

    Attributes
    ----------
    cell
        What was asked for; None for records that belong to no cell.
    cases, records
        One record for each case, in order.
    looks
        At how many numbers of seeds the claims may be judged, the one or another of which decides.
    judged
        Whether `judge` was asked, whatever it said.
    verdicts, estimates
        Filled by `judge`.
    settled
        How the item should end by what was judged: `passed`, `skipped` or `xfailed`; empty where
        nothing was judged, or it failed.
    """

    cell: Cell | None
    cases: list[Case] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    looks: int = 1
    judged: bool = False
    verdicts: list[Verdict] = field(default_factory=list)
    estimates: list[Estimate] = field(default_factory=list)
    settled: str = ""


def measure(case: Case, bench: Bench) -> Record:
    """Measure one case, or find its record in the store.

    Raises
    ------
    TypeError
        If no experiment measures this kind of case, or its benchmark does so itself.
    """
    measurement = measurement_of(case)
    make = measurement.measure
    if make is None:
        raise TypeError(
            f"a {type(case).__name__} is measured by its own benchmark, from files: run that"
        )
    if measurement.content is None:
        return make(case, bench)
    return bench.kept(case, measurement.content(case, bench), lambda: make(case, bench))


def judge(measured: Measured, bench: Bench) -> None:
    """Judge the records of a cell by the thesis's claims and the baseline, under the run's settings.

    Raises
    ------
    BaselineMoved
        If the records are not what the baseline says they should be, or the baseline has records of
        one experiment of the cell and none of another.
    ClaimContradicted
        If a claim is contradicted that held in the baseline or is unknown there; under
        `--sparsebench-claims=strict`, if any is.
    ContradictionGone
        If a claim holds that the baseline contradicts.
    ContradictionKnown
        If claims are contradicted as the baseline contradicts them; nothing is wrong then.
    BaselineMissing
        If the baseline knows nothing of the cell; nothing else is wrong then.
    BaselineAbsent
        The same under `--sparsebench-gate`.
    NotTimed
        If it is times that should be judged, and there are none.
    TimesAbsent
        The same under `--sparsebench-gate`.
    TypeError
        If the records belong to no cell.
    ValueError
        If there are none.
    """
    settings, cell = bench.settings, _cell(measured)
    measured.judged = True
    if not measured.records:
        raise ValueError(
            f"{cell.id}: nothing was measured, so there is nothing to judge: let the cell's "
            "cases(seeds) give at least one case"
        )
    if any(of_the_machine(each.experiment) for each in measured.records) and not _timed(measured):
        told = (
            f"{cell.id}: the forward passes were not timed: call time_together(measured) before "
            "judge(measured), and leave out --benchmark-disable, -p no:benchmark and -n, under which "
            "pytest-benchmark does not time"
        )
        if settings.gate:
            raise TimesAbsent(
                f"{told}; or leave this item out of a run with these (--deselect), and gate it in "
                "a run without"
            )
        raise NotTimed(told)
    claimed, against = _verdicts(measured, bench)
    measured.verdicts = [*claimed, *against]
    measured.estimates = estimates(cell, measured.records)
    contradicted = [verdict for verdict in claimed if verdict.verdict == "fail"]
    if contradicted and settings.claims == "strict":
        raise ClaimContradicted(_account(contradicted))
    if settings.update == "all":
        return
    moved = [verdict for verdict in against if verdict.verdict == "fail"]
    if moved:
        raise BaselineMoved(_account([*moved, *contradicted]))
    absent = missing(measured.records, bench.known)
    if settings.update == "new" and absent:
        return
    if absent and against:
        raise BaselineMoved(
            f"{cell.id}: baseline {settings.baseline!r} has no record of {' and '.join(absent)} in "
            "this cell, though it has others: something that a case's digest covers has changed; "
            "if that is meant, accept what was measured with --sparsebench-update"
        )
    _judge_contradictions(cell, measured, claimed, bench)
    if absent:
        where = _where(absent, bench)
        if settings.gate:
            raise BaselineAbsent(
                f"{cell.id}: {where} has no records of this cell, and --sparsebench-gate wants one of "
                "every cell: accept what was measured with --sparsebench-update-new, and commit it"
            )
        raise BaselineMissing(
            f"{where} has no records of this cell: accept what was measured with --sparsebench-update"
        )


def undecided(measured: Measured, bench: Bench) -> bool:
    """Whether more seeds could decide a claim, or a comparison with the baseline.

    They cannot where networks are compared with themselves.
    """
    itself = {
        record.digest
        for record in measured.records
        if record.history.get("onset_loss") and bench.known.same_case(record) is not None
    }
    return any(
        verdict.verdict == "inconclusive"
        and (verdict.kind == "claim" or itself.isdisjoint(verdict.digests))
        for verdicts in _verdicts(measured, bench)
        for verdict in verdicts
    )


def _timed(measured: Measured) -> bool:
    return all(
        "time_ratio" in record.metrics
        for record in measured.records
        if of_the_machine(record.experiment)
    )


def _verdicts(measured: Measured, bench: Bench) -> tuple[list[Verdict], list[Verdict]]:
    """By claims, and by the baseline."""
    cell, off = _cell(measured), bench.settings.claims == "off"
    confidence = confidence_of(measured.looks)
    of = [experiment_of(record) for record in measured.records]
    off = off or not all(each.claimed(bench.settings) for each in of if each is not None)
    claimed = [] if off else judge_claims(cell, measured.records, confidence)
    return claimed, judge_baseline(cell, measured.records, bench.known, policy_of)


def _cell(measured: Measured) -> Cell:
    if measured.cell is None:
        raise TypeError("these records belong to no cell: there is nothing to judge them by")
    return measured.cell


def _where(absent: Sequence[str], bench: Bench) -> str:
    """Which baseline lacks some experiments."""
    if any(map(of_the_machine, absent)):
        return f"the baseline of times on this kind of machine, {bench.times_path},"
    return f"baseline {bench.settings.baseline!r}"


def _judge_contradictions(
    cell: Cell, measured: Measured, claimed: list[Verdict], bench: Bench
) -> None:
    """Tell new contradictions from those that the baseline knows of, if need be of other seeds.

    That other seeds do not share a contradiction is no news. That they contradict what holds in the
    baseline is, if they do so as surely as the gate is of anything: of many true claims, one in forty
    lies below its 95 % interval, and the seeds of a cell may well agree by chance.
    """
    stored = [known_of(case, bench.known) for case in measured.cases]
    known = [record for record in stored if record is not None]
    same_seeds = bool(known)
    if claimed and not same_seeds:
        groups = by_population(measured.records).values()
        known = [each for group in groups for each in bench.known.replicates(group[0])]
    found = judge_claims(cell, known, confidence_of(measured.looks)) if known else []
    before = {verdict.statement: verdict for verdict in found}
    kinds = {statement: verdict.verdict for statement, verdict in before.items()}
    failing = [verdict for verdict in claimed if verdict.verdict == "fail"]
    new = [verdict for verdict in failing if kinds.get(verdict.statement, "pass") == "pass"]
    if new and before and not same_seeds:
        surely = judge_claims(cell, measured.records, GATE_CONFIDENCE, unanimous=None)
        sure = {verdict.statement for verdict in surely if verdict.verdict == "fail"}
        new = [verdict for verdict in new if verdict.statement in sure]
    if new:
        raise ClaimContradicted(_account(new))
    gone = [
        verdict
        for verdict in claimed
        if verdict.verdict == "pass" and kinds.get(verdict.statement) == "fail" and same_seeds
    ]
    if gone:
        raise ContradictionGone(
            f"{_account(gone)}\n  before    {before[gone[0].statement].reason}: contradicted; accept "
            "that it holds with --sparsebench-update"
        )
    expected = [verdict for verdict in failing if kinds[verdict.statement] == "fail"]
    if expected:
        raise ContradictionKnown(
            "; ".join(
                f"{verdict.source}: {verdict.statement}; ours: {verdict.reason}"
                for verdict in expected
            )
        )


_SHOWN = 8
"""How many figures a message spells out."""


def _account(verdicts: list[Verdict]) -> str:
    lines = []
    for verdict in verdicts:
        figures = " / ".join(f"{value:.4f}" for value in verdict.measured[:_SHOWN])
        if len(verdict.measured) > _SHOWN:
            figures += f" and {len(verdict.measured) - _SHOWN} more"
        lines.append(
            f"{verdict.cell}: {verdict.kind} {verdict.verdict}\n"
            f"  expected  {verdict.statement} ({verdict.source})\n"
            f"  measured  {figures}\n"
            f"  numbers   {verdict.reason}"
        )
    return "\n".join(lines)
