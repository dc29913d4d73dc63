"""Every task has its examples, and they fit what the task says of them."""

from __future__ import annotations

import numpy as np
import pytest

from sparsebench.parts.sequences import CLASS, CLASSES, VALUES, asked
from sparsebench.parts.tasks import material
from sparsebench.parts.texts import text_task
from sparsebench.values.protocol import ReberStrings
from sparsebench.values.tasks import NextLetters, RandomFunction, RandomLabels, Recall, Task

SMALL = [
    (ReberStrings(5, 5, 5, 5), CLASS),
    (RandomLabels(9, width=6), CLASS),
    (Recall(5, 2, 7, 3), VALUES),
    (RandomFunction(4, 9, 3), VALUES),
    (NextLetters("reber", 6, 4), CLASSES),
    (NextLetters("embedded_reber", 6, 4), CLASSES),
    (text_task("declaration"), CLASSES),
]


@pytest.mark.parametrize(("task", "question"), SMALL)
def test_examples_fit_the_letters_and_answers_of_their_task(task: Task, question: int) -> None:
    made = material(task)
    for examples in (*made.pieces(0), made.test):
        assert asked(examples) == question
        assert len(examples) == len(examples.inputs) == len(examples.answers)
        assert 1 <= examples.lengths.min() <= examples.lengths.max() <= examples.inputs.shape[1]
        if task.symbols:
            assert examples.inputs.dtype == np.uint8
            assert examples.inputs.max() < task.symbols
        else:
            assert examples.inputs.dtype == np.float32
            assert examples.inputs.shape[2] == task.width
        if question == VALUES:
            assert examples.answers.shape[1] == task.classes
        else:
            assert examples.answers.max() < task.classes
            assert (examples.answers[:, 0] if question == CLASSES else examples.answers).min() >= 0


@pytest.mark.parametrize(("task", "question"), SMALL)
def test_equal_tasks_have_equal_examples_in_every_epoch(task: Task, question: int) -> None:
    one, other = material(task), material(task)
    for mine, theirs in zip(
        (*one.pieces(0), one.test), (*other.pieces(9), other.test), strict=True
    ):
        for name in ("inputs", "lengths", "answers"):
            assert np.array_equal(getattr(mine, name), getattr(theirs, name))
