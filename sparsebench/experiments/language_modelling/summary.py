"""Strings that networks wrote, at the end of a run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.table import Table

from sparsebench.experiments.capacity.summary import tables_of_tasks
from sparsebench.harness.experiment import Known, nothing_known
from sparsebench.parts.records import Record, Verdict


def written_tables(
    records: Sequence[Record], verdicts: Sequence[Verdict] = (), known: Known = nothing_known
) -> Iterable[Table]:
    """How many of them are grammatical, and how many letters legal."""
    written = [record for record in records if record.experiment == "generation"]
    return tables_of_tasks(written, verdicts)
