"""What the page is made of: sections of figures and tables, as values that know no markup."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

Entry = str | int | float | None
"""What stands in a table: words, a figure, or nothing."""


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes
    ----------
    title
        Its head.
    form
        How figures are written, a format specification such as `.3f`; empty for a column of words.
    choice
        Whether the reader may choose one of the words in it, to see those rows alone.
    """

    title: str
    form: str = ""
    choice: bool = False

    def text(self, entry: Entry) -> str:
        """An entry as it is shown."""
        if entry is None:
            return ""
        return entry if isinstance(entry, str) else format(entry, self.form)


@dataclass(frozen=True)
class Table:
    """A table that can be sorted and filtered.

    Attributes
    ----------
    name
        Unique on the page: letters, digits and dashes.
    caption
        What it shows, in a sentence; unique on the page too.
    columns, rows
        Every row has an entry for each column. The first column names the row.
    folded
        Whether it is closed until somebody opens it. Long tables are so in any case.
    """

    name: str
    caption: str
    columns: tuple[Column, ...]
    rows: Sequence[Sequence[Entry]]
    folded: bool = False

    @property
    def texts(self) -> list[list[str]]:
        """The rows as they are shown."""
        return [
            [column.text(entry) for column, entry in zip(self.columns, row, strict=True)]
            for row in self.rows
        ]


@dataclass(frozen=True)
class Drawing:
    """A figure, drawn.

    Attributes
    ----------
    name
        Unique on the page, and what its files are called.
    title
        What it shows.
    message
        What it says to somebody who cannot see it.
    svg
        The contents of its file.
    inline
        The SVG element for the page: colours follow the page's, and ids are its own.
    numbers
        The table of what was drawn.
    """

    name: str
    title: str
    message: str
    svg: bytes
    inline: str
    numbers: Table | None = None


@dataclass(frozen=True)
class Missing:
    """Something that the file does not hold, and the command that measures it."""

    what: str
    command: str


@dataclass(frozen=True)
class Section:
    """A part of the page under its own heading.

    Attributes
    ----------
    name
        Unique on the page.
    title
        The heading.
    said
        Paragraphs above the figures.
    shown
        Figures and tables, in order.
    missing
        What would be here too, had it been measured.
    """

    name: str
    title: str
    said: tuple[str, ...] = ()
    shown: tuple[Drawing | Table, ...] = ()
    missing: tuple[Missing, ...] = ()
