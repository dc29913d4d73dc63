"""Base models and the same pruned: their records by cell, claims beside our figures as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from statistics import fmean

from sparsebench.experiments.base.items import BaseCell
from sparsebench.experiments.pruning.cases import PruningCase
from sparsebench.experiments.pruning.items import PruningCell
from sparsebench.harness.claims import judge_claims
from sparsebench.judging.metrics import accuracies, time_ratio
from sparsebench.parts.records import Record, Verdict
from sparsebench.report.markdown import table
from sparsebench.report.words import TARGET_TITLES, WORDS
from sparsebench.values.case import BaseCase
from sparsebench.values.identity import restore
from sparsebench.values.protocol import VARIANTS
from sparsebench.values.semantics import SEMANTICS

ThesisCell = BaseCell | PruningCell


@dataclass(frozen=True)
class CellResult:
    """The records of one cell.

    Attributes
    ----------
    cell
        What was measured.
    records
        One for each seed.
    """

    cell: ThesisCell
    records: tuple[Record, ...]

    @property
    def accuracy(self) -> float:
        """The mean over seeds, 0-1."""
        return fmean(accuracies(self.records))

    @property
    def ratio(self) -> float | None:
        """Forward time over the dense network's, where it was timed."""
        return time_ratio(self.records)


def by_cell(records: Iterable[Record]) -> list[CellResult]:
    """Group accuracy records into the cells that they belong to; others are left out.

    Cells of other protocols, data or semantics than the presets have no name, and are left out too.
    """
    groups: dict[ThesisCell, list[Record]] = {}
    for record in records:
        if record.experiment in ("base", "pruning"):
            cell = cell_of(restore(record.case))
            if cell is not None:
                groups.setdefault(cell, []).append(record)
    return [CellResult(cell, tuple(group)) for cell, group in groups.items()]


def cell_of(case: BaseCase | PruningCase) -> ThesisCell | None:
    """The cell that a case belongs to, or None if it is not of the thesis's protocol."""
    base = case if isinstance(case, BaseCase) else case.base
    semantics = base.semantics.name
    if semantics not in SEMANTICS:
        return None
    cell: ThesisCell = BaseCell(base.variant, semantics)
    if isinstance(case, PruningCase):
        cell = PruningCell(base.variant, case.target, case.percent, semantics, case.criterion)
    return cell if case in cell.cases([case.seed]) else None


def pruned_order(variant: str, target: str, percent: int, semantics: str) -> tuple[object, ...]:
    """The thesis's order of pruned models: by target, variant, semantics and percentage."""
    place = list(TARGET_TITLES).index(target), VARIANTS.index(variant)
    return (*place, semantics != "published", percent)


def claims_table(records: Sequence[Record]) -> list[tuple[ThesisCell, Verdict]]:
    """Every claim about the measured cells with its verdict, ordered by target, variant, percent."""
    rows = [
        (result.cell, verdict)
        for result in by_cell(records)
        for verdict in judge_claims(result.cell, result.records)
    ]
    return sorted(rows, key=lambda row: _order(row[0]))


def claims_markdown(records: Sequence[Record]) -> str:
    """The claims as a Markdown table; neighbouring percentages with one verdict share a row.

    Columns: what is pruned, variant, percentages, the thesis's statement, our mean accuracies (and
    the lowest and highest seed), verdict, source.
    """
    columns = ["pruned", "variant", "percent", "the thesis", "ours (lowest-highest seed)"]
    rows = [_claim_row(list(rows)) for _, rows in groupby(claims_table(records), key=_shared)]
    return table([*columns, "verdict", "source"], rows)


def _shared(row: tuple[ThesisCell, Verdict]) -> tuple[str, ...]:
    cell, verdict = row
    target = cell.target if isinstance(cell, PruningCell) else "nothing"
    return target, cell.variant, verdict.statement, verdict.verdict, verdict.source


def _claim_row(rows: Sequence[tuple[ThesisCell, Verdict]]) -> list[str]:
    target, variant, statement, verdict, source = _shared(rows[0])
    percents = [cell.percent for cell, _ in rows if isinstance(cell, PruningCell)]
    means = [fmean(each.measured) for _, each in rows]
    seeds = [figure for _, each in rows for figure in each.measured]
    ours = f"{_span(means, '.3f')} ({_span(seeds, '.3f')})"
    row = [target, variant, _span(percents, ""), statement, ours, WORDS[verdict]]
    return [*row, source.removeprefix("thesis, ")]


def _span(values: Sequence[float], form: str) -> str:
    ends = dict.fromkeys(format(end, form) for end in (min(values), max(values))) if values else ()
    return "-".join(ends)


def _order(cell: ThesisCell) -> tuple[int, int, int]:
    variant = VARIANTS.index(cell.variant)
    if isinstance(cell, BaseCell):
        return (0, variant, 0)
    return (1 + ("both", "i2h", "h2h").index(cell.target), variant, cell.percent)


def markdown(records: Sequence[Record]) -> list[str]:
    """The table of claims, those about base models too, which every file has."""
    return [claims_markdown(records)]
