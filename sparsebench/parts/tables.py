"""Reading users' own strings from CSV files with the columns `string` and `valid`."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from sparsebench.parts.strings import LabelledStrings, encode

COLUMNS = ("string", "valid")


def read_strings(path: Path) -> LabelledStrings:
    """Read labelled strings; other columns, such as a row number in front, are passed over.

    Parameters
    ----------
    path
        A UTF-8 CSV file, with or without a byte order mark, whose first line names its columns,
        `string` (ASCII letters) and `valid` (0 or 1) among them.

    Returns
    -------
    LabelledStrings
        The rows in file order.

    Raises
    ------
    OSError
        If the file cannot be read.
    ValueError
        Naming the file, the line and the reason, if a row cannot be used.
    """
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ValueError(f"{path}, line {line}: {error.reason}: use UTF-8") from None
    strings: list[str] = []
    labels: list[int] = []
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        columns = reader.fieldnames or []
        absent = [column for column in COLUMNS if column not in columns]
        if absent:
            raise ValueError(f"no column {' or '.join(absent)}: the first line is {columns}")
        for row in reader:
            strings.append(_string(row))
            labels.append(_label(row))
    except csv.Error as error:  # the reader counts a line when it has read a whole row
        raise ValueError(f"{path}, line {reader.line_num + 1}: {error}") from None
    except ValueError as error:
        raise ValueError(f"{path}, line {max(reader.line_num, 1)}: {error}") from None
    if not strings:
        raise ValueError(f"{path}, line 1: no rows below the header: give at least one string")
    return encode(strings, labels)


def _string(row: dict[str, str | None]) -> str:
    string = row["string"]
    if not string:
        raise ValueError("the string is empty: every row needs one letter or more")
    if not string.isascii() or not string.isprintable():
        raise ValueError(f"string {string!r} holds characters that are not printable ASCII")
    return string


def _label(row: dict[str, str | None]) -> int:
    label = row["valid"]
    if label not in ("0", "1"):
        raise ValueError(f"valid is {label!r}: write 1 for a valid string, 0 for an invalid one")
    return int(label)
