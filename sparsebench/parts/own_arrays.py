"""Somebody's own data in a NumPy file. Every error names the file, the array and the reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sparsebench.parts.examples import NO_ANSWER, Shape, has_shape, shape_in_words
from sparsebench.parts.files import FilePath, shown
from sparsebench.parts.numpy_files import read_arrays
from sparsebench.parts.own_content import (
    LARGEST_NUMBER,
    Content,
    Request,
    absent,
    check_different,
    few_enough,
    numbered_groups,
)
from sparsebench.values.own_data import MOST_CLASSES, MOST_SYMBOLS

INPUTS, ANSWERS, LENGTHS = "inputs", "answers", "lengths"
"""The arrays of an archive, if no others are named; lengths may be left out."""


@dataclass(frozen=True)
class _Arrays:
    """The arrays of a file.

    Attributes
    ----------
    path
        The file, for messages.
    found
        Name -> array.
    """

    path: FilePath
    found: Mapping[str, np.ndarray]

    def place(self, name: str) -> str:
        """The beginning of a message about an array."""
        return f"{self.path}, array {shown(name)}" if name else f"{self.path}"

    def named(self, name: str) -> np.ndarray:
        """An array.

        Raises
        ------
        ValueError
            If it is not there.
        """
        if name not in self.found:
            raise ValueError(absent(self.path, "array", [name], [*self.found]))
        return self.found[name]

    def numbers(self, name: str) -> np.ndarray:
        """An array as float64.

        Raises
        ------
        ValueError
            If a number is not finite or too large.
        """
        made = self.named(name).astype(np.float64)
        wrong = np.argwhere(~(np.abs(made) <= LARGEST_NUMBER))
        if len(wrong):
            index = tuple(wrong[0].tolist())
            raise ValueError(
                f"{self.place(name)} has {made[index]} at {list(index)}: give finite numbers of at "
                f"most {LARGEST_NUMBER:g}"
            )
        return made

    def whole(self, name: str, low: int, high: int) -> np.ndarray:
        """An array of whole numbers as int64.

        Raises
        ------
        ValueError
            If it has other numbers, or some are out of bounds.
        """
        given = self.named(name)
        if given.dtype.kind not in "biu":
            raise ValueError(
                f"{self.place(name)} is {given.dtype}: give whole numbers from {low} to {high}"
            )
        least, most = int(given.min()), int(given.max())
        if least < low or most > high:
            raise ValueError(
                f"{self.place(name)} goes from {least} to {most}: give whole numbers from {low} to "
                f"{high}"
            )
        return given.astype(np.int64)

    def shaped(self, name: str, *shapes: Shape) -> None:
        """Refuse an array of none of some shapes, in which None stands for any size.

        Raises
        ------
        ValueError
            If it has another one.
        """
        array = self.named(name)
        if not any(has_shape(array, shape) for shape in shapes):
            allowed = " or ".join(map(shape_in_words, shapes))
            raise ValueError(f"{self.place(name)} has the shape {array.shape}: give {allowed}")


def read_numpy(path: FilePath, request: Request) -> Content:
    """Read sequences with answers.

    Parameters
    ----------
    path
        A `.npz` archive, or for forecasts a `.npy` file.
    request
        The arrays. Inputs are (N, T) or (N, T, width) numbers, or (N, T) codes of letters; answers
        are (N,) classes, (N, T) classes or -1, or (N,) or (N, K) numbers; `lengths`, if it is there,
        has the steps of each sequence. For forecasts, the columns of a `.npy` file are called 0, 1
        and so on, and those of an archive are its arrays of one dimension.

    Returns
    -------
    Content
        In the order of the file.

    Raises
    ------
    OSError
        If the file cannot be read.
    ValueError
        With the file, the array and the reason.
    """
    arrays = _Arrays(path, read_arrays(path))
    if request.sequence:
        raise ValueError(
            f"{path}: sequence is {shown(request.sequence)}, which is for CSV files: in NumPy files "
            "inputs are (N, T, width), a row for each sequence"
        )
    return _table(arrays, request) if request.asks == "forecast" else _sequences(arrays, request)


def _table(arrays: _Arrays, request: Request) -> Content:
    """The table of one long time series."""
    columns = dict(arrays.found)
    if "" in columns:
        arrays.shaped("", (None,), (None, None))
        whole = columns.pop("")
        whole = whole.reshape(len(whole), -1)
        columns = {str(number): whole[:, number] for number in range(whole.shape[1])}
    arrays = _Arrays(arrays.path, columns)
    read = request.inputs or tuple(columns)
    if missing := [name for name in (*read, *request.answers) if name not in columns]:
        raise ValueError(absent(arrays.path, "column", missing[:1], [*columns]))
    count = len(np.atleast_1d(columns[read[0]]))
    for name in (*read, *request.answers):
        arrays.shaped(name, (count,))
    few_enough(1, count, len(read), str(arrays.path))
    inputs, answers = (
        np.stack([arrays.numbers(name) for name in names], axis=1)[None]
        for names in (read, request.answers)
    )
    return Content(inputs, np.array([count]), answers, read, request.answers)


def _sequences(arrays: _Arrays, request: Request) -> Content:
    """Arrays with a row for each sequence."""
    if "" in arrays.found:
        raise ValueError(
            f"{arrays.path} is one array: give an archive, as by "
            "numpy.savez('name.npz', inputs=..., answers=...)"
        )
    read, asked = (request.letters,) if request.letters else request.inputs, request.answers
    read, asked = read or (INPUTS,), asked or (ANSWERS,)
    if len(read) != 1 or len(asked) != 1:
        raise ValueError(
            f"{arrays.path}: inputs and answers are {shown(','.join((*read, *asked)))}: name one "
            "array for each"
        )
    (name,) = read
    if request.letters:
        arrays.shaped(name, (None, None))
        inputs = arrays.whole(name, 0, MOST_SYMBOLS - 1).astype(np.uint8)
    else:
        arrays.shaped(name, (None, None), (None, None, None))
        inputs = arrays.numbers(name)
        inputs = inputs.reshape(*inputs.shape[:2], -1)
    count, steps = inputs.shape[:2]
    few_enough(count, steps, 1 if request.letters else inputs.shape[2], arrays.place(name))
    lengths = np.full(count, steps, np.int64)
    if LENGTHS in arrays.found:
        arrays.shaped(LENGTHS, (count,))
        lengths = arrays.whole(LENGTHS, 1, steps)
    inside = np.arange(steps) < lengths[:, None]
    inputs = np.where(inside if request.letters else inside[:, :, None], inputs, 0).astype(
        inputs.dtype
    )
    if request.letters and inputs.max() == 0:
        raise ValueError(f"{arrays.place(name)} is of one letter: give two or more, from 0 on")
    answers, labels = _answers(arrays, asked[0], request.asks, inside)
    groups = None
    if request.group:
        arrays.shaped(request.group, (count,))
        groups = numbered_groups(arrays.whole(request.group, -(2**62), 2**62))
    return Content(inputs, lengths, answers, read, asked, labels=labels, groups=groups)


def _answers(
    arrays: _Arrays, name: str, asks: str, inside: np.ndarray
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Answers, and the labels of classes: their numbers in the file, which need not begin at 0."""
    count = len(inside)
    if asks == "values":
        arrays.shaped(name, (count,), (count, None))
        return arrays.numbers(name).reshape(count, -1), ()
    arrays.shaped(name, (count,) if asks == "class" else inside.shape)
    given = arrays.whole(name, 0 if asks == "class" else NO_ANSWER, 2**31)
    if asks == "classes":
        given = np.where(inside, given, NO_ANSWER)
    told = sorted({*given[given != NO_ANSWER].tolist()})
    labels = tuple(map(str, told))
    try:
        check_different(labels, "classes", MOST_CLASSES)
    except ValueError as error:
        raise ValueError(f"{arrays.place(name)}: {error}") from None
    return np.where(given == NO_ANSWER, NO_ANSWER, np.searchsorted(told, given)), labels
