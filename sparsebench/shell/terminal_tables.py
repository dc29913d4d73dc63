"""The look of tables in the terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from io import StringIO
from typing import TextIO

import pytest
from rich import box
from rich.console import Console, RenderableType
from rich.table import Table

NARROWEST = 112
"""Columns that tables may take even where the terminal is narrower: better wrapped than cut."""

_WIDEST = 10_000
"""Columns of a file or a pipe: more than a table needs, and tables are no wider than they need."""


def in_percent(share: float | None) -> str:
    """A share, 0-1, in percent; nothing where there is none."""
    return "" if share is None else f"{100 * share:.1f}"


def empty_table(title: str, names: Iterable[str], figures: Iterable[str]) -> Table:
    """An empty table: columns of names on the left, columns of figures on the right."""
    table = Table(
        title=title,
        title_justify="left",
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        min_width=len(title) + 2,
    )
    for name in names:
        table.add_column(name, no_wrap=True)
    for figure in figures:
        table.add_column(figure, justify="right", no_wrap=True)
    return table


def console(file: TextIO | None = None) -> Console:
    """A console for text that others wrote, as wide as a terminal, or else as what it shows.

    Parameters
    ----------
    file
        Where it writes; standard output if none is given.
    """
    file = file or sys.stdout
    width = None if file.isatty() else _WIDEST
    return Console(file=file, width=width, markup=False, highlight=False)


def write_tables(terminal: pytest.TerminalReporter, tables: Iterable[RenderableType]) -> None:
    """Write tables to pytest's terminal, in colour if it has any."""
    with StringIO() as text:
        console = Console(
            file=text,
            width=max(terminal._tw.fullwidth, NARROWEST),
            force_terminal=False,
            color_system="standard" if terminal.hasmarkup else None,
        )
        for table in tables:
            console.print(table)
        terminal.write(text.getvalue())
