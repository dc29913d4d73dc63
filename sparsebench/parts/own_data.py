"""Tasks whose examples somebody has in a CSV or NumPy file.

A task identifies its data by a checksum of what was read, not by a path, so the same data are the
same task wherever the file is. A file is read when the task is made, and its content stays in
memory.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np

from sparsebench.parts.examples import Halves
from sparsebench.parts.files import FilePath, shown
from sparsebench.parts.own_arrays import read_numpy
from sparsebench.parts.own_content import Content, Request, absent
from sparsebench.parts.own_csv import read_csv
from sparsebench.parts.own_examples import scale_of_answer, split, split_training
from sparsebench.parts.task_kind import Answered
from sparsebench.values.checks import listed, one_of, whole_number
from sparsebench.values.own_data import ASKS, OwnData

READERS = {".csv": read_csv, ".npy": read_numpy, ".npz": read_numpy}
"""Readers by the ending of a file's name."""

GIVEN: dict[str, Content] = {}
"""Contents that this process has read, or that were sent to it, by checksum."""

Number = TypeVar("Number", int, float)

Names = str | int | Iterable[str | int]
"""A column or array, or several; the columns of a `.npy` file are numbers."""


def own_data(
    path: FilePath,
    asks: str,
    *,
    answers: Names = (),
    inputs: Names = (),
    letters: str = "",
    sequence: str = "",
    group: str = "",
    window: int | None = None,
    ahead: int | None = None,
    test_share: float = 0.2,
    seed: int | None = None,
    standardised: bool = True,
    repeats: Mapping[str | int, int] | None = None,
    weights: Mapping[str | int, float] | None = None,
    name: str = "",
) -> OwnData:
    """The task that a CSV or NumPy file describes, for `task_items` and `floor_items`.

    Sequences are split into a training and a test half at random; equal ones come into the same
    half. A forecast is split by time: all rows of training windows, and the rows that they
    predict, come before all rows of test windows.

    Parameters
    ----------
    path
        A file that ends in `.csv`, `.npy` or `.npz`; the reference is docs/guide/own-data.md.
    asks
        `class`: a class for each sequence. `classes`: a class after each step, where one is given.
        `values`: numbers for each sequence. `forecast`: numbers of a later row of one long table.
    answers
        The column or columns that are asked for; of an archive the array, by default `answers`.
    inputs
        The columns of numbers that are read, by default all others (of a forecast, all); of an
        archive the array, by default `inputs`.
    letters
        Instead of `inputs`: a column of texts, of which each letter is a step; or, with `sequence`,
        a column of one letter or word for each step; or an array of codes from 0.
    sequence
        The column that says which sequence a row belongs to, so that each row is a step. Without
        it, each row is a sequence.
    group
        The column, or array of whole numbers, that says which sequences come into the same half, such
        as those of one speaker, machine or patient.
    window, ahead
        Of a forecast, the rows that are read, and how many rows after the last of them the answer
        stands; by default 1.
    test_share
        The share of the sequences, or of the rows of a forecast, to test on.
    seed
        Seed of the split of sequences; by default 0.
    standardised
        Whether numbers that are read, and numbers that are asked for, lose the mean of the training
        half and are divided by its standard deviation.
    repeats
        Class -> how often each of its training examples is shown in an epoch, such as 4 for a class
        that is rare: the loss of training counts them as often.
    weights
        Class -> by how much the loss of its answers is multiplied in training, such as 2.5; of other
        classes by 1. What is reported of the test half is not weighted.
    name
        The name in ids and results, of lower-case letters, digits, dashes and underscores. Without
        it, ids have the file's name, and results a part of the checksum.

    Returns
    -------
    sparsebench.values.own_data.OwnData
        The task, which identifies its data by their checksum.

    Raises
    ------
    OSError
        If the file cannot be read.
    TypeError, ValueError
        With the file, the line or array and the reason, if it cannot be used; or if the arguments
        do not fit together.
    """
    one_of("asks", asks, ASKS)
    path = Path(path)
    asked, read = _names("answers", answers), _names("inputs", inputs)
    request = Request(asks, asked, read, letters, sequence, group)
    if not re.fullmatch("[a-z0-9_-]*", name):
        raise ValueError(
            f"name is {shown(name)}: give one of lower-case letters, digits, dashes and underscores"
        )
    content = _read(path, request)
    forecast = asks == "forecast"
    task = OwnData(
        name,
        asks,
        content.checksum,
        content.read,
        content.asked,
        content.symbols,
        content.width,
        content.classes,
        window,
        1 if forecast and ahead is None else ahead,
        test_share,
        0 if not forecast and seed is None else seed,
        standardised,
        _repeats(repeats, content, path),
        _of_classes(weights, content, path, 1.0) if weights else None,
        group or None,
        stem=path.name.partition(".")[0],
    )
    GIVEN[content.checksum] = content
    try:
        own_examples(task)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
    return task


