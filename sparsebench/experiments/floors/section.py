"""Report section: what methods without recurrence reach."""

from __future__ import annotations

from sparsebench.experiments.floors.table import (
    among,
    floor_notes,
    floors_table,
    tasks_without_table,
)
from sparsebench.report.contents import Missing, Section
from sparsebench.report.measured import Measured

_ABOUT = (
    "Methods without recurrence see a fixed part of each sequence: its length, which letters, pairs "
    "or triples of letters occur, its last steps, or all steps by a linear model. What a network "
    "reaches above them is due to what it remembers."
)


def remarks(measured: Measured) -> list[str]:
    """A sentence for each task of the file's networks whose floors are in the file too."""
    return list(floor_notes(tasks_without_table(measured.records), among(measured.records)))


def sections(measured: Measured) -> list[Section]:
    """The table of all floors."""
    table = floors_table(measured.records)
    missing = () if table.rows else (Missing("floors", "pytest benchmarks/test_floors.py"),)
    shown = (table,) if table.rows else ()
    return [Section("floors", "Floors: methods without recurrence", (_ABOUT,), shown, missing)]
