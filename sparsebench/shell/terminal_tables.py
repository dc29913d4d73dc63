"""The look of tables in the terminal."""

from __future__ import annotations

from collections.abc import Iterable
from io import StringIO

import pytest
from rich import box
from rich.console import Console, RenderableType
from rich.table import Table

NARROWEST = 112
"""Columns that tables may take even where the terminal is narrower: better wrapped than cut."""


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
