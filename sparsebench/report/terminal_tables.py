"""The style of tables in the terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from io import BytesIO, StringIO, TextIOWrapper
from statistics import fmean, stdev
from typing import Any, TextIO, TypeVar

import pytest
from rich import box
from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.measure import Measurement
from rich.table import Column, Table
from rich.text import Text

from sparsebench.report.encoding import SPELLED

Row = TypeVar("Row", bound=Hashable)
Found = TypeVar("Found")

ACCURACY_TITLE = "accuracy in %, mean \N{PLUS-MINUS SIGN} sd over seeds"
"""Explanation of `mean_in_percent` for titles of tables."""

_WIDEST = 10_000
"""Width for files and pipes: more than any table needs; tables are no wider than necessary."""


def in_percent(share: float | None) -> str:
    """A share, 0-1, in percent; empty for None."""
    return "" if share is None else f"{100 * share:.1f}"


def mean_in_percent(shares: Sequence[float]) -> str:
    """The mean of shares, 0-1, in percent, with their standard deviation if there are several."""
    if not shares:
        return ""
    spread = f" \N{PLUS-MINUS SIGN}{100 * stdev(shares):.1f}" if len(shares) > 1 else ""
    return in_percent(fmean(shares)) + spread


def columns_by_percent(
    rows: Mapping[Row, Mapping[int, Found]], ratio_of: Callable[[Found], float | None]
) -> tuple[list[int], list[str], dict[Row, list[str]]]:
    """What tables of methods by percentage share.

    Parameters
    ----------
    rows
        What was found of each method, by percentage.
    ratio_of
        Its forward time relative to the dense network's, if it was timed.

    Returns
    -------
    tuple
        The percentages; the titles of the columns of figures; the last entry of each row, its forward
        times, where any was timed.
    """
    percents = sorted({percent for row in rows.values() for percent in row})
    ratios = {
        name: [ratio for each in row.values() if (ratio := ratio_of(each)) is not None]
        for name, row in rows.items()
    }
    timed = ["time / dense"] if any(ratios.values()) else []
    titles = ["dense", *(f"{percent} %" for percent in percents), *timed]
    return percents, titles, {name: [span(each)] if timed else [] for name, each in ratios.items()}


def span(ratios: Sequence[float]) -> str:
    """Ratios as a range, or as one figure if all look the same; empty without ratios."""
    ends = dict.fromkeys(f"{end(ratios):.2f}" for end in (min, max)) if ratios else ()
    return "-".join(ends)


def empty_table(title: str, names: Iterable[str], figures: Iterable[str]) -> Table:
    """An empty table: columns of names on the left, columns of figures on the right.

    If width is short, names are wrapped and figures stay whole.
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


def fitted(table: Table, width: int) -> Iterator[RenderableType]:
    """A table as its title and as many tables below each other as fit the width.

    Each has all columns of names and some columns of figures. If that gave more than a few tables,
    or a column of figures does not fit beside the names, each row becomes a list of its figures
    instead. No word and no figure is cut.

    Parameters
    ----------
    table
        A table made by `empty_table`.
    width
        Columns of the terminal.
    """
    names = [each for each in table.columns if not each.no_wrap]
    figures = [each for each in table.columns if each.no_wrap]
    if isinstance(table.title, str):
        yield Text(table.title)
    room = width + 1 - sum(map(_width, names))  # the last column is followed by one space only
    chunks = [*_chunks(figures, room)]
    if len(chunks) > _MOST_TABLES or max(map(_width, figures), default=0) > room:
        yield from _lists(names, figures)
        yield Text()
        return
    for some in chunks:
        yield _of_columns([*names, *some], [row.end_section for row in table.rows])
        yield Text()


def _width(column: Column) -> int:
    """The unwrapped width of a column, with the two spaces on its right."""
    texts = (str(each) for each in (column.header, *column.cells))
    return 2 + max(map(cell_len, texts))


def _chunks(columns: Sequence[Column], room: int) -> Iterator[list[Column]]:
    """Split columns, in order, into as few groups as fit the width, with at least one column each."""
    chunk: list[Column] = []
    for column in columns:
        if chunk and sum(map(_width, chunk)) + _width(column) > room:
            yield chunk
            chunk = []
        chunk.append(column)
    yield chunk


_MOST_TABLES = 4
"""Most tables below each other that still read as one."""


def _lists(names: Sequence[Column], figures: Sequence[Column]) -> Iterator[RenderableType]:
    """Each row as its names, followed by a list of its figures."""
    named, figured = ([[*each.cells] for each in some] for some in (names, figures))
    for number in range(len(named[0])):
        yield Text(" ".join(str(cells[number]) for cells in named if str(cells[number])))
        grid = Table(box=None, show_header=False, show_edge=False, padding=(0, 0, 0, 2))
        grid.add_column(no_wrap=True)
        grid.add_column(justify="right", no_wrap=True)
        for column, cells in zip(figures, figured, strict=True):
            if str(cells[number]).strip():
                grid.add_row(column.header, cells[number])
        yield grid


def _of_columns(columns: Sequence[Column], ends: Sequence[bool]) -> Table:
    """A table with some columns of another one."""
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), show_edge=False)
    for column in columns:
        table.add_column(column.header, justify=column.justify, no_wrap=True)
    cells = zip(*(column.cells for column in columns), strict=True)
    for row, end in zip(cells, ends, strict=True):
        table.add_row(*row, end_section=end)
    return table


class _Console(Console):
    """A console that widens rather than cut figures, and lets the caller handle broken pipes."""

    def print(self, *objects: Any, **options: Any) -> None:
        usual = self.width
        self.width = max([usual, *(_least(self, each) for each in objects)])
        try:
            super().print(*objects, **options)
        finally:
            self.width = usual

    def on_broken_pipe(self) -> None:
        """Re-raise the error; rich would exit with 1."""
        raise


def _least(console: Console, shown: object) -> int:
    """The least width of a table whose unwrapped columns stay whole."""
    if not isinstance(shown, Table):
        return 0
    wide = console.options.update(width=_WIDEST)
    for column in shown.columns:
        if column.no_wrap:
            items = (column.header, *column.cells)
            column.min_width = max(Measurement.get(console, wide, each).maximum for each in items)
    return Measurement.get(console, wide, shown).minimum


def console(file: TextIO | None = None) -> Console:
    """A console for foreign text, as wide as the terminal or, without one, as its content.

    If a terminal is too narrow for a table's figures, lines are longer than the terminal is wide.

    Parameters
    ----------
    file
        Where it writes; by default standard output.
    """
    file = file or sys.stdout or StringIO()  # sys.stdout is None if it is closed
    width = None if file.isatty() else _WIDEST
    return _Console(file=file, width=width, markup=False, highlight=False)


def write_tables(terminal: pytest.TerminalReporter, shown: Iterable[RenderableType]) -> None:
    """Write tables and texts to pytest's terminal, in its colours and its encoding.

    They are at most as wide as the terminal; without one, 80 columns unless `COLUMNS` is set. Wider
    tables are split.
    """
    encoding = getattr(terminal._tw._file, "encoding", None) or "utf-8"
    width = terminal._tw.fullwidth
    with TextIOWrapper(BytesIO(), encoding, SPELLED, newline="") as text:
        screen = _Console(
            file=text,
            width=width,
            force_terminal=False,
            color_system="standard" if terminal.hasmarkup else None,
            markup=False,
            highlight=False,
        )
        for each in shown:
            for part in fitted(each, width) if isinstance(each, Table) else [each]:
                screen.print(part)
        text.flush()
        terminal.write(text.buffer.getvalue().decode(encoding))
