"""Base models at the end of a run: a table for each semantics."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import RenderableType
from rich.text import Text

from sparsebench.experiments.pruning.table import ThesisResult, by_item
from sparsebench.parts.records import Record, Verdict
from sparsebench.report.accuracy_marks import LEGEND, by_digest, marked
from sparsebench.report.terminal_tables import empty_table


def base_tables(records: Sequence[Record], verdicts: Sequence[Verdict]) -> Iterable[RenderableType]:
    """Mean accuracy by variant."""
    models: dict[str, list[ThesisResult]] = {}
    for result in by_item([record for record in records if record.experiment == "base"]):
        models.setdefault(f"base models, {result.item.semantics}", []).append(result)
    concluded = by_digest(verdicts)
    for title, results in models.items():
        table = empty_table(title, ["variant"], ["accuracy"])
        for result in results:
            table.add_row(result.item.variant, marked(result, concluded))
        yield table
    if models:
        yield Text(LEGEND, style="dim")
