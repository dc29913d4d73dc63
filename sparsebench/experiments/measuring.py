"""From a cell to its records and verdicts: what every benchmark item does."""

from __future__ import annotations

from dataclasses import dataclass, field

from sparsebench.experiments import base, onset, pruning
from sparsebench.experiments.bench import Bench
from sparsebench.experiments.cells import Cell
from sparsebench.experiments.verdicts import (
    BaselineMissing,
    BaselineMoved,
    ClaimContradicted,
    judge_baseline,
    judge_claims,
    missing,
)
from sparsebench.parts.records import Record, Verdict
from sparsebench.values.case import BaseCase, Case, OnsetCase, PruningCase, digest


@dataclass
class Measured:
    """What one item measured, and what was concluded from it.

    Attributes
    ----------
    cell
        What was asked for; None for records that belong to no cell.
    cases, records
        One record for each case, in order.
    verdicts
        Filled by `judge`.
    """

    cell: Cell | None
    cases: list[Case] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)


def measure(case: Case, bench: Bench) -> Record:
    """Measure one case.

    Raises
    ------
    TypeError
        If no experiment measures this kind of case from a bench alone.
    """
    if isinstance(case, BaseCase):
        return base.measure(case, bench)
    if isinstance(case, OnsetCase):
        return onset.measure(case, bench)
    if isinstance(case, PruningCase):
        return pruning.measure(case, bench)
    raise TypeError(f"a {type(case).__name__} is not measured from a bench")


def judge(measured: Measured, bench: Bench) -> None:
    """Judge the records of a cell by the thesis's claims and the baseline, under the run's settings.

    Raises
    ------
    BaselineMoved
        If the records are not what the baseline says they should be.
    ClaimContradicted
        If a claim is contradicted, unless the baseline's own records cannot decide it; under
        `--sparsebench-claims=strict`, if any is.
    BaselineMissing
        If the baseline lacks records of the cell; nothing else is wrong then.
    TypeError
        If the records belong to no cell.
    """
    if measured.cell is None:
        raise TypeError("these records belong to no cell: there is nothing to judge them by")
    settings, cell = bench.settings, measured.cell
    claimed = [] if settings.claims == "off" else judge_claims(cell, measured.records)
    against = judge_baseline(cell, measured.records, bench.baseline)
    measured.verdicts = [*claimed, *against]
    contradicted = [verdict for verdict in claimed if verdict.verdict == "fail"]
    if settings.claims == "baseline":
        before = {verdict.statement: verdict.verdict for verdict in _judge_stored(measured, bench)}
        contradicted = [
            verdict for verdict in contradicted if before.get(verdict.statement) != "inconclusive"
        ]
    moved = [verdict for verdict in against if verdict.verdict == "fail"]
    if settings.update:
        moved, contradicted = [], contradicted if settings.claims == "strict" else []
    if moved:
        raise BaselineMoved(_account([*moved, *contradicted]))
    if contradicted:
        raise ClaimContradicted(_account(contradicted))
    absent = missing(measured.records, bench.baseline)
    if absent and not settings.update:
        raise BaselineMissing(
            f"baseline {settings.baseline!r} lacks {len(absent)} of {len(measured.records)} records "
            "of this cell: accept what was measured with --sparsebench-update"
        )


def expected_contradictions(measured: Measured, bench: Bench) -> str:
    """The claims about a cell that the baseline contradicts, with the thesis's figures and ours.

    Parameters
    ----------
    measured
        The cell and its records; a claim that they cannot answer is not expected to fail.
    bench
        Where the baseline is.

    Returns
    -------
    str
        Empty if there are none, or if the run's settings do not excuse them.
    """
    if bench.settings.claims != "baseline" or bench.settings.update or measured.cell is None:
        return ""
    asked = {verdict.statement for verdict in judge_claims(measured.cell, measured.records)}
    return "; ".join(
        f"{verdict.source}: {verdict.statement}; ours: {verdict.reason}"
        for verdict in _judge_stored(measured, bench)
        if verdict.verdict == "fail" and verdict.statement in asked
    )


def _judge_stored(measured: Measured, bench: Bench) -> list[Verdict]:
    known = [bench.baseline.get(digest(case)) for case in measured.cases]
    records = [record for record in known if record is not None]
    return judge_claims(measured.cell, records) if measured.cell else []


def _account(verdicts: list[Verdict]) -> str:
    lines = []
    for verdict in verdicts:
        figures = " / ".join(f"{value:.4f}" for value in verdict.measured)
        lines.append(
            f"{verdict.cell}: {verdict.kind} {verdict.verdict}\n"
            f"  expected  {verdict.statement} ({verdict.source})\n"
            f"  measured  {figures}\n"
            f"  numbers   {verdict.reason}"
        )
    return "\n".join(lines)
