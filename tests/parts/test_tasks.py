"""Every task has its examples, and they fit what the task says of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sparsebench.parts import own_data, string_files
from sparsebench.parts.examples import CLASS, CLASSES, VALUES, Examples, Halves, check_examples
from sparsebench.parts.labelled_texts import corpus_task
from sparsebench.parts.our_tasks import OURS
from sparsebench.parts.own_content import Content
from sparsebench.parts.strings import encode
from sparsebench.parts.tasks import content_of, dataset, give
from sparsebench.parts.texts import text_task
from sparsebench.values.own_data import OwnData
from sparsebench.values.protocol import ReberStrings
from sparsebench.values.sequence_tasks import (
    AddingProblem,
    CopyTask,
    MackeyGlass,
    Mnist1D,
    SequentialDigits,
)
from sparsebench.values.tasks import (
    NextLetters,
    RandomFunction,
    RandomLabels,
    Recall,
    Task,
    Validation,
)
from sparsebench.values.text_tasks import AliceLetters, Passages
from tests.generators import assert_independent

GIVEN = Content(
    np.arange(12.0)[None, :, None], np.array([12]), np.arange(12.0)[None, :, None], ("x",), ("x",)
)
own_data.give_content(GIVEN)
OWN = OwnData("", "forecast", GIVEN.checksum, ("x",), ("x",), 0, 1, 1, window=1, ahead=1)

FILES = string_files.give_examples(Halves(encode(["BTXSE", "BE"], [1, 0]), encode(["BPVVE"], [1])))

SMALL = [
    (ReberStrings(5, 5, 5, 5), CLASS),
    (FILES, CLASS),
    (RandomLabels(9, width=6), CLASS),
    (Recall(5, 2, 7, 3), VALUES),
    (RandomFunction(4, 9, 3), VALUES),
    (NextLetters("reber", 6, 4), CLASSES),
    (NextLetters("embedded_reber", 6, 4), CLASSES),
    (text_task("declaration"), CLASSES),
    (corpus_task("messages"), CLASS),
    (AddingProblem(6, 7, 3), VALUES),
    (CopyTask(2, 7, 3), CLASSES),
    (SequentialDigits("rows", 7, 3), CLASS),
    (Mnist1D(7, 3), CLASS),
    (MackeyGlass(17, 5, 12, 4), VALUES),
    (AliceLetters(5, 12), CLASSES),
    (Passages("letters", 7, 3), CLASS),
    (Passages("words", 7, 3), CLASS),
    (Passages("vectors", 7, 3), CLASS),
    (Validation(Recall(5, 2, 20, 3)), VALUES),
    (OWN, VALUES),
]


@pytest.fixture(autouse=True)
def given() -> None:
    """Other tests of the process may have let go of what this module gave."""
    own_data.give_content(GIVEN)


def test_every_kind_of_task_is_among_these() -> None:
    """Those that need a package have tests of their own, such as `test_japanese_vowels`."""
    assert {type(task) for task, _ in SMALL} == {each.task for each in OURS if not each.needs}


@pytest.mark.parametrize(("task", "question"), SMALL)
def test_examples_fit_the_letters_and_answers_of_their_task(task: Task, question: int) -> None:
    made = dataset(task)
    for examples in (*made.pieces(0), made.test):
        assert examples.asked == question
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
            asked = examples.answers if question == CLASS else examples.answers.max(1)
            assert asked.min() >= 0


@pytest.mark.parametrize(("task", "question"), SMALL)
def test_equal_tasks_have_equal_examples_in_every_epoch(task: Task, question: int) -> None:
    one, other = dataset(task), dataset(task)
    for mine, theirs in zip(
        (*one.pieces(0), one.test), (*other.pieces(9), other.test), strict=True
    ):
        for name in ("inputs", "lengths", "answers"):
            assert np.array_equal(getattr(mine, name), getattr(theirs, name))


@pytest.mark.parametrize(("task", "question"), SMALL)
def test_examples_neither_read_nor_move_the_generators_of_the_process(
    task: Task, question: int
) -> None:
    def made() -> bytes:
        examples = dataset(task).test
        return examples.inputs.tobytes() + examples.answers.tobytes()

    assert_independent(made)


@pytest.mark.parametrize(("task", "question"), SMALL)
def test_descriptions_say_all_that_another_process_needs(task: Task, question: int) -> None:
    content = content_of(task)
    assert (content is None) == (task not in (OWN, FILES))
    give(task, content)


def test_a_users_text_and_corpus_are_what_another_process_must_be_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine.txt").write_text("ab" * 200, encoding="utf-8")
    (tmp_path / "mail.csv").write_text("text,label\none,a\nother,a\ntwo,b\n", encoding="utf-8")
    (tmp_path / "own.csv").write_text("a,b\n1,x\n2,y\n3,x\n4,y\n5,x\n", encoding="utf-8")
    for task in (
        text_task(tmp_path / "mine.txt"),
        corpus_task(tmp_path / "mail.csv"),
        own_data.own_data(tmp_path / "own.csv", "class", answers="b"),
    ):
        before, content = dataset(task).test.inputs, content_of(task)
        monkeypatch.setattr("sparsebench.parts.texts.GIVEN", {})
        monkeypatch.setattr("sparsebench.parts.labelled_texts.GIVEN", {})
        monkeypatch.setattr("sparsebench.parts.own_data.GIVEN", {})
        with pytest.raises(ValueError, match=r"(was|were) not read by this process"):
            dataset(task)
        give(task, content)
        assert np.array_equal(dataset(task).test.inputs, before)
        monkeypatch.undo()


def letters(count: int = 4, steps: int = 3) -> Examples:
    """Examples of two letters and two classes."""
    codes = np.zeros((count, steps), np.uint8)
    return Examples(codes, np.full(count, steps), np.zeros(count, np.int64))


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"lengths": [3] * 4}, TypeError, "lengths are a list: give a numpy array"),
        ({"lengths": np.full(3, 3)}, ValueError, r"lengths have the shape \(3,\): give \(4\)"),
        ({"lengths": np.full(4, 4)}, ValueError, "lengths go from 4 to 4: give 1 to 3"),
        ({"inputs": np.zeros((4, 3), int)}, TypeError, "inputs are int64: give uint8"),
        (
            {"inputs": np.full((4, 3), 2, np.uint8)},
            ValueError,
            "inputs go from 2 to 2: give 0 to 1",
        ),
        ({"answers": np.full(4, 2)}, ValueError, "answers go from 2 to 2: give 0 to 1"),
        ({"answers": np.full(4, -1)}, ValueError, "answers go from -1 to -1: give 0 to 1"),
        (
            {"answers": np.zeros((4, 3))},
            ValueError,
            r"answers have the shape \(4, 3\): give \(4, 2\)",
        ),
        ({"answers": np.zeros((4, 2))}, TypeError, "answers are float64: give float32"),
    ],
)
def test_examples_that_do_not_fit_are_refused(
    change: dict[str, Any], error: type[Exception], message: str
) -> None:
    check_examples(letters(), 2, 0, 2)
    with pytest.raises(error, match=message):
        check_examples(replace(letters(), **change), 2, 0, 2)


def test_no_examples_are_refused() -> None:
    with pytest.raises(ValueError, match="there are no examples"):
        check_examples(letters(0), 2, 0, 2)
