"""Reading users' own strings from CSV files with the columns `string` and `valid`."""

from __future__ import annotations

import csv
from pathlib import Path

from sparsebench.parts.strings import LabelledStrings, encode

COLUMNS = ("string", "valid")


def read_strings(path: Path) -> LabelledStrings:
    """Read labelled strings; other columns, such as a row number in front, are passed over.

    Parameters
    ----------
    path
        A UTF-8 CSV file whose first line names its columns, `string` (ASCII letters) and `valid`
        (0 or 1) among them.

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
    strings: list[str] = []
    labels: list[int] = []
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file, strict=True)
        try:
            columns = reader.fieldnames or []
            absent = [column for column in COLUMNS if column not in columns]
            if absent:
                raise ValueError(f"no column {' or '.join(absent)}: the first line is {columns}")
            for row in reader:
                strings.append(_string(row))
                labels.append(_label(row))
        except UnicodeDecodeError as error:
            raise ValueError(
                f"{path}, near line {reader.line_num + 1}: {error}: use UTF-8"
            ) from None
        except (ValueError, csv.Error) as error:
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
