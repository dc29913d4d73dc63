"""Tables of what was measured: accuracy by variant and percentage, claims beside our figures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from sparsebench.experiments.cells import BaseCell, PruningCell
from sparsebench.experiments.verdicts import judge_claims
from sparsebench.parts.records import Record, Verdict
from sparsebench.values.case import VARIANTS, BaseCase, PruningCase, restore

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
        return fmean(record.metrics["accuracy"] for record in self.records)

    @property
    def ratio(self) -> float | None:
        """Forward time over the dense network's, where it was timed."""
        ratios = [record.timing.ratio for record in self.records if record.timing is not None]
        return fmean(ratios) if ratios else None


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
    if isinstance(case, BaseCase):
        if base.semantics.name not in ("published", "corrected"):
            return None
        cell: ThesisCell = BaseCell(base.variant, base.semantics.name)
    else:
        if base.semantics.name not in ("published", "corrected"):
            return None
        cell = PruningCell(
            base.variant, case.target, case.percent, base.semantics.name, case.criterion
        )
    return cell if case in cell.cases([case.seed]) else None


def claims_table(records: Sequence[Record]) -> list[tuple[ThesisCell, Verdict]]:
    """Every claim about the measured cells with its verdict, ordered by target, variant, percent."""
    rows = [
        (result.cell, verdict)
        for result in by_cell(records)
        for verdict in judge_claims(result.cell, result.records)
    ]
    return sorted(rows, key=lambda row: _order(row[0]))


_SYMBOLS: Mapping[str, str] = {"pass": "holds", "fail": "**contradicted**", "inconclusive": "open"}


def claims_markdown(records: Sequence[Record]) -> str:
    """The claims as a Markdown table, cells with the same claim in one row.

    Columns: what is pruned, variant, percentages, the thesis's statement, our mean accuracies over
    seeds (the lowest and highest seed where they differ), verdict, source.
    """
    lines = [
        "| pruned | variant | percent | the thesis | ours (lowest-highest seed) | verdict | source |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [_markdown_row(cell, verdict) for cell, verdict in claims_table(records)]
    return "\n".join(lines)


def _markdown_row(cell: ThesisCell, verdict: Verdict) -> str:
    low, high = min(verdict.measured), max(verdict.measured)
    spread = f" ({low:.3f}-{high:.3f})" if f"{low:.3f}" != f"{high:.3f}" else ""
    pruned, percent = ("nothing", "") if isinstance(cell, BaseCell) else (cell.target, cell.percent)
    return (
        f"| {pruned} | {cell.variant} | {percent} | {verdict.statement} "
        f"| {fmean(verdict.measured):.3f}{spread} | {_SYMBOLS[verdict.verdict]} "
        f"| {verdict.source.removeprefix('thesis, ')} |"
    )


def _order(cell: ThesisCell) -> tuple[int, int, int]:
    variant = VARIANTS.index(cell.variant)
    if isinstance(cell, BaseCell):
        return (0, variant, 0)
    return (1 + ("both", "i2h", "h2h").index(cell.target), variant, cell.percent)
