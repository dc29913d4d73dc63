"""Base models at the end of a run: a table for each semantics."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import RenderableType

from sparsebench.experiments.pruning.table import ThesisResult, by_item
from sparsebench.harness.experiment import RecordOf, no_record
from sparsebench.parts.records import Record, Verdict
from sparsebench.report.accuracy_marks import Marks
from sparsebench.report.terminal_tables import ACCURACY_TITLE, empty_table


def base_tables(
    records: Sequence[Record], verdicts: Sequence[Verdict] = (), record_of: RecordOf = no_record
) -> Iterable[RenderableType]:
    """Mean accuracy by variant."""
    models: dict[str, list[ThesisResult]] = {}
    for result in by_item([record for record in records if record.experiment == "base"]):
        title = f"base models, {result.item.semantics}: {ACCURACY_TITLE}"
        models.setdefault(title, []).append(result)
    marks = Marks(verdicts)
    for title, results in models.items():
        table = empty_table(title, ["variant"], ["dense"])
        for result in results:
            table.add_row(result.item.variant, marks.marked(result))
        yield table
    yield from marks.legend()
