"""Examples of somebody's own data: split so that nothing leaks, and standardised by the training half.

Sequences are split at random, and equal ones stay together. A table for forecasts is split by time:
no row is in windows, or answers, of both parts. Sums are rounded once, and all else is rounded
correctly, so every processor has the same bits.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from sparsebench.parts.examples import CLASSES, Examples, Halves
from sparsebench.parts.own_content import LARGEST_NUMBER, Content, few_enough
from sparsebench.values.own_data import OwnData
from sparsebench.values.seeding import stream

Scales = list[tuple[float, float]]
"""Mean and standard deviation of each column."""


def split(task: OwnData, content: Content) -> Halves:
    """The examples to train and to test on.

    Raises
    ------
    ValueError
        If there is too little to split, or a number to test on is too large.
    """
    train, test = _whole(task, content)
    return _Parts(task, content, train).halves(train, test)


def split_training(task: OwnData, content: Content, share: float, seed: int) -> Halves:
    """The examples to train on, without some that are held out to choose by.

    Parameters
    ----------
    task, content
        The task, and what was read from its file.
    share
        The share of the training sequences, or rows of a table, that are held out.
    seed
        Seed of the split; a table has none.

    Raises
    ------
    ValueError
        As in `split`.
    """
    train, _ = _whole(task, content)
    key = "own validation", seed
    return _Parts(task, content, train).halves(*_divided(task, content, train, share, key))


def scale_of_answer(task: OwnData, content: Content) -> float:
    """The unit of the first number that is asked for: the loss is in its square."""
    train, _ = _whole(task, content)
    return _scales(task, _of_rows(task, content.answers)[train])[0][1]


@dataclass(frozen=True, eq=False)
class _Parts:
    """Makes the examples of some sequences, or rows of a table.

    Attributes
    ----------
    task, content
        The task, and what was read from its file.
    train
        The training half, which sets the scales.
    """

    task: OwnData
    content: Content
    train: np.ndarray

    def halves(self, train: np.ndarray, test: np.ndarray) -> Halves:
        """The examples to train on, as often as their classes are shown, and to test on."""
        whole = self._windows() if self.task.asks == "forecast" else self._sequences()
        if self.task.asks == "forecast":
            lost = (self.task.window or 1) + (self.task.ahead or 1) - 1
            return Halves(*(_chosen(whole, rows[: len(rows) - lost]) for rows in (train, test)))
        if self.task.repeats:
            train = np.repeat(train, np.array(self.task.repeats)[whole.answers[train]])
        return Halves(_chosen(whole, train), _chosen(whole, test))

    def _sequences(self) -> Examples:
        """All sequences."""
        content, task, train = self.content, self.task, self.train
        inputs, answers = content.inputs, content.answers
        if not task.symbols:
            inside = np.arange(inputs.shape[1]) < content.lengths[:, None]
            scales = _scales(task, inputs[train][inside[train]])
            inputs = np.where(inside[:, :, None], _standardised(inputs, scales), np.float32(0))
        if not task.labelled:
            answers = _standardised(answers, _scales(task, answers[train]))
        weights = None if task.weights is None else np.array(task.weights)
        return Examples(inputs, content.lengths, answers, weights)

    def _windows(self) -> Examples:
        """The windows that begin at each row of a table; the last ones are not whole."""
        task, train = self.task, self.train
        window, ahead = task.window or 1, task.ahead or 1
        inputs, answers = (
            _standardised(numbers, _scales(task, numbers[train]))
            for numbers in (self.content.inputs[0], self.content.answers[0])
        )
        rows = len(inputs)
        few_enough(rows, window, task.width, f"windows of {rows} rows")
        starts = np.arange(rows)
        places = np.minimum(starts[:, None] + np.arange(window), rows - 1)
        last = np.minimum(starts + window - 1 + ahead, rows - 1)
        return Examples(inputs[places], np.full(rows, window), answers[last])


def _of_rows(task: OwnData, numbers: np.ndarray) -> np.ndarray:
    """A row for each sequence, or for each row of a table."""
    return numbers[0] if task.asks == "forecast" else numbers


def _whole(task: OwnData, content: Content) -> tuple[np.ndarray, np.ndarray]:
    """The numbers of the sequences, or rows of a table, to train and to test on, in their order."""
    count = int(content.lengths[0]) if task.asks == "forecast" else len(content.lengths)
    key = "own data", task.seed or 0
    return _divided(task, content, np.arange(count), task.test_share, key)


def _divided(
    task: OwnData, content: Content, numbers: np.ndarray, share: float, key: tuple[str, int]
) -> tuple[np.ndarray, np.ndarray]:
    """Some numbers without a share of them, and that share."""
    wanted = round(share * len(numbers))
    if task.asks != "forecast":
        held = _held(content, numbers, wanted, key)
        return numbers[~held], numbers[held]
    first, needed = len(numbers) - wanted, (task.window or 1) + (task.ahead or 1)
    if min(first, wanted) < needed:
        raise ValueError(
            f"{len(numbers)} rows, of which {first} are for training and {wanted} for testing, and "
            f"windows of {task.window} rows whose answer is {task.ahead} after: give {needed} rows or "
            "more for each"
        )
    return numbers[:first], numbers[first:]


def _held(content: Content, numbers: np.ndarray, wanted: int, key: tuple[str, int]) -> np.ndarray:
    """Which sequences are held out: as many as are wanted or a few more, equal ones together, and
    those of a group.
    """
    equal = _together(content, numbers)
    held = np.zeros(len(numbers), bool)
    found = 0
    for each in stream(*key).permutation(len(equal)):
        if found >= wanted:
            break
        held[equal[each]] = True
        found += len(equal[each])
    if not 0 < found < len(numbers):
        raise ValueError(
            f"{len(numbers)} sequences, {len(equal)} of them different, of which {wanted} are for "
            "testing: give more, or another share, so that some are left to train and to test on"
            if content.groups is None
            else f"{len(numbers)} sequences in {len(equal)} groups that share none, of which {wanted} "
            "sequences are for testing: give more groups, or another share, so that some are left to "
            "train and to test on"
        )
    return held


def _together(content: Content, numbers: np.ndarray) -> list[list[int]]:
    """The places of sequences that stay in one half: equal ones, those of a group, and what these
    are equal to.
    """
    found: dict[int, list[int]] = {}  # by one of its places
    part_of: list[int] = []
    known: dict[object, int] = {}
    for place, number in enumerate(numbers):
        keys: list[object] = [(int(content.lengths[number]), content.inputs[number].tobytes())]
        keys += [] if content.groups is None else [int(content.groups[number])]
        parts = sorted({part_of[known[key]] for key in keys if key in known})
        first = parts[0] if parts else place
        part_of.append(first)
        found.setdefault(first, []).append(place)
        for other in parts[1:]:
            for moved in found.pop(other):
                part_of[moved] = first
                found[first].append(moved)
        for key in keys:
            known.setdefault(key, place)
    return list(found.values())


def _chosen(examples: Examples, rows: np.ndarray) -> Examples:
    """Some examples, as long as the longest of them."""
    lengths = examples.lengths[rows]
    steps = lengths.max()
    answers = examples.answers[rows]
    if examples.asked == CLASSES:
        answers = answers[:, :steps]
    return Examples(examples.inputs[rows, :steps], lengths, answers, examples.class_weights)


def _scales(task: OwnData, numbers: np.ndarray) -> Scales:
    """Mean and standard deviation of each column of (rows, columns) numbers.

    A column of one number is only moved to zero.
    """
    if not task.standardised:
        return [(0.0, 1.0)] * numbers.shape[1]
    return [_scale(column) for column in numbers.T]


def _scale(column: np.ndarray) -> tuple[float, float]:
    if column.min() == column.max():
        return float(column[0]), 1.0
    mean = math.fsum(column.tolist()) / len(column)
    squares = (column - mean) * (column - mean)
    return mean, math.sqrt(math.fsum(squares.tolist()) / len(column)) or 1.0


def _standardised(numbers: np.ndarray, scales: Scales) -> np.ndarray:
    """Numbers in units of the training half, as float32."""
    means, deviations = np.array(scales).T
    made: np.ndarray = (numbers - means) / deviations
    if np.abs(made).max() > LARGEST_NUMBER:
        raise ValueError(
            "a number to test on is more than 1e30 standard deviations of the training half from its "
            "mean: correct it, or leave the column out"
        )
    return made.astype(np.float32)
