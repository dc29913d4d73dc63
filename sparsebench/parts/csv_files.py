"""CSV files from elsewhere: the columns that are wanted, row by row."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

from sparsebench.parts.files import FilePath, decoded, read_at_most, shown

LARGEST = 2**24
"""Bytes of a file; the thesis author's largest has 554,556. Python's reader takes fields of up to
131,072 characters."""

Cells = dict[str, str | None]
"""Column -> what stands there; None where the row ends before it or there is no such column."""


def read_columns(
    path: FilePath, needed: Sequence[str], others: Sequence[str] = ()
) -> Iterator[tuple[int, Cells]]:
    """Read some columns of a file whose first line names them; blank lines are passed over.

    Parameters
    ----------
    path
        A UTF-8 CSV file, with or without a byte order mark.
    needed, others
        The columns that must be there, and those that may be.

    Yields
    ------
    int
        The line that the row ends on, from 1 on.
    dict
        Its cells.

    Raises
    ------
    OSError
        If the file cannot be read.
    ValueError
        Naming the file and mostly the line, if the file is too large, is no such file or lacks
        a column. Rows before the damage are yielded first.
    """
    text = decoded(read_at_most(path, LARGEST), path)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        rows = filter(_says_something, reader)
        header = next(rows, [])
        absent = [column for column in needed if column not in header]
        if absent:
            raise ValueError(
                f"{path}, line {max(1, reader.line_num)}: no column {' or '.join(absent)}: the header "
                f"is {shown(','.join(header))}"
            )
        # By place: a dictionary of each whole row would be as long as the first line, however short
        # the rows are.
        wanted = (*needed, *others)
        places = {column: place for place, column in enumerate(header) if column in wanted}
        for row in rows:
            cells: Cells = dict.fromkeys(wanted)
            cells |= {column: row[place] for column, place in places.items() if place < len(row)}
            yield reader.line_num, cells
    except csv.Error as error:
        raise ValueError(f"{path}, line {reader.line_num}: {error}") from None


def _says_something(row: list[str]) -> bool:
    """Whether a line is not blank: rows of more than one column hold a comma at least."""
    return len(row) > 1 or bool("".join(row).strip())
