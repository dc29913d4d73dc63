"""Examples of recognised sequence tasks: adding, copying, digits step by step."""

from __future__ import annotations

import numpy as np

from sparsebench.parts.draws import uniform
from sparsebench.parts.examples import NO_ANSWER, Examples, Halves
from sparsebench.values.seeding import stream
from sparsebench.values.sequence_tasks import (
    DIGITS,
    REMEMBERED,
    SYMBOLS,
    AddingProblem,
    CopyTask,
    SequentialDigits,
)

BLANK, DELIMITER = SYMBOLS, SYMBOLS + 1
"""Codes of the two letters of the copy task that are no symbols."""

BRIGHTEST = 16
"""Value of a full pixel of scikit-learn's digits."""


def adding(task: AddingProblem) -> Halves:
    """Draw values and markers, and add the marked values."""
    halves = []
    for name, count in (("train", task.train), ("test", task.test)):
        random = stream("adding", task.seed, name)
        values = uniform(random, 0, 1, (count, task.steps)).astype(np.float32)
        half = task.steps // 2
        marked = (random.randint(0, half, count), random.randint(half, task.steps, count))
        shown = np.zeros((count, task.steps, 2), np.float32)
        shown[:, :, 0] = values
        rows = np.arange(count)
        for steps in marked:
            shown[rows, steps, 1] = 1
        answers = values[rows, marked[0]] + values[rows, marked[1]]
        lengths = np.full(count, task.steps, np.int64)
        halves.append(Examples(shown, lengths, answers[:, None]))
    return Halves(*halves)


def copying(task: CopyTask) -> Halves:
    """Draw symbols, which are asked for after the delimiter and nowhere else."""
    halves = []
    for name, count in (("train", task.train), ("test", task.test)):
        random = stream("copy", task.seed, name)
        symbols = random.randint(0, SYMBOLS, (count, REMEMBERED))
        read = np.full((count, task.steps), BLANK, np.uint8)
        read[:, :REMEMBERED] = symbols
        read[:, -REMEMBERED - 1] = DELIMITER
        answers = np.full((count, task.steps), NO_ANSWER, np.int64)
        answers[:, -REMEMBERED:] = symbols
        halves.append(Examples(read, np.full(count, task.steps, np.int64), answers))
    return Halves(*halves)


def digits(task: SequentialDigits) -> Halves:
    """Split scikit-learn's images, and cut them into steps.

    References
    ----------
    Alpaydin, E., Kaynak, C. (1998). Optical recognition of handwritten digits. UCI Machine Learning
    Repository.
    """
    from sklearn.datasets import load_digits

    pixels, labels = load_digits(return_X_y=True)
    if task.order == "permuted":
        pixels = pixels[:, stream("digits", task.seed, "order").permutation(pixels.shape[1])]
    shown = (pixels / BRIGHTEST).astype(np.float32).reshape(DIGITS, task.steps, task.width)
    order = stream("digits", task.seed, "split").permutation(DIGITS)

    def part(chosen: np.ndarray) -> Examples:
        lengths = np.full(len(chosen), task.steps, np.int64)
        return Examples(shown[chosen], lengths, labels[chosen].astype(np.int64))

    return Halves(part(order[: task.train]), part(order[DIGITS - task.test :]))
