"""Terminal tables of methods by density, one for each task and cell type."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import fmean, stdev

from rich.table import Table

from sparsebench.experiments.methods.table import (
    CONTROL_TITLES,
    figures,
    in_order,
    kept,
    settings_of,
)
from sparsebench.harness.experiment import RecordOf, no_record
from sparsebench.parts.records import Record, Verdict
from sparsebench.report.terminal_tables import ACCURACY_TITLE, empty_table, mean_in_percent

_LOSS_TITLE = "loss, mean \N{PLUS-MINUS SIGN} sd over seeds"


def method_tables(
    records: Sequence[Record], verdicts: Sequence[Verdict] = (), record_of: RecordOf = no_record
) -> Iterable[Table]:
    """Accuracy, or loss, of each method at each density, beside that of the controls."""
    for setting in settings_of(records):
        name = setting.figure
        shares = name != "loss"
        densities = setting.densities
        table = empty_table(
            f"{setting.title}: {ACCURACY_TITLE if shares else _LOSS_TITLE}",
            ["method", "control"],
            ["dense", *map(kept, densities)],
        )
        dense = _text(figures(setting.dense, name), shares)
        table.add_row("dense", "", dense, *("" for _ in densities))
        for method, control in in_order(setting):
            row = setting.rows[method, control]
            cells = [_text(figures(row.get(density, {}), name), shares) for density in densities]
            table.add_row(method, CONTROL_TITLES.get(control, ""), "", *cells)
        yield table


def _text(values: Sequence[float], shares: bool) -> str:
    if shares or not values:
        return mean_in_percent(values)
    spread = f" \N{PLUS-MINUS SIGN}{stdev(values):.3g}" if len(values) > 1 else ""
    return f"{fmean(values):.4g}{spread}"
