"""Terminal tables of generated strings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.table import Table

from sparsebench.experiments.capacity.summary import tables_of_tasks
from sparsebench.harness.experiment import Known, nothing_known
from sparsebench.parts.records import Record, Verdict


def written_tables(
    records: Sequence[Record], verdicts: Sequence[Verdict] = (), known: Known = nothing_known
) -> Iterable[Table]:
    """Shares of grammatical strings and of legal letters."""
    written = [record for record in records if record.experiment == "generation"]
    return tables_of_tasks(written, verdicts)
