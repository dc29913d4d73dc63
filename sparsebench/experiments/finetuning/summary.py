"""Base models that were trained again, at the end of a run: a table for each pruned target."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.table import Table

from sparsebench.experiments.finetuning.items import RegainCell
from sparsebench.experiments.finetuning.table import RegainResult, by_regain_cell
from sparsebench.parts.records import Record, Verdict
from sparsebench.report.terminal_tables import empty_table, in_percent
from sparsebench.values.protocol import VARIANTS


def regain_tables(records: Sequence[Record], verdicts: Sequence[Verdict] = ()) -> Iterable[Table]:
    """Mean accuracy by percentage: right after pruning, after one epoch, and after the last."""
    groups: dict[str, dict[str, dict[int, RegainResult]]] = {}
    for result in by_regain_cell(records):
        cell = result.cell
        if isinstance(cell, RegainCell):
            rows = groups.setdefault(_title(cell), {})
            rows.setdefault(cell.variant, {})[cell.percent] = result
        else:
            yield _threshold_table(result)
    for title, rows in groups.items():
        yield _regain_table(title, rows)


def _title(cell: RegainCell) -> str:
    how = "" if cell.criterion == "magnitude" else f" by {cell.criterion}"
    order = "" if cell.order is None else f", strings in order {cell.order}"
    return (
        f"{cell.target} pruned{how}, trained again for {_epochs(cell.epochs)}: accuracy in %, "
        f"{cell.semantics}{order}"
    )


def _regain_table(title: str, rows: dict[str, dict[int, RegainResult]]) -> Table:
    percents = sorted({percent for row in rows.values() for percent in row})
    table = empty_table(title, ["variant", "training"], [f"{percent} %" for percent in percents])
    for variant in sorted(rows, key=VARIANTS.index):
        found = [rows[variant].get(percent) for percent in percents]
        epochs = max(result.cell.epochs for result in rows[variant].values())
        table.add_row(
            variant, "none", *(in_percent(each.before if each else None) for each in found)
        )
        for count in dict.fromkeys((1, epochs)):
            figures = (in_percent(each.after(count) if each else None) for each in found)
            table.add_row("", _epochs(count), *figures, end_section=count == epochs)
    return table


def _threshold_table(result: RegainResult) -> Table:
    title = f"{result.cell.id}: accuracy in %, {result.cell.semantics}"
    table = empty_table(title, ["seed"], ["kept", "trained", "pruned", "trained again"])
    for record in result.records:
        metrics = record.metrics
        names = ("density", "accuracy_trained", "accuracy_before", "accuracy")
        seed = record.case["network"]["seed"]
        table.add_row(str(seed), *(in_percent(metrics[name]) for name in names))
    return table


def _epochs(count: int) -> str:
    return "1 epoch" if count == 1 else f"{count} epochs"
