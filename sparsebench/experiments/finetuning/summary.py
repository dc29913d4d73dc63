"""Base models that were fine-tuned, at the end of a run: a table for each pruned target."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rich.table import Table

from sparsebench.experiments.finetuning.items import FinetuningItem
from sparsebench.experiments.finetuning.table import FinetuningResult, by_finetuning_item
from sparsebench.harness.experiment import RecordOf, no_record
from sparsebench.judging.metrics import time_ratio
from sparsebench.parts.records import Record, Verdict
from sparsebench.report.dense_column import dense_accuracy
from sparsebench.report.terminal_tables import (
    ACCURACY_TITLE,
    columns_by_percent,
    empty_table,
    in_percent,
    mean_in_percent,
)
from sparsebench.values.identity import Case
from sparsebench.values.protocol import CELL_TYPES

Method = tuple[str, str]
"""A variant and the pruning criterion."""


def finetuning_tables(
    records: Sequence[Record], verdicts: Sequence[Verdict] = (), record_of: RecordOf = no_record
) -> Iterable[Table]:
    """Mean accuracy of each method by percentage: right after pruning, after one epoch, after the
    last.

    Parameters
    ----------
    records, verdicts
        Of a run.
    record_of
        Looks up the dense models that were pruned.
    """
    groups: dict[str, dict[Method, dict[int, FinetuningResult]]] = {}
    for result in by_finetuning_item(records):
        item = result.item
        if isinstance(item, FinetuningItem):
            rows = groups.setdefault(_title(item), {})
            rows.setdefault((item.variant, item.criterion), {})[item.percent] = result
        else:
            yield _threshold_table(result)
    for title, rows in groups.items():
        yield _finetuned_table(title, rows, record_of)


def _title(item: FinetuningItem) -> str:
    order = "" if item.order is None else f", strings in order {item.order}"
    return (
        f"{item.target} pruned, fine-tuned for {_epochs(item.epochs)}, {item.semantics}{order}: "
        f"{ACCURACY_TITLE}"
    )


def _finetuned_table(
    title: str, rows: dict[Method, dict[int, FinetuningResult]], record_of: RecordOf
) -> Table:
    percents, figures, times = columns_by_percent(rows, lambda each: time_ratio(each.records))
    table = empty_table(title, ["variant", "method", "fine-tuned"], figures)
    for method in sorted(rows, key=lambda method: (CELL_TYPES.index(method[0]), method[1])):
        found = [rows[method].get(percent) for percent in percents]
        epochs = max(result.item.epochs for result in rows[method].values())
        table.add_row(
            *method,
            "no",
            dense_accuracy(_networks(rows[method]), record_of),
            *(mean_in_percent(each.all_before) if each else "" for each in found),
            *times[method],
        )
        for count in dict.fromkeys((1, epochs)):
            after = (mean_in_percent(each.all_after(count)) if each else "" for each in found)
            blank = [""] * len(times[method])
            table.add_row("", "", _epochs(count), "", *after, *blank, end_section=count == epochs)
    return table


def _threshold_table(result: FinetuningResult) -> Table:
    title = f"{result.item.id}: accuracy in %, {result.item.semantics}"
    table = empty_table(title, ["seed"], ["dense", "kept", "pruned", "fine-tuned"])
    for record in result.records:
        metrics = record.metrics
        names = ("accuracy_trained", "density", "accuracy_before", "accuracy")
        seed = record.case["network"]["seed"]
        table.add_row(str(seed), *(in_percent(metrics[name]) for name in names))
    return table


def _epochs(count: int) -> str:
    return "1 epoch" if count == 1 else f"{count} epochs"


def _networks(row: dict[int, FinetuningResult]) -> Iterator[Case]:
    """The models before pruning."""
    return (each.restored.network for result in row.values() for each in result.records)
