"""Somebody's own data in a CSV file: a row for each sequence, or for each step.

Every error names the file, the line and the reason.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from sparsebench.parts.csv_files import read_rows
from sparsebench.parts.examples import NO_ANSWER
from sparsebench.parts.files import FilePath, shown
from sparsebench.parts.own_content import (
    LARGEST_NUMBER,
    Content,
    Request,
    check_different,
    few_enough,
    numbered_groups,
)
from sparsebench.values.own_data import MOST_CLASSES, MOST_SYMBOLS

LARGEST = 2**26
"""Largest file in bytes."""


@dataclass(frozen=True)
class _Row:
    """A row below the header.

    Attributes
    ----------
    place
        The file and the line, for messages.
    cells
        Column -> text without spaces around it.
    """

    place: str
    cells: dict[str, str]

    def text(self, column: str) -> str:
        """The text of a column.

        Raises
        ------
        ValueError
            If it is empty.
        """
        found = self.cells[column]
        if not found:
            raise ValueError(
                f"{self.place}: {shown(column)} is empty: fill it in, or remove the line"
            )
        return found

    def number(self, column: str) -> float:
        """The number in a column.

        Raises
        ------
        ValueError
            If there is none, or it is not finite or too large.
        """
        text = self.text(column)
        try:
            found = float(text)
        except ValueError:
            found = float("nan")
        if not abs(found) <= LARGEST_NUMBER or "_" in text:
            raise ValueError(
                f"{self.place}: {shown(column)} is {shown(text)}: give a number such as -1.5e3, of at "
                f"most {LARGEST_NUMBER:g}, or leave the column out"
            )
        return found


@dataclass
class _Table:
    """The rows of a file, and what is read from them.

    Attributes
    ----------
    read, asked
        The columns that networks read and that are asked for.
    header
        The place of the header, for messages.
    rows
        The rows; a generator.
    """

    read: tuple[str, ...]
    asked: tuple[str, ...]
    header: str
    rows: Iterator[_Row]


def read_csv(path: FilePath, request: Request) -> Content:
    """Read sequences with answers.

    Parameters
    ----------
    path
        A UTF-8 CSV file whose first line that is not blank names the columns.
    request
        The columns. With `sequence`, each row is a step, and the rows of a sequence lie together;
        a class or numbers for the whole sequence stand in all of its rows, or in some of them.
        Without it, each row is a sequence: of the letters of one text, or of one number from each
        of the columns, of which the last may be empty if it is shorter.

    Returns
    -------
    Content
        In the order of the file.

    Raises
    ------
    OSError
        If the file cannot be read.
    ValueError
        With the file, the line and the reason.
    """
    table = _table(path, request)
    if request.asks == "forecast":
        return _long_table(table)
    if request.sequence:
        return _steps(table, request)
    return _sequences(table, request)


def _table(path: FilePath, request: Request) -> _Table:
    """Find the columns; rows are read when they are asked for."""
    lines = read_rows(path, LARGEST)
    line, cells = next(lines)
    header = [cell.strip() for cell in cells]
    place = f"{path}, line {line}"
    named = [*request.answers, *request.inputs, request.letters, request.sequence, request.group]
    for column in filter(None, dict.fromkeys(named)):
        if header.count(column) != 1:
            wrong = "two columns" if column in header else "no column"
            raise ValueError(
                f"{place}: {wrong} {shown(column)}: the header is {shown(','.join(header))}"
            )
    both = sorted({*request.answers} & {*request.inputs, request.letters})
    if both and request.asks != "forecast":
        raise ValueError(f"{place}: {shown(both[0])} is asked for and read: leave it out of inputs")
    others = {"", request.sequence, request.group}
    others |= set() if request.asks == "forecast" else {*request.answers}
    read = (request.letters,) if request.letters else request.inputs
    read = read or tuple(column for column in header if column not in others)
    if not read or len(set(read)) < len(read):
        raise ValueError(
            f"{place}: the columns to read are {shown(','.join(read))}: name some, each once, by "
            "inputs or letters"
        )

    def rows() -> Iterator[_Row]:
        for number, row in lines:
            where = f"{path}, line {number}"
            if len(row) != len(header):
                raise ValueError(
                    f"{where}: {len(row)} cells, but the header has {len(header)}: give as many, and "
                    "quote cells with commas"
                )
            yield _Row(where, dict(zip(header, map(str.strip, row), strict=True)))

    return _Table(read, request.answers, place, rows())


def _long_table(table: _Table) -> Content:
    """A table of one long time series."""
    read, asked = array("d"), array("d")
    place, count = table.header, 0
    for count, row in enumerate(table.rows, 1):
        place = row.place
        read.extend(row.number(column) for column in table.read)
        asked.extend(row.number(column) for column in table.asked)
        few_enough(1, count, len(table.read), place)
    _some(count, place)
    return Content(
        np.array(read).reshape(1, count, -1),
        np.array([count]),
        np.array(asked).reshape(1, count, -1),
        table.read,
        table.asked,
    )


def _sequences(table: _Table, request: Request) -> Content:
    """A row for each sequence."""
    found, answers = _Sequences(), _Answers(request.asks)
    place = table.header
    for row in table.rows:
        place = row.place
        if request.letters:
            found.add([], row.text(request.letters), row)
        else:
            found.add(_numbers(row, table.read), "", row)
        answers.add([row], table.asked)
        found.add_group([row], request.group)
    return found.content(answers, table, place)


def _numbers(row: _Row, columns: Sequence[str]) -> list[float]:
    """One number of each column; the last columns of a shorter sequence are empty."""
    count = len(columns)
    while count > 1 and not row.cells[columns[count - 1]]:
        count -= 1
    return [row.number(column) for column in columns[:count]]


def _steps(table: _Table, request: Request) -> Content:
    """A row for each step."""
    found, answers = _Sequences(len(table.read)), _Answers(request.asks)
    begun: dict[str, str] = {}
    rows: list[_Row] = []
    place = table.header

    def finish() -> None:
        if rows:
            last = rows[-1]
            if request.letters:
                found.add([], [row.text(request.letters) for row in rows], last)
            else:
                found.add([row.number(each) for row in rows for each in table.read], "", last)
            answers.add(rows, table.asked)
            found.add_group(rows, request.group)

    for row in table.rows:
        place = row.place
        name = row.text(request.sequence)
        if not rows or rows[0].cells[request.sequence] != name:
            if name in begun:
                raise ValueError(
                    f"{place}: sequence {shown(name)} goes on here, but began at {begun[name]} and "
                    "ended: put its rows together"
                )
            finish()
            begun[name] = place
            rows.clear()
        rows.append(row)
    finish()
    return found.content(answers, table, place)


@dataclass
class _Sequences:
    """Sequences that were read: numbers one after another, or letters.

    Attributes
    ----------
    width
        Numbers per step.
    """

    width: int = 1
    numbers: array[float] = field(default_factory=lambda: array("d"))
    letters: list[str | list[str]] = field(default_factory=list)
    lengths: list[int] = field(default_factory=list)
    alphabet: set[str] = field(default_factory=set)
    groups: list[str] = field(default_factory=list)
    longest: int = 0

    def add(self, numbers: list[float], letters: str | list[str], row: _Row) -> None:
        """Add one, which ends with a row: numbers or letters."""
        if letters:
            self.letters.append(letters)
            self.alphabet.update(letters)
            _limited(self.alphabet, "letters", MOST_SYMBOLS, row)
        else:
            self.numbers.extend(numbers)
        self.lengths.append(len(letters) or len(numbers) // self.width)
        self.longest = max(self.longest, self.lengths[-1])
        few_enough(len(self.lengths), self.longest, self.width, row.place)

    def add_group(self, rows: Sequence[_Row], column: str) -> None:
        """Add the group of a sequence, if a column has it."""
        if column:
            self.groups.append(_told(rows, column).text(column))

    def content(self, answers: _Answers, table: _Table, place: str) -> Content:
        """All of them, with their answers."""
        _some(len(self.lengths), place)
        lengths = np.array(self.lengths, np.int64)
        inside = np.arange(self.longest) < lengths[:, None]
        alphabet: tuple[str, ...] = ()
        try:
            if self.letters:
                codes, alphabet = _numbered(self.alphabet, "letters", MOST_SYMBOLS)
                inputs = np.zeros(inside.shape, np.uint8)
                inputs[inside] = [codes[letter] for each in self.letters for letter in each]
            else:
                inputs = np.zeros((*inside.shape, self.width))
                inputs[inside] = np.array(self.numbers).reshape(-1, self.width)
            found, labels = answers.arrays(inside)
        except ValueError as error:
            raise ValueError(f"{place}: {error}") from None
        groups = numbered_groups(self.groups) if self.groups else None
        return Content(inputs, lengths, found, table.read, table.asked, alphabet, labels, groups)


_ASK = ", or ask for classes"


@dataclass
class _Answers:
    """Answers that were read, of sequences one after another.

    Attributes
    ----------
    asks
        One of `sparsebench.values.own_data.ASKS`.
    """

    asks: str
    numbers: list[list[float]] = field(default_factory=list)
    classes: list[str] = field(default_factory=list)
    labels: set[str] = field(default_factory=set)

    def add(self, rows: Sequence[_Row], columns: Sequence[str]) -> None:
        """Add those of a sequence: of its rows."""
        if self.asks == "values":
            told = [_told(rows, column, _ASK) for column in columns]
            self.numbers.append(
                [row.number(column) for row, column in zip(told, columns, strict=True)]
            )
            return
        (column,) = columns
        found = [row.cells[column] for row in rows]
        if self.asks == "class":
            found = [_told(rows, column, _ASK).text(column)]
        self.classes += found
        self.labels.update(filter(None, found))
        _limited(self.labels, "classes", MOST_CLASSES, rows[-1])

    def arrays(self, inside: np.ndarray) -> tuple[np.ndarray, tuple[str, ...]]:
        """All answers, and the labels of classes."""
        if self.asks == "values":
            return np.array(self.numbers, np.float64), ()
        numbers, labels = _numbered(self.labels, "classes", MOST_CLASSES)
        codes = np.array([numbers.get(label, NO_ANSWER) for label in self.classes], np.int64)
        if self.asks == "class":
            return codes, labels
        answers = np.full(inside.shape, NO_ANSWER, np.int64)
        answers[inside] = codes
        return answers, labels


def _told(rows: Sequence[_Row], column: str, remedy: str = "") -> _Row:
    """The first row of a sequence that has its cell of a column; others have the same, or none."""
    told = [row for row in rows if row.cells[column]] or rows[:1]
    for row in told[1:]:
        if row.cells[column] != told[0].cells[column]:
            raise ValueError(
                f"{row.place}: {shown(column)} is {shown(row.cells[column])}, but "
                f"{shown(told[0].cells[column])} before in the same sequence: give one for each"
                f"{remedy}"
            )
    return told[0]


def _numbered(names: set[str], what: str, most: int) -> tuple[dict[str, int], tuple[str, ...]]:
    """Numbers of names in alphabetical order, and the names."""
    found = tuple(sorted(names))
    check_different(found, what, most)
    return {name: number for number, name in enumerate(found)}, found


def _limited(found: set[str], what: str, most: int, row: _Row) -> None:
    if len(found) > most:
        raise ValueError(f"{row.place}: more than {most} different {what}: give {most} at most")


def _some(count: int, place: str) -> None:
    if count == 0:
        raise ValueError(f"{place}: no rows below the header: give some")
