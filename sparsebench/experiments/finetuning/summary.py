"""Base models that were fine-tuned, at the end of a run: a table for each pruned target."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.table import Table

from sparsebench.experiments.finetuning.items import FinetuningItem
from sparsebench.experiments.finetuning.table import FinetuningResult, by_finetuning_item
from sparsebench.parts.records import Record, Verdict
from sparsebench.report.terminal_tables import empty_table, in_percent
from sparsebench.values.protocol import VARIANTS


def finetuning_tables(
    records: Sequence[Record], verdicts: Sequence[Verdict] = ()
) -> Iterable[Table]:
    """Mean accuracy by percentage: right after pruning, after one epoch, and after the last."""
    groups: dict[str, dict[str, dict[int, FinetuningResult]]] = {}
    for result in by_finetuning_item(records):
        item = result.item
        if isinstance(item, FinetuningItem):
            rows = groups.setdefault(_title(item), {})
            rows.setdefault(item.variant, {})[item.percent] = result
        else:
            yield _threshold_table(result)
    for title, rows in groups.items():
        yield _regain_table(title, rows)


def _title(item: FinetuningItem) -> str:
    how = "" if item.criterion == "magnitude" else f" by {item.criterion}"
    order = "" if item.order is None else f", strings in order {item.order}"
    return (
        f"{item.target} pruned{how}, fine-tuned for {_epochs(item.epochs)}: accuracy in %, "
        f"{item.semantics}{order}"
    )


def _regain_table(title: str, rows: dict[str, dict[int, FinetuningResult]]) -> Table:
    percents = sorted({percent for row in rows.values() for percent in row})
    table = empty_table(title, ["variant", "training"], [f"{percent} %" for percent in percents])
    for variant in sorted(rows, key=VARIANTS.index):
        found = [rows[variant].get(percent) for percent in percents]
        epochs = max(result.item.epochs for result in rows[variant].values())
        table.add_row(
            variant, "none", *(in_percent(each.before if each else None) for each in found)
        )
        for count in dict.fromkeys((1, epochs)):
            figures = (in_percent(each.after(count) if each else None) for each in found)
            table.add_row("", _epochs(count), *figures, end_section=count == epochs)
    return table


def _threshold_table(result: FinetuningResult) -> Table:
    title = f"{result.item.id}: accuracy in %, {result.item.semantics}"
    table = empty_table(title, ["seed"], ["kept", "trained", "pruned", "fine-tuned"])
    for record in result.records:
        metrics = record.metrics
        names = ("density", "accuracy_trained", "accuracy_before", "accuracy")
        seed = record.case["network"]["seed"]
        table.add_row(str(seed), *(in_percent(metrics[name]) for name in names))
    return table


def _epochs(count: int) -> str:
    return "1 epoch" if count == 1 else f"{count} epochs"
