"""Users' own strings, from CSV files with the columns `string` and `valid`."""

from __future__ import annotations

from sparsebench.parts.csv_files import Cells, read_columns
from sparsebench.parts.examples import Examples
from sparsebench.parts.files import FilePath, shown
from sparsebench.parts.strings import encode

COLUMNS = ("string", "valid")

MOST_CODES = 2**28
"""Most letters of all strings, each padded to the longest, as networks read them; the thesis
author's training strings have 1,500,000."""


def read_strings(path: FilePath) -> Examples:
    """Read labelled strings; other columns, such as a row number, are ignored.

    Parameters
    ----------
    path
        A UTF-8 CSV file, with or without a byte order mark. Its first line that is not blank names
        the columns, among them `string` (ASCII letters) and `valid` (0 or 1).

    Returns
    -------
    Examples
        The rows in file order.

    Raises
    ------
    OSError
        If the file cannot be read.
    ValueError
        With the file, usually the line, and the reason, if the file is too large or a row cannot be
        used.
    """
    strings: list[str] = []
    labels: list[int] = []
    longest = 0
    for line, row in read_columns(path, COLUMNS):
        try:
            strings.append(_string(row))
            labels.append(_label(row))
        except ValueError as error:
            raise ValueError(f"{path}, line {line}: {error}") from None
        longest = max(longest, len(strings[-1]))
        if longest * len(strings) > MOST_CODES:
            raise ValueError(
                f"{path}, line {line}: {len(strings)} strings of up to {longest} letters, more than "
                f"{MOST_CODES} letters if each is filled up to the longest: give fewer or shorter ones"
            )
    if not strings:
        raise ValueError(f"{path}, line 1: no rows below the header: give at least one string")
    return encode(strings, labels)


def _string(row: Cells) -> str:
    string = row["string"]
    if not string:
        raise ValueError("the string is empty: every row needs one letter or more")
    if not string.isascii() or not string.isprintable():
        raise ValueError(f"string {shown(string)} holds characters that are not printable ASCII")
    return string


def _label(row: Cells) -> int:
    label = row["valid"]
    if label not in ("0", "1"):
        raise ValueError(
            f"valid is {shown(label)}: write 1 for a valid string, 0 for an invalid one"
        )
    return int(label)
