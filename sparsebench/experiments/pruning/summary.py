"""Terminal tables of pruned models: one for each target and semantics, a row for each method."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from sparsebench.experiments.pruning.items import PruningItem
from sparsebench.experiments.pruning.table import ThesisResult, by_item
from sparsebench.harness.experiment import RecordOf, no_record
from sparsebench.parts.records import Record, Verdict
from sparsebench.report.accuracy_marks import Marks
from sparsebench.report.dense_column import dense_accuracy
from sparsebench.report.terminal_tables import ACCURACY_TITLE, columns_by_percent, empty_table
from sparsebench.values.identity import Case
from sparsebench.values.protocol import CELL_TYPES

Method = tuple[str, str]
"""A variant and the pruning criterion."""


def pruning_tables(
    records: Sequence[Record], verdicts: Sequence[Verdict] = (), record_of: RecordOf = no_record
) -> Iterable[RenderableType]:
    """Mean accuracy of each method by percentage, the dense models' accuracy, and forward times.

    Parameters
    ----------
    records, verdicts
        Of a run.
    record_of
        Looks up the dense models that were pruned.
    """
    pruned: dict[str, dict[Method, dict[int, ThesisResult]]] = {}
    for result in by_item(records):
        item = result.item
        if isinstance(item, PruningItem):
            title = f"{item.target} pruned, {item.semantics}: {ACCURACY_TITLE}"
            methods = pruned.setdefault(title, {})
            methods.setdefault((item.variant, item.criterion), {})[item.percent] = result
    marks = Marks(verdicts)
    for title, rows in pruned.items():
        yield _pruning_table(title, rows, marks, record_of)
    yield from marks.legend()


def _pruning_table(
    title: str, rows: dict[Method, dict[int, ThesisResult]], marks: Marks, record_of: RecordOf
) -> Table:
    percents, figures, times = columns_by_percent(rows, lambda result: result.ratio)
    table = empty_table(title, ["variant", "method"], figures)
    for method in sorted(rows, key=lambda method: (CELL_TYPES.index(method[0]), method[1])):
        row = [rows[method].get(percent) for percent in percents]
        table.add_row(
            *method,
            dense_accuracy(_networks(rows[method]), record_of),
            *(marks.marked(result) if result else Text("") for result in row),
            *times[method],
        )
    return table


def _networks(row: dict[int, ThesisResult]) -> Iterator[Case]:
    """The models before pruning."""
    return (each.restored.base for result in row.values() for each in result.records)
