"""Floors at the end of a run: a row for each task and method, and notes under other tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import RenderableType
from rich.text import Text

from sparsebench.experiments.floors.table import (
    METRICS,
    floor_notes,
    floors_table,
    tasks_without_table,
)
from sparsebench.harness.experiment import RecordOf, no_record
from sparsebench.parts.records import Record, Verdict
from sparsebench.report.terminal_tables import empty_table


def floor_tables(
    records: Sequence[Record], verdicts: Sequence[Verdict] = (), record_of: RecordOf = no_record
) -> Iterable[RenderableType]:
    """What methods without recurrence reach on each task, and a note for each task of networks.

    The tables of tasks with figures of their own have rows for floors, so they have no note.
    """
    found = floors_table(records)
    if found.rows:
        table = empty_table(found.caption, ["task", "method"], [*METRICS.values()])
        for task, _, *row in found.texts:  # a run has one task of each name
            table.add_row(task, *row)
        yield table
    else:
        yield from (
            Text(note, style="dim") for note in floor_notes(tasks_without_table(records), record_of)
        )
