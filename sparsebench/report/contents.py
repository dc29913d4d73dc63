"""The contents of the page: sections of figures and tables, as values independent of markup."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

Entry = str | int | float | None
"""An entry of a table: words, a figure, or None."""


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes
    ----------
    title
        The heading.
    form
        Format specification of figures, such as `.3f`; empty for a column of words.
    choice
        Whether the reader can select one of its words to filter the rows.
    """

    title: str
    form: str = ""
    choice: bool = False

    def text(self, entry: Entry) -> str:
        """An entry as shown."""
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
        A sentence on what it shows; also unique on the page.
    columns, rows
        Each row has an entry for every column. The first column names the row.
    folded
        Whether it is initially closed. Long tables always are.
    """

    name: str
    caption: str
    columns: tuple[Column, ...]
    rows: Sequence[Sequence[Entry]]
    folded: bool = False

    @property
    def texts(self) -> list[list[str]]:
        """The rows as shown."""
        return [
            [column.text(entry) for column, entry in zip(self.columns, row, strict=True)]
            for row in self.rows
        ]


@dataclass(frozen=True)
class Drawing:
    """A rendered figure.

    Attributes
    ----------
    name
        Unique on the page; also the name of its files.
    title
        What it shows.
    message
        A description for readers who cannot see it.
    svg
        The contents of its file.
    inline
        The SVG element for the page, with the page's colours and unique ids.
    numbers
        The table of the drawn data.
    """

    name: str
    title: str
    message: str
    svg: bytes
    inline: str
    numbers: Table | None = None


@dataclass(frozen=True)
class Missing:
    """Something that the file lacks, and the command that measures it."""

    what: str
    command: str


@dataclass(frozen=True)
class Section:
    """A part of the page with a heading.

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
        What the section lacks because it was not measured.
    """

    name: str
    title: str
    said: tuple[str, ...] = ()
    shown: tuple[Drawing | Table, ...] = ()
    missing: tuple[Missing, ...] = ()
