"""What a file with somebody's own data is asked for, and what was read from it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sparsebench.parts.files import FilePath, shown

MOST_NUMBERS = 2**25
"""Most numbers, or letters, of all sequences, each filled up to the longest."""

LARGEST_NUMBER = 1e30
"""Largest number, so that its square is one of single precision's range in float64."""


@dataclass(frozen=True)
class Request:
    """The columns, or arrays, of a file that make up a task.

    Attributes
    ----------
    asks
        One of `sparsebench.values.own_data.ASKS`.
    answers
        What is asked for.
    inputs
        What is read, as numbers; empty: all that is not named otherwise.
    letters
        What is read, as letters; empty: numbers are read.
    sequence
        The column that says which sequence a row belongs to; empty: each row is a sequence.
    group
        The column, or array, that says which sequences stay together when they are split; empty:
        none.
    """

    asks: str
    answers: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    letters: str = ""
    sequence: str = ""
    group: str = ""


@dataclass(frozen=True, eq=False)
class Content:
    """Sequences with answers, before they are split and standardised.

    Attributes
    ----------
    inputs
        (N, T, width) float64 vectors, or (N, T) uint8 codes of letters; zeros after a sequence's end.
        A table for forecasts is one sequence.
    lengths
        (N,) int64.
    answers
        (N,) int64 classes, (N, T) int64 classes or `NO_ANSWER`, or (N, K) float64 numbers; of a
        table (1, T, K) float64.
    read, asked
        The names of what is read and asked for.
    alphabet, labels
        Letters and classes in the order of their numbers; of NumPy files, no letters.
    groups
        (N,) int64: the number of each sequence's group; None: there are no groups.
    """

    inputs: np.ndarray
    lengths: np.ndarray
    answers: np.ndarray
    read: tuple[str, ...]
    asked: tuple[str, ...]
    alphabet: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    groups: np.ndarray | None = None

    @property
    def symbols(self) -> int:
        """Different letters; 0 if numbers are read."""
        if self.inputs.ndim == 3:
            return 0
        return len(self.alphabet) or int(self.inputs.max()) + 1

    @property
    def width(self) -> int:
        """Numbers per step; 0 if letters are read."""
        return 0 if self.symbols else self.inputs.shape[2]

    @property
    def classes(self) -> int:
        """Classes, or numbers of an answer."""
        return len(self.labels) or self.answers.shape[-1]

    @property
    def checksum(self) -> str:
        """16 hexadecimal digits of the SHA-256 of all this."""
        found = hashlib.sha256()
        for names in (self.read, self.asked, self.alphabet, self.labels):
            found.update(f"{len(names)} ".encode())
            for name in names:
                data = name.encode("utf-8", "surrogatepass")
                found.update(len(data).to_bytes(8, "little") + data)
        groups = () if self.groups is None else (self.groups,)
        for array in (self.inputs, self.lengths, self.answers, *groups):
            plain = np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
            found.update(f"{array.dtype.name} {array.shape} ".encode() + plain.tobytes())
        return found.hexdigest()[:16]


def few_enough(count: int, longest: int, width: int, place: str) -> None:
    """Refuse more numbers than `MOST_NUMBERS`; `place` begins the message.

    Raises
    ------
    ValueError
        If there are more.
    """
    if count * longest * width > MOST_NUMBERS:
        raise ValueError(
            f"{place}: {count} sequences of up to {longest} steps with {width} numbers, more than "
            f"{MOST_NUMBERS} numbers if each is filled up to the longest: give fewer or shorter ones"
        )


def numbered_groups(found: Sequence[str] | np.ndarray) -> np.ndarray:
    """The number of each sequence's group, (N,) int64, from its name."""
    numbers: np.ndarray = np.unique(np.asarray(found), return_inverse=True)[1]
    return numbers.astype(np.int64)


def check_different(found: Sequence[str], what: str, most: int) -> None:
    """Refuse fewer than two different classes or letters, or too many.

    Raises
    ------
    ValueError
        Without a place.
    """
    if not 2 <= len(found) <= most:
        examples = ", ".join(shown(name) for name in found[:5])
        raise ValueError(f"{len(found)} different {what} ({examples}): give 2 to {most}")


def absent(path: FilePath, kind: str, names: Sequence[str], there: Sequence[str]) -> str:
    """The message about columns or arrays that a file lacks."""
    lacks = " or ".join(shown(name) for name in names)
    return f"{path}: no {kind} {lacks}: there are {shown(', '.join(there)) if there else 'none'}"
