"""The look of tables in the terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from io import BytesIO, StringIO, TextIOWrapper
from typing import Any, TextIO

import pytest
from rich import box
from rich.console import Console, RenderableType
from rich.measure import Measurement
from rich.table import Table

from sparsebench.report.encoding import SPELLED

NARROWEST = 112
"""Columns that tables may take even where the terminal is narrower: better wrapped than cut."""

_WIDEST = 10_000
"""Columns of a file or a pipe: more than a table needs, and tables are no wider than they need."""


def in_percent(share: float | None) -> str:
    """A share, 0-1, in percent; nothing where there is none."""
    return "" if share is None else f"{100 * share:.1f}"


def empty_table(title: str, names: Iterable[str], figures: Iterable[str]) -> Table:
    """An empty table: columns of names on the left, columns of figures on the right.

    Where room is short, names are wrapped and figures stay whole.
    """
    table = Table(
        title=title,
        title_justify="left",
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        min_width=len(title) + 2,
    )
    for name in names:
        table.add_column(name, overflow="fold")
    for figure in figures:
        table.add_column(figure, justify="right", no_wrap=True)
    return table


class _Console(Console):
    """A console that becomes wider than it is where figures would be cut, and leaves broken pipes."""

    def print(self, *objects: Any, **options: Any) -> None:
        usual = self.width
        self.width = max([usual, *(_least(self, each) for each in objects)])
        try:
            super().print(*objects, **options)
        finally:
            self.width = usual

    def on_broken_pipe(self) -> None:
        """Let the caller hear of it; rich would exit with 1."""
        raise


def _least(console: Console, shown: object) -> int:
    """Columns that a table needs at the least, once its unwrapped columns are kept whole."""
    if not isinstance(shown, Table):
        return 0
    wide = console.options.update(width=_WIDEST)
    for column in shown.columns:
        if column.no_wrap:
            items = (column.header, *column.cells)
            column.min_width = max(Measurement.get(console, wide, each).maximum for each in items)
    return Measurement.get(console, wide, shown).minimum


def console(file: TextIO | None = None) -> Console:
    """A console for text that others wrote, as wide as a terminal, or else as what it shows.

    In a terminal too narrow for the figures of a table, its lines are longer than that.

    Parameters
    ----------
    file
        Where it writes; standard output if none is given.
    """
    file = file or sys.stdout or StringIO()  # where standard output is closed there is none
    width = None if file.isatty() else _WIDEST
    return _Console(file=file, width=width, markup=False, highlight=False)


def write_tables(terminal: pytest.TerminalReporter, tables: Iterable[RenderableType]) -> None:
    """Write tables to pytest's terminal, in colour if it has any, in characters that it has."""
    encoding = getattr(terminal._tw._file, "encoding", None) or "utf-8"
    with TextIOWrapper(BytesIO(), encoding, SPELLED, newline="") as text:
        shown = _Console(
            file=text,
            width=max(terminal._tw.fullwidth, NARROWEST) if terminal.isatty else _WIDEST,
            force_terminal=False,
            color_system="standard" if terminal.hasmarkup else None,
        )
        for table in tables:
            shown.print(table)
        text.flush()
        terminal.write(text.buffer.getvalue().decode(encoding))
