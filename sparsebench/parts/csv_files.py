"""CSV files from elsewhere: selected columns, row by row."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

from sparsebench.parts.files import FilePath, decoded, read_at_most, shown

LARGEST = 2**24
"""Largest file in bytes; the thesis author's largest has 554,556. Python's reader accepts fields of
up to 131,072 characters."""

Cells = dict[str, str | None]
"""Column -> text; None if the row is too short or there is no such column."""


def read_columns(
    path: FilePath, needed: Sequence[str], others: Sequence[str] = ()
) -> Iterator[tuple[int, Cells]]:
    """Read some columns of a file whose first line names them; blank lines are skipped.

    Parameters
    ----------
    path
        A UTF-8 CSV file, with or without a byte order mark.
    needed, others
        The columns that must exist, and those that may.

    Yields
    ------
    int
        The line on which the row ends, counted from 1.
    dict
        Its cells.

    Raises
    ------
    OSError
        If the file cannot be read.
    ValueError
        With the file and usually the line, if the file is too large, is not a CSV file or lacks a
        column. Rows before the error are yielded first.
    """
    rows = read_rows(path, LARGEST)
    line, header = next(rows)
    absent = [column for column in needed if column not in header]
    if absent:
        raise ValueError(
            f"{path}, line {line}: no column {' or '.join(absent)}: the header is "
            f"{shown(','.join(header))}"
        )
    # By position: a dictionary of each whole row would be as long as the first line, however short
    # the rows are.
    wanted = (*needed, *others)
    places = {column: place for place, column in enumerate(header) if column in wanted}
    for line, row in rows:
        cells: Cells = dict.fromkeys(wanted)
        cells |= {column: row[place] for column, place in places.items() if place < len(row)}
        yield line, cells


def read_rows(path: FilePath, largest: int) -> Iterator[tuple[int, list[str]]]:
    """Read all rows of a file, the header first; blank lines are skipped.

    Parameters
    ----------
    path
        A UTF-8 CSV file, with or without a byte order mark.
    largest
        Most bytes that it may have.

    Yields
    ------
    int
        The line on which the row ends, counted from 1.
    list
        Its cells; the header of a file without rows has none.

    Raises
    ------
    OSError
        If the file cannot be read.
    ValueError
        With the file and usually the line, if the file is too large or is not a CSV file. Rows
        before the error are yielded first.
    """
    text = decoded(read_at_most(path, largest), path)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        rows = filter(_says_something, reader)
        header = next(rows, [])
        yield max(1, reader.line_num), header
        for row in rows:
            yield reader.line_num, row
    except csv.Error as error:
        raise ValueError(f"{path}, line {reader.line_num}: {error}") from None


def _says_something(row: list[str]) -> bool:
    """Whether a line is not blank; rows of several columns contain at least a comma."""
    return len(row) > 1 or bool("".join(row).strip())
