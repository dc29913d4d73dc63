"""Terminal tables of tasks other than the thesis's: what networks store, remember, predict."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.table import Table

from sparsebench.experiments.capacity.table import task_tables
from sparsebench.harness.experiment import RecordOf, no_record
from sparsebench.parts.records import Record, Verdict
from sparsebench.report.terminal_tables import empty_table


def capacity_tables(
    records: Sequence[Record], verdicts: Sequence[Verdict] = (), record_of: RecordOf = no_record
) -> Iterable[Table]:
    """The tables of networks on tasks; language modelling has the tables of generated strings."""
    of_tasks = [record for record in records if record.experiment in ("task", "pruned_task")]
    return tables_of_tasks(of_tasks, verdicts, record_of)


def tables_of_tasks(
    records: Sequence[Record], verdicts: Sequence[Verdict] = (), record_of: RecordOf = no_record
) -> Iterable[Table]:
    """One table per measured task."""
    for found in task_tables(records, record_of):
        names = [column.title for column in found.columns if not column.form]
        figures = [column.title for column in found.columns if column.form]
        table = empty_table(found.caption, names, figures)
        for row in found.rows:
            table.add_row(
                *(column.text(entry) for column, entry in zip(found.columns, row, strict=True))
            )
        yield table
