"""Terminal table of data sets of strings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.table import Table

from sparsebench.experiments.string_statistics.table import beside_stated, data_sets
from sparsebench.harness.experiment import RecordOf, no_record
from sparsebench.parts.records import Record, Verdict
from sparsebench.report.terminal_tables import empty_table


def strings_tables(
    records: Sequence[Record], verdicts: Sequence[Verdict] = (), record_of: RecordOf = no_record
) -> Iterable[Table]:
    """What the thesis states of its strings beside those of the run."""
    found = beside_stated(data_sets(records))
    titles = [column.title for column in found.columns]
    if len(titles) > 3:
        table = empty_table(found.caption, titles[:2], titles[2:])
        for row in found.texts:
            table.add_row(*row)
        yield table
