"""Reading sections back as tests need them."""

from __future__ import annotations

from sparsebench.report.contents import Drawing, Section, Table


def tables(section: Section) -> dict[str, Table]:
    """Every table of a section by name, those behind figures too."""
    shown = [each.numbers if isinstance(each, Drawing) else each for each in section.shown]
    return {table.name: table for table in shown if table is not None}


def rows(section: Section, name: str) -> list[dict[str, str]]:
    """The rows of a table as they are shown, by the titles of its columns."""
    table = tables(section)[name]
    return [
        {column.title: column.text(entry) for column, entry in zip(table.columns, row, strict=True)}
        for row in table.rows
    ]
