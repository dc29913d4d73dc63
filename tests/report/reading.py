"""Reading sections back as tests need them."""

from __future__ import annotations

from collections.abc import Iterable
from io import StringIO

from rich.console import Console, RenderableType

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


def words_of_lines(shown: Iterable[RenderableType]) -> list[list[str]]:
    """The lines of the terminal's tables, their columns split, without rules."""
    console = Console(width=140, record=True, file=StringIO())
    for table in shown:
        console.print(table)
    lines = [line.split() for line in console.export_text().splitlines()]
    return [line for line in lines if line and "─" not in line[0]]
