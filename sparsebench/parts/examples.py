"""Examples: sequences for networks to read, and the answers that they should give.

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


@dataclass(frozen=True, eq=False)
class Examples:
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

    @property
    def letters(self) -> bool:
        """Whether letters are read, not vectors."""
        return self.inputs.ndim == 2

    @property
    def asked(self) -> int:
        """What is asked for: `CLASS`, `CLASSES` or `VALUES`."""
        if self.answers.dtype.kind == "f":
            return VALUES
        return CLASS if self.answers.ndim == 1 else CLASSES

    def outputs(self, classes: int) -> int:
        """How many numbers a network of so many classes says of one sequence."""
        return classes * self.inputs.shape[1] if self.asked == CLASSES else classes

    def part(self, begin: int, end: int) -> Examples:
        """Those from number `begin` up to, not including, `end`."""
        chosen = slice(begin, end)
        return Examples(self.inputs[chosen], self.lengths[chosen], self.answers[chosen])


class Dataset(Protocol):
    """What networks are trained on, piece by piece where it is too much to hold, and judged by."""

    def pieces(self, epoch: int) -> Iterator[Examples]:
        """What an epoch, counted from 0, trains on: the same whoever asks."""

    @property
    def test(self) -> Examples:
        """What they are judged by."""


@dataclass(frozen=True, eq=False)
class Halves:
    """A dataset that is held at once: examples to train on, and others to be judged by."""

    train: Examples
    test: Examples

    def pieces(self, epoch: int) -> Iterator[Examples]:
        """What an epoch trains on: all in one piece."""
        yield self.train
