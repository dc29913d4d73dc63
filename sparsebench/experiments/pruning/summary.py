"""Pruned models at the end of a run: a table for each target, criterion and semantics."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from sparsebench.experiments.pruning.items import PruningItem
from sparsebench.experiments.pruning.table import ThesisResult, by_item
from sparsebench.parts.records import Record, Verdict
from sparsebench.report.accuracy_marks import LEGEND, by_digest, marked
from sparsebench.report.terminal_tables import empty_table
from sparsebench.values.protocol import VARIANTS


def pruning_tables(
    records: Sequence[Record], verdicts: Sequence[Verdict]
) -> Iterable[RenderableType]:
    """Mean accuracy by variant and percentage, and forward times."""
    pruned: dict[str, dict[tuple[str, int], ThesisResult]] = {}
    for result in by_item(records):
        item = result.item
        if isinstance(item, PruningItem):
            how = "" if item.criterion == "magnitude" else f" by {item.criterion}"
            title = f"{item.target} pruned{how}, {item.semantics}"
            pruned.setdefault(title, {})[item.variant, item.percent] = result
    concluded = by_digest(verdicts)
    for title, items in pruned.items():
        yield _pruning_table(title, items, concluded)
    if pruned:
        yield Text(LEGEND, style="dim")


def _pruning_table(
    title: str,
    items: dict[tuple[str, int], ThesisResult],
    verdicts: Mapping[str, Sequence[Verdict]],
) -> Table:
    percents = sorted({percent for _, percent in items})
    timed = any(result.ratio is not None for result in items.values())
    figures = [*(f"{percent} %" for percent in percents), *(["time / dense"] if timed else [])]
    table = empty_table(title, ["variant"], figures)
    for variant in VARIANTS:
        row = [items.get((variant, percent)) for percent in percents]
        if not any(row):
            continue
        ratios = [result.ratio for result in row if result and result.ratio is not None]
        extra = [f"{min(ratios):.2f}-{max(ratios):.2f}" if ratios else ""] if timed else []
        table.add_row(
            variant,
            *(marked(result, verdicts) if result else Text("") for result in row),
            *extra,
        )
    return table
