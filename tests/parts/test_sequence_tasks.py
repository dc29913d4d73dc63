"""Adding, copying and digits: laid out as published, with the answers that follow from what is read."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.datasets import load_digits

from sparsebench.parts.examples import Examples, Halves, check_examples
from sparsebench.parts.sequence_tasks import BLANK, DELIMITER, adding, copying, digits
from sparsebench.parts.tasks import dataset
from sparsebench.values.sequence_tasks import (
    ORDERS,
    AddingProblem,
    CopyTask,
    MackeyGlass,
    Mnist1D,
    SequentialDigits,
)
from sparsebench.values.tasks import Task
from sparsebench.values.text_tasks import AliceLetters, Passages

DIGESTS: dict[Task, str] = {
    AddingProblem(9, 50, 20): "a1b5b8642470",
    CopyTask(3, 50, 20): "5df4311691be",
    SequentialDigits("rows", 50, 20): "a7a6ac0226f1",
    SequentialDigits("pixels", 50, 20): "e565fcfd5f4a",
    SequentialDigits("permuted", 50, 20): "66c82d7d44c4",
    Mnist1D(50, 20): "84b62131b01a",
    MackeyGlass(17, 20, 120, 40): "341705cc2dc1",
    AliceLetters(50, 1000): "a6c0c9a2d8de",
    Passages("letters", 300, 20): "501bf51eda7c",
    Passages("words", 300, 20): "9ea7e44fd1d5",
    Passages("vectors", 300, 20): "6d47c5edeb23",
}
"""Of all bytes of the examples."""


def digest_of(task: Task) -> str:
    made, found = dataset(task), hashlib.sha256()
    for examples in (*made.pieces(0), made.test):
        for array in (examples.inputs, examples.lengths, examples.answers):
            found.update(array.tobytes())
    return found.hexdigest()[:12]


def checked(task: Task, made: Halves) -> list[Examples]:
    for examples in (made.train, made.test):
        check_examples(examples, task.symbols, getattr(task, "width", 0), task.classes)
    return [made.train, made.test]


@pytest.mark.parametrize("task", DIGESTS, ids=repr)
def test_examples_are_always_the_same(task: Task) -> None:
    assert digest_of(task) == DIGESTS[task]


def test_no_bit_depends_on_the_vector_instructions_that_numpy_may_use() -> None:
    from numpy._core import _multiarray_umath as core

    there = [name for name in core.__cpu_dispatch__ if core.__cpu_features__.get(name)]
    if not there:
        pytest.skip("numpy uses no instructions here but those it was built for")
    script = (
        "import json; from tests.parts.test_sequence_tasks import DIGESTS, digest_of; "
        "print(json.dumps([digest_of(task) for task in DIGESTS]))"
    )
    without = os.environ | {"NPY_DISABLE_CPU_FEATURES": " ".join(there)}
    root = Path(__file__).parents[2]
    told = subprocess.run(
        [sys.executable, "-c", script], env=without, cwd=root, capture_output=True, check=True
    )
    assert json.loads(told.stdout.splitlines()[-1]) == [*DIGESTS.values()]


@given(steps=st.integers(2, 30), train=st.integers(1, 30), seed=st.integers(0, 99))
def test_the_answer_is_the_sum_of_the_two_marked_values(steps: int, train: int, seed: int) -> None:
    task = AddingProblem(steps, train, 5, seed)
    for examples in checked(task, adding(task)):
        for shown, answer in zip(examples.inputs, examples.answers, strict=True):
            marks = [step for step, (_, mark) in enumerate(shown) if mark == 1]
            assert sorted({*shown[:, 1]} - {0, 1}) == []
            assert len(marks) == 2
            assert marks[0] < steps // 2 <= marks[1]
            assert answer[0] == shown[marks[0], 0] + shown[marks[1], 0]
            assert 0 <= shown[:, 0].min() <= shown[:, 0].max() <= 1


def test_who_always_answers_one_has_a_squared_error_of_a_sixth() -> None:
    """Le, Jaitly and Hinton write 0.1767; the variance of the sum of two uniform numbers is 1/6."""
    answers = adding(AddingProblem(10, 100_000, 1)).train.answers
    assert np.mean((answers - 1.0) ** 2) == pytest.approx(1 / 6, abs=0.002)


def test_marks_are_anywhere_in_their_half() -> None:
    marks = adding(AddingProblem(8, 2000, 1)).train.inputs[:, :, 1].mean(0)
    assert marks == pytest.approx(np.full(8, 1 / 4), abs=0.04)


@given(delay=st.integers(1, 30), train=st.integers(1, 30), seed=st.integers(0, 99))
def test_symbols_are_read_first_and_asked_for_last(delay: int, train: int, seed: int) -> None:
    task = CopyTask(delay, train, 5, seed)
    for examples in checked(task, copying(task)):
        assert examples.inputs.shape[1] == delay + 20
        for read, answers in zip(examples.inputs, examples.answers, strict=True):
            symbols = read[:10].tolist()
            assert max(symbols) < 8
            assert read[10:].tolist() == [BLANK] * (delay - 1) + [DELIMITER] + [BLANK] * 10
            assert answers.tolist() == [-1] * (delay + 10) + symbols


def test_symbols_are_uniform_so_that_nothing_but_memory_tells_them() -> None:
    symbols = copying(CopyTask(1, 5000, 1)).train.inputs[:, :10]
    shares = np.bincount(symbols.ravel(), minlength=8) / symbols.size
    assert shares == pytest.approx(np.full(8, 1 / 8), abs=0.01)
    assert abs(np.corrcoef(symbols[:, 0], symbols[:, 9])[0, 1]) < 0.05


def test_training_and_test_sequences_are_drawn_apart() -> None:
    for made in (adding(AddingProblem(9, 20, 20)), copying(CopyTask(3, 20, 20))):
        assert not np.array_equal(made.train.inputs, made.test.inputs)


@pytest.mark.parametrize("order", ORDERS)
def test_each_image_is_read_once_with_its_label(order: str) -> None:
    task = SequentialDigits(order)
    pixels, labels = load_digits(return_X_y=True)
    train, test = checked(task, digits(task))
    shown = np.concatenate([train.inputs, test.inputs]).reshape(1797, 64) * 16
    answers = np.concatenate([train.answers, test.answers])
    if order == "permuted":
        (moves,) = {tuple(moved_to(pixels, shown))}
        assert sorted(moves) == [*range(64)]
        assert [*moves] != sorted(moves)
        shown = shown[:, np.argsort(moves)]
    known = {(*image.astype(int), label) for image, label in zip(pixels, labels, strict=True)}
    found = {(*image.astype(int), label) for image, label in zip(shown, answers, strict=True)}
    assert found == known


def moved_to(pixels: np.ndarray, shown: np.ndarray) -> np.ndarray:
    """For each step, which pixel of the images is read there: the one with the same values in all.

    Pixels that are empty in every image are alike; they are dealt out in order.
    """
    totals = {number: sorted(column) for number, column in enumerate(pixels.T)}
    left, found = dict(totals), []
    for column in shown.T:
        chosen = next(number for number, values in left.items() if values == sorted(column))
        del left[chosen]
        found.append(chosen)
    return np.array(found)


def test_another_seed_is_another_split_and_another_order() -> None:
    one, other = (digits(SequentialDigits("permuted", 50, 20, seed)) for seed in (0, 1))
    assert not np.array_equal(one.train.answers, other.train.answers)
    rows = digits(SequentialDigits("rows", 50, 20))
    assert np.array_equal(one.train.answers, rows.train.answers)


def test_fewer_training_images_leave_the_test_images_as_they_are() -> None:
    few, many = (digits(SequentialDigits("rows", train, 60)) for train in (50, 1000))
    assert np.array_equal(few.test.inputs, many.test.inputs)
    assert np.array_equal(few.train.inputs, many.train.inputs[:50])
