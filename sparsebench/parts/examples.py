"""Examples: sequences for networks to read, and the expected answers.

Networks read letters or vectors. A task asks for the class of a whole sequence, for a class after
each step (such as the next letter), or for real numbers at the end.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

NO_ANSWER = -1
"""The class of a step after which nothing is asked."""

Shape = tuple[int | None, ...]
"""A shape that arrays may have; None: any size."""

CLASS, CLASSES, VALUES = 0, 1, 2
"""What a task asks for: a class at the last step, a class after each step, numbers at the last step."""


@dataclass(frozen=True, eq=False)
class Examples:
    """Sequences of letters or vectors, with the expected answers.

    Attributes
    ----------
    inputs
        (N, T) uint8 codes of letters, or (N, T, width) float32 vectors; zeros after a sequence's
        end.
    lengths
        (N,) int64: number of steps of each sequence, 1 to T.
    answers
        (N,) int64: the class of each sequence. (N, T) int64: the class after each step, or
        `NO_ANSWER`. (N, K) float32: K numbers for each sequence.
    class_weights
        (classes,) float64: by how much the loss of an answer is multiplied in training, for each class;
        None: by 1. Evaluation leaves them out.
    """

    inputs: np.ndarray
    lengths: np.ndarray
    answers: np.ndarray
    class_weights: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.lengths)

    @property
    def letters(self) -> bool:
        """Whether networks read letters; otherwise they read vectors."""
        return self.inputs.ndim == 2

    @property
    def asked(self) -> int:
        """What is asked for: `CLASS`, `CLASSES` or `VALUES`."""
        if self.answers.dtype.kind == "f":
            return VALUES
        return CLASS if self.answers.ndim == 1 else CLASSES

    def outputs(self, classes: int) -> int:
        """The numbers that a network with `classes` outputs gives for one sequence."""
        return classes * self.inputs.shape[1] if self.asked == CLASSES else classes

    def part(self, begin: int, end: int) -> Examples:
        """The examples from number `begin` up to, not including, `end`."""
        return self.chosen(slice(begin, end))

    def chosen(self, places: slice | np.ndarray) -> Examples:
        """Some examples, by their numbers or a mask."""
        return replace(
            self,
            inputs=self.inputs[places],
            lengths=self.lengths[places],
            answers=self.answers[places],
        )


def check_examples(examples: Examples, symbols: int, width: int, classes: int) -> None:
    """Refuse examples that do not fit their task's description.

    Parameters
    ----------
    examples
        The examples that a task's function made.
    symbols, width, classes
        The task's number of letters, or 0; its numbers per step, if networks read vectors; its number
        of classes, or of numbers per answer.

    Raises
    ------
    TypeError, ValueError
        With the array that is wrong, what it is and what it should be.
    """
    count = _checked_array("inputs", examples.inputs, (None,) * (2 if symbols else 3)).shape[0]
    steps = examples.inputs.shape[1]
    _checked_array("lengths", examples.lengths, (count,))
    _checked_array("answers", examples.answers)
    letters = (count, steps), np.uint8, (0, symbols - 1)
    vectors = (count, steps, width), np.float32, None
    answers = {
        CLASS: ((count,), np.int64, (0, classes - 1)),
        CLASSES: ((count, steps), np.int64, (NO_ANSWER, classes - 1)),
        VALUES: ((count, classes), np.float32, None),
    }
    expected = {
        "lengths": ((count,), np.int64, (1, steps)),
        "inputs": letters if symbols else vectors,
        "answers": answers[examples.asked],
    }
    for name, (shape, dtype, _) in expected.items():
        array = _checked_array(name, getattr(examples, name), shape)
        if array.dtype != dtype:
            wanted = np.dtype(dtype).name
            raise TypeError(
                f"{name} are {array.dtype}: give {wanted}, as by array.astype({wanted!r})"
            )
    if count == 0:
        raise ValueError("there are no examples: give one at least")
    for name, (_, _, bounds) in expected.items():
        array = getattr(examples, name)
        if bounds is not None and (array.min() < bounds[0] or array.max() > bounds[1]):
            low, high = bounds
            raise ValueError(f"{name} go from {array.min()} to {array.max()}: give {low} to {high}")
    check_class_weights(examples, classes)


def check_class_weights(examples: Examples, classes: int) -> None:
    """Refuse weights of classes that do not fit.

    Raises
    ------
    TypeError, ValueError
        With what they are and what they should be.
    """
    weights = examples.class_weights
    if weights is None:
        return
    _checked_array("class_weights", weights, (classes,))
    if examples.asked == VALUES or weights.dtype != np.float64:
        raise TypeError(
            f"class_weights are {weights.dtype}, and what is asked for are {examples.answers.dtype}: "
            "give float64, and only where classes are asked for"
        )
    if not (np.isfinite(weights) & (weights > 0)).all():
        raise ValueError(f"class_weights are {weights.tolist()}: give finite numbers above 0")


def _checked_array(name: str, array: object, shape: Shape | None = None) -> np.ndarray:
    """Refuse an object that is not an array of a shape, in which None stands for any size."""
    if not isinstance(array, np.ndarray):
        raise TypeError(f"{name} are a {type(array).__name__}: give a numpy array")
    if shape is not None and not has_shape(array, shape):
        raise ValueError(f"{name} have the shape {array.shape}: give {shape_in_words(shape)}")
    return array


def has_shape(array: np.ndarray, shape: Shape) -> bool:
    """Whether an array has a shape, in which None stands for any size."""
    return len(shape) == array.ndim and all(
        wanted in (None, size) for wanted, size in zip(shape, array.shape, strict=True)
    )


def shape_in_words(shape: Shape) -> str:
    """A shape for messages, such as `(any, 3)`."""
    return f"({', '.join('any' if size is None else str(size) for size in shape)})"


class Dataset(Protocol):
    """Training data, in pieces if it is too large for memory, and test data."""

    def pieces(self, epoch: int) -> Iterator[Examples]:
        """The training examples of an epoch, counted from 0; always the same ones."""

    @property
    def test(self) -> Examples:
        """The test examples."""


@dataclass(frozen=True, eq=False)
class Halves:
    """A dataset that fits into memory: training and test examples.

    Attributes
    ----------
    train, test
        Each half.
    """

    train: Examples
    test: Examples

    def pieces(self, epoch: int) -> Iterator[Examples]:
        """The training examples of an epoch, in one piece."""
        yield self.train
