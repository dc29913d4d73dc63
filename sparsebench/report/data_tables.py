"""Long tables as data: in the page as JSON, which a script shows when opened, and as CSV files."""

from __future__ import annotations

import csv
import io
import json

from sparsebench.report.contents import Table
from sparsebench.report.plain_text import plain

LONG = 400
"""Rows that a table may have and still stand open on the page."""

_FEW = 40
"""Rows that a closed table may have and still be in the page as it is shown."""


def is_folded(table: Table) -> bool:
    """Whether a table that stands by itself is closed until somebody opens it."""
    return table.folded or len(table.rows) > LONG


def is_data(table: Table, closed: bool) -> bool:
    """Whether a table is in the page as data: a long one, closed as those behind figures are."""
    return closed and len(table.rows) > _FEW


def as_json(table: Table) -> str:
    """Columns (title, whether it is of figures, whether one of its words may be chosen) and rows."""
    columns = [
        [plain(column.title), int(bool(column.form)), int(column.choice)]
        for column in table.columns
    ]
    rows = [[plain(text) for text in row] for row in table.texts]
    text = json.dumps({"columns": columns, "rows": rows}, ensure_ascii=False, separators=(",", ":"))
    # nothing in it may end the element that it stands in
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def as_csv(table: Table) -> str:
    """The same for a spreadsheet, in which no text is a formula."""
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
