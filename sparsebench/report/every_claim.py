"""Every claim of the thesis and the slides, with what was measured under both semantics.

The thesis speaks of the published semantics; the corrected ones are held to the same words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean

from sparsebench.experiments.base.items import base_cells
from sparsebench.experiments.finetuning.items import RegainCell, ThresholdCell, regain_cells
from sparsebench.experiments.graph_statistics.items import CorrelationCell
from sparsebench.experiments.graph_statistics.table import analysis_claims
from sparsebench.experiments.pruning.items import pruning_cells
from sparsebench.experiments.random_wiring.items import (
    FamiliesCell,
    VariantsCell,
    families_cells,
    variants_cells,
)
from sparsebench.harness.claims import claims, contrasts, judge_claims
from sparsebench.judging.cell import Cell
from sparsebench.judging.claims import Claim, Contrast
from sparsebench.parts.records import Record, Verdict
from sparsebench.report.contents import Column, Entry
from sparsebench.report.measured import Measured, regain_rank
from sparsebench.report.words import NOT_MEASURED, VERDICTS, interval_text
from sparsebench.values.graphs import PUBLISHED_FAMILIES
from sparsebench.values.semantics import SEMANTICS

GRAPHS, REGAIN_EPOCHS, THRESHOLD_EPOCHS = 100, 10, 12
"""Of the thesis's and the slides' own experiments."""


@dataclass(frozen=True)
class ClaimRow:
    """One claim.

    Attributes
    ----------
    experiment
        What it speaks of, in words.
    cell
        The thesis's cell that it speaks of, under the published semantics.
    statement, source
        What is claimed, and where.
    low, high
        The range that the figure is claimed to lie in; of a difference between groups, from 0 on.
    verdicts
        By the name of the semantics, what our records say. Absent where there are none.
    """

    experiment: str
    cell: Cell
    statement: str
    source: str
    low: float
    high: float
    verdicts: Mapping[str, Verdict]

    def verdict(self, semantics: str) -> str:
        """The verdict under some semantics, in words."""
        found = self.verdicts.get(semantics)
        return VERDICTS[found.verdict] if found else NOT_MEASURED


def every_claim(records: Iterable[Record]) -> list[ClaimRow]:
    """Judge all claims by whatever records there are, in the thesis's order."""
    records = list(records)
    measured = _by_thesis_cell(Measured(tuple(records)))
    rows = []
    for experiment, cell in _thesis_cells():
        judged = {
            name: {each.statement: each for each in judge_claims(cell, measured[cell, name])}
            for name in SEMANTICS
            if (cell, name) in measured
        }
        claimed: list[Claim | Contrast] = [*claims(cell), *contrasts(cell)]
        for claim in claimed:
            low, high = (claim.low, claim.high) if isinstance(claim, Claim) else (0.0, 1.0)
            verdicts = {
                name: found[claim.statement]
                for name, found in judged.items()
                if claim.statement in found
            }
            rows.append(
                ClaimRow(experiment, cell, claim.statement, claim.source, low, high, verdicts)
            )
    return [*rows, *_of_analyses(records)]


def _of_analyses(records: Iterable[Record]) -> list[ClaimRow]:
    """What is claimed of correlations and predictions, as far as they were measured."""
    found: dict[tuple[str, Cell, str], dict[str, Verdict]] = {}
    for analysis, verdict in analysis_claims(records):
        experiment = "correlated" if isinstance(analysis, CorrelationCell) else "predicted"
        of_all = replace(analysis, semantics="published", graphs=GRAPHS, first=0)
        verdicts = found.setdefault((experiment, of_all, verdict.statement), {})
        verdicts.setdefault(analysis.semantics, verdict)
    rows = []
    for (experiment, cell, statement), verdicts in found.items():
        first = next(iter(verdicts.values()))
        low, high = first.expected
        source = first.source.removeprefix("thesis, ")
        rows.append(ClaimRow(experiment, cell, statement, source, low, high, verdicts))
    return rows


def _thesis_cells() -> list[tuple[str, Cell]]:
    """The cells that claims speak of, and what their experiments are called."""
    cells: list[tuple[str, Sequence[Cell]]] = [
        ("trained", base_cells()),
        ("pruned", pruning_cells(targets=("both", "i2h", "h2h"))),
        ("trained again", regain_cells(REGAIN_EPOCHS, targets=("both", "i2h", "h2h"))),
        ("below a threshold", [ThresholdCell(THRESHOLD_EPOCHS)]),
        ("randomly wired", [*families_cells(GRAPHS), *variants_cells(GRAPHS)]),
    ]
    return [(experiment, cell) for experiment, group in cells for cell in group]


def _by_thesis_cell(measured: Measured) -> dict[tuple[Cell, str], Sequence[Record]]:
    """Records by the thesis's cell that they are evidence for, and the name of their semantics.

    A run may have trained again for fewer epochs than the thesis, or wired fewer graphs: the longest
    training and all the graphs count for the thesis's cell.
    """
    found: dict[tuple[Cell, str], Sequence[Record]] = {}
    for result in measured.cells:
        found[replace(result.cell, semantics="published"), result.cell.semantics] = result.records
    for again in sorted(measured.regained, key=lambda each: regain_rank(each.cell)):
        epochs = REGAIN_EPOCHS if isinstance(again.cell, RegainCell) else THRESHOLD_EPOCHS
        cell = replace(again.cell, semantics="published", epochs=epochs, order=None)
        found[cell, again.cell.semantics] = again.records
    for case, record in measured.thesis_networks:
        if case.graph.family in PUBLISHED_FAMILIES:
            for group in (
                FamiliesCell(case.variant, GRAPHS),
                VariantsCell(case.graph.family, GRAPHS),
            ):
                found[group, case.semantics.name] = [
                    *found.get((group, case.semantics.name), ()),
                    record,
                ]
    return found


SIDES = tuple(
    column
    for semantics in SEMANTICS
    for column in (
        Column(f"{semantics}: mean", ".4f"),
        Column(f"{semantics}: 95 % interval"),
        Column(f"{semantics}: verdict", choice=True),
    )
)
"""The columns in which both semantics stand side by side."""


def sides(row: ClaimRow) -> list[Entry]:
    """What stands in those columns beside a claim."""
    figures: list[Entry] = []
    for semantics in SEMANTICS:
        verdict = row.verdicts.get(semantics)
        figures += [
            fmean(verdict.measured) if verdict else None,
            interval_text(verdict.interval) if verdict else "",
            row.verdict(semantics),
        ]
    return figures


def count_verdicts(rows: Iterable[ClaimRow], semantics: str) -> dict[str, int]:
    """How many claims have each verdict, in the order of `VERDICTS`, those not measured last."""
    counts = dict.fromkeys((*VERDICTS.values(), NOT_MEASURED), 0)
    for row in rows:
        counts[row.verdict(semantics)] += 1
    return counts
