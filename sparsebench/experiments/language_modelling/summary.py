"""Terminal tables of generated strings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.table import Table

from sparsebench.experiments.capacity.summary import tables_of_tasks
from sparsebench.harness.experiment import RecordOf, no_record
from sparsebench.parts.records import Record, Verdict


def written_tables(
    records: Sequence[Record], verdicts: Sequence[Verdict] = (), record_of: RecordOf = no_record
) -> Iterable[Table]:
    """Shares of grammatical strings and of legal letters."""
    written = [record for record in records if record.experiment == "generation"]
    return tables_of_tasks(written, verdicts)
