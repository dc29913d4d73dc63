"""Long tables as data: as JSON in the page, which a script renders on demand, and as CSV files."""

from __future__ import annotations

import csv
import io
import json

from sparsebench.report.contents import Table
from sparsebench.report.plain_text import plain

LONG = 600
"""Most rows of a table that is initially open on the page."""

_FEW = 40
"""Most rows of a closed table that the page holds as HTML."""


def is_folded(table: Table) -> bool:
    """Whether a table outside figures is initially closed."""
    return table.folded or len(table.rows) > LONG


def is_data(table: Table, closed: bool) -> bool:
    """Whether the page holds a table as data: long tables, if closed like those behind figures."""
    return closed and len(table.rows) > _FEW


def as_json(table: Table) -> str:
    """Columns (title, whether it holds figures, whether its words can be selected) and rows."""
    columns = [
        [plain(column.title), int(bool(column.form)), int(column.choice)]
        for column in table.columns
    ]
    rows = [[plain(text) for text in row] for row in table.texts]
    text = json.dumps({"columns": columns, "rows": rows}, ensure_ascii=False, separators=(",", ":"))
    # the text must not close the element that contains it
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def as_csv(table: Table) -> str:
    """The table as CSV, without text that a spreadsheet would take for a formula."""
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow([_harmless(column.title) for column in table.columns])
    for row, texts in zip(table.rows, table.texts, strict=True):
        writer.writerow(
            [
                _harmless(text) if isinstance(entry, str) else text
                for entry, text in zip(row, texts, strict=True)
            ]
        )
    return written.getvalue()


def _harmless(text: str) -> str:
    shown = plain(text)
    return f"'{shown}" if shown[:1] in ("=", "+", "-", "@") else shown