def _read(path: Path, request: Request) -> Content:
    """Read a file by its ending, and refuse a request that none can answer."""
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise ValueError(
            f"{path} ends in {shown(path.suffix)}: give a file that ends in {', '.join(READERS)}"
        )
    csv, forecast = reader is read_csv, request.asks == "forecast"
    several = request.asks in ("values", "forecast")
    if (csv or forecast) and not (request.answers if several else len(request.answers) == 1):
        columns = "columns" if several else "one column"
        raise ValueError(f"{path}: answers is {list(request.answers)}: name {columns} to ask for")
    if request.letters and (request.inputs or forecast):
        raise ValueError(
            f"{path}: letters is {shown(request.letters)}: give it without inputs, and not for a "
            "forecast"
        )
    if (request.sequence or request.group) and forecast:
        raise ValueError(f"{path}: a forecast is of one long table: leave out sequence and group")
    if request.group and request.group in (*request.answers, *request.inputs, request.letters):
        raise ValueError(
            f"{path}: group is {shown(request.group)}, which is read or asked for too: name another"
        )
    if csv and request.asks == "classes" and not request.sequence:
        raise ValueError(
            f"{path}: a class after each step needs a row for each step: name the column that tells "
            "sequences apart by sequence"
        )
    return reader(path, request)


def give_content(content: Content) -> None:
    """Register content for the tasks that refer to it."""
    GIVEN[content.checksum] = content


def content_of(task: OwnData) -> Content:
    """The content of a task's file.

    Raises
    ------
    ValueError
        If this process has not read it.
    """
    if task.checksum not in GIVEN:
        raise ValueError(
            f"the data of task {task.called!r}, whose checksum is {task.checksum}, were not read by "
            "this process: call sparsebench.own_data on their file"
        )
    return GIVEN[task.checksum]


def own_examples(task: OwnData) -> Halves:
    """The examples of own data, also for a `TaskKind` with metrics of its own.

    Parameters
    ----------
    task
        What `own_data` returned.

    Returns
    -------
    Halves
        Examples to train and to test on.

    Raises
    ------
    ValueError
        If this process has not read its file, or there is too little to split.
    """
    return split(task, content_of(task))


def held_out(task: OwnData, share: float, seed: int) -> Halves:
    """The training examples without a share of them, and that share, to choose by.

    Raises
    ------
    ValueError
        As in `own_examples`.
    """
    return split_training(task, content_of(task), share, seed)


def repeated(task: OwnData) -> Sequence[int]:
    """Where the numbers to forecast stand in a row, if they are read too; otherwise none."""
    asked, read = task.answers, task.inputs
    there = task.asks == "forecast" and set(asked) <= set(read)
    return [read.index(name) for name in asked] if there else ()


def own_figures(task: OwnData, answered: Answered) -> dict[str, float]:
    """The root of the mean squared error in the unit of the answer, if one number is asked for."""
    if task.labelled or task.classes > 1:
        return {}
    errors = answered.said.astype(np.float64) - answered.test.answers
    mean = math.fsum((errors * errors).ravel().tolist()) / errors.size
    return {"rmse": scale_of_answer(task, content_of(task)) * math.sqrt(mean)}


# Arguments


def _names(what: str, given: Names) -> tuple[str, ...]:
    """Names of columns as texts."""
    if isinstance(given, str | int):
        return (str(given),)
    return tuple(map(str, listed(what, given)))


def _repeats(
    given: Mapping[str | int, int] | None, content: Content, path: Path
) -> tuple[int, ...]:
    """How often each class is shown, in the order of the classes."""
    if not given:
        return ()
    for label, number in given.items():
        whole_number(f"repeats of {label}", number, 1)
    return _of_classes(given, content, path, 1)


def _of_classes(
    given: Mapping[str | int, Number], content: Content, path: Path, usual: Number
) -> tuple[Number, ...]:
    """A number for each class, in their order."""
    numbers = {str(label): number for label, number in given.items()}
    if unknown := sorted(numbers.keys() - set(content.labels)):
        raise ValueError(absent(path, "class", unknown[:1], content.labels))
    return tuple(numbers.get(label, usual) for label in content.labels)
