"""Pruned models at the end of a run: a table for each target, criterion and semantics."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from sparsebench.experiments.pruning.items import PruningCell
from sparsebench.experiments.pruning.table import CellResult, by_cell
from sparsebench.parts.records import Record, Verdict
from sparsebench.report.accuracy_marks import LEGEND, by_digest, marked
from sparsebench.report.terminal_tables import empty_table
from sparsebench.values.protocol import VARIANTS


def pruning_tables(
    records: Sequence[Record], verdicts: Sequence[Verdict]
) -> Iterable[RenderableType]:
    """Mean accuracy by variant and percentage, and forward times."""
    pruned: dict[str, dict[tuple[str, int], CellResult]] = {}
    for result in by_cell(records):
        cell = result.cell
        if isinstance(cell, PruningCell):
            how = "" if cell.criterion == "magnitude" else f" by {cell.criterion}"
            title = f"{cell.target} pruned{how}, {cell.semantics}"
            pruned.setdefault(title, {})[cell.variant, cell.percent] = result
    concluded = by_digest(verdicts)
    for title, cells in pruned.items():
        yield _pruning_table(title, cells, concluded)
    if pruned:
        yield Text(LEGEND, style="dim")


def _pruning_table(
    title: str,
    cells: dict[tuple[str, int], CellResult],
    verdicts: Mapping[str, Sequence[Verdict]],
) -> Table:
    percents = sorted({percent for _, percent in cells})
    timed = any(result.ratio is not None for result in cells.values())
    figures = [*(f"{percent} %" for percent in percents), *(["time / dense"] if timed else [])]
    table = empty_table(title, ["variant"], figures)
    for variant in VARIANTS:
        row = [cells.get((variant, percent)) for percent in percents]
        if not any(row):
            continue
        ratios = [result.ratio for result in row if result and result.ratio is not None]
        extra = [f"{min(ratios):.2f}-{max(ratios):.2f}" if ratios else ""] if timed else []
        table.add_row(
            variant,
            *(marked(result, verdicts) if result else Text("") for result in row),
            *extra,
        )
    return table
