"""Tables of base models, pruned or not, that were trained here on the thesis author's strings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rich.console import RenderableType
from rich.text import Text

from sparsebench.experiments.conformance.author_strings import on_strings
from sparsebench.experiments.pruning.items import PruningItem
from sparsebench.experiments.pruning.table import (
    ThesisItem,
    ThesisResult,
    claims_markdown,
    item_of,
)
from sparsebench.parts.records import Record, Verdict
from sparsebench.report.accuracy_marks import Marks
from sparsebench.report.terminal_tables import ACCURACY_TITLE, empty_table
from sparsebench.values.case import BaseCase
from sparsebench.values.protocol import ReberStrings, StringFiles


def author_strings_tables(
    records: Sequence[Record], verdicts: Sequence[Verdict]
) -> Iterator[RenderableType]:
    """Mean accuracy by target, variant and percentage, for each semantics."""
    marks = Marks(verdicts)
    tables: dict[str, dict[tuple[str, str], dict[int, Text]]] = {}
    for result in results(records):
        item = result.item
        row, percent = ("nothing", item.variant), 0
        if isinstance(item, PruningItem):
            row, percent = (item.target, item.variant), item.percent
        title = f"trained on the author's strings, {item.semantics}: {ACCURACY_TITLE}"
        tables.setdefault(title, {}).setdefault(row, {})[percent] = marks.marked(result)
    for title, rows in tables.items():
        percents = sorted({percent for row in rows.values() for percent in row})
        table = empty_table(title, ["pruned", "variant"], [f"{percent} %" for percent in percents])
        for names, found in rows.items():
            table.add_row(*names, *(found.get(percent, "") for percent in percents))
        yield table
    yield from marks.legend()


def author_strings_markdown(records: Sequence[Record]) -> list[str]:
    """The table of claims on the author's strings, if networks were trained on them."""
    found = results(records)
    return [claims_markdown(found)] if found else []


def results(records: Iterable[Record]) -> list[ThesisResult]:
    """The records of models that were trained on strings of files, by item and files."""
    groups: dict[tuple[ThesisItem, StringFiles], list[Record]] = {}
    for record in records:
        if record.experiment not in ("base", "pruning"):
            continue
        case = record.restored
        data = (case if isinstance(case, BaseCase) else case.base).data
        if isinstance(data, StringFiles):
            item = item_of(on_strings(case, ReberStrings()))
            if item is not None:
                groups.setdefault((item, data), []).append(record)
    return [ThesisResult(item, tuple(group)) for (item, _), group in groups.items()]
