"""Sequences for networks to read, and the answers that they should give.

Networks read letters or vectors, and are asked one of three things: for the class of a whole sequence,
for a class after each of its steps (which letter comes next), or for real numbers at its end.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np

NO_ANSWER = -1
"""The class of a step after which nothing is asked."""

CLASS, CLASSES, VALUES = 0, 1, 2
"""What is asked for: one class at the last step, one after every step, numbers at the last step."""


class Examples(Protocol):
    """What engines train on and are judged by; labelled strings are examples too."""

    @property
    def inputs(self) -> np.ndarray:
        """(N, T) uint8 codes of letters, or (N, T, width) float32 vectors."""

    @property
    def lengths(self) -> np.ndarray:
        """(N,) int64: how many of its T steps each sequence has."""

    @property
    def answers(self) -> np.ndarray:
        """(N,) or (N, T) whole numbers, or (N, K) float32 numbers: see `Sequences`."""

    def __len__(self) -> int:
        """How many there are."""


class Material(Protocol):
    """What networks are trained on, piece by piece where it is too much to hold, and judged by."""

    def pieces(self, epoch: int) -> Iterator[Examples]:
        """What an epoch, counted from 0, trains on: the same whoever asks."""

    @property
    def test(self) -> Examples:
        """What they are judged by."""


@dataclass(frozen=True, eq=False)
class Sequences:
    """Sequences of letters or vectors, with what should be said of them.

    Attributes
    ----------
    inputs
        (N, T) uint8 codes of letters, or (N, T, width) float32 vectors; zeros after a sequence's end.
    lengths
        (N,) int64: how many steps each sequence has, 1 to T.
    answers
        (N,) int64: the class of each. (N, T) int64: the class after each of its steps, or `NO_ANSWER`.
        (N, K) float32: K numbers.
    """

    inputs: np.ndarray
    lengths: np.ndarray
    answers: np.ndarray

    def __len__(self) -> int:
        return len(self.lengths)

    def part(self, begin: int, end: int) -> Sequences:
        """Those from number `begin` up to, not including, `end`."""
        chosen = slice(begin, end)
        return Sequences(self.inputs[chosen], self.lengths[chosen], self.answers[chosen])


def asked(examples: Examples) -> int:
    """What is asked for: `CLASS`, `CLASSES` or `VALUES`."""
    if examples.answers.dtype.kind == "f":
        return VALUES
    return CLASS if examples.answers.ndim == 1 else CLASSES


def outputs(examples: Examples, classes: int) -> int:
    """How many numbers a network of so many classes says of one sequence."""
    return classes * examples.inputs.shape[1] if asked(examples) == CLASSES else classes
