"""Tasks: each says what networks read and how much they answer, and refuses what cannot be made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import FrozenInstanceError, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparsebench.values.identity import canonical
from sparsebench.values.protocol import ReberStrings
from sparsebench.values.tasks import (
    GRAMMARS,
    VALID_LETTERS,
    WIDEST,
    LabelledText,
    NextLetters,
    RandomFunction,
    RandomLabels,
    Recall,
    Task,
    TextLetters,
)
from tests import strategies

TEXT = TextLetters("declaration", "ab", "0123456789abcdef")
LABELLED = LabelledText("messages", "abc", ("glad", "sad"), "0123456789abcdef")


@pytest.mark.parametrize(
    ("task", "symbols", "classes"),
    [
        (ReberStrings(), 128, 2),
        (RandomLabels(9, width=7), 0, 2),
        (Recall(width=7), 0, 7),
        (RandomFunction(steps=7), 0, 1),
        (NextLetters(), 7, 7),
        (TEXT, 2, 2),
        (LABELLED, 3, 2),
    ],
)
def test_a_task_says_which_letters_are_read_and_how_much_is_answered(
    task: Task, symbols: int, classes: int
) -> None:
    assert (task.symbols, task.classes) == (symbols, classes)


@given(task=strategies.tasks)
def test_whoever_reads_no_letters_reads_vectors_of_a_width(task: Task) -> None:
    assert bool(task.symbols) != bool(getattr(task, "width", 0))
    assert task.classes >= 1


def test_the_defaults_are_those_of_the_report() -> None:
    assert canonical(RandomLabels(100)) == {
        "kind": "RandomLabels",
        "samples": 100,
        "width": 20,
        "steps": 5,
        "seed": 0,
    }
    assert canonical(Recall()) == {
        "kind": "Recall",
        "width": 64,
        "delay": 4,
        "train": 8192,
        "test": 2048,
        "seed": 0,
    }
    assert canonical(RandomFunction()) == {
        "kind": "RandomFunction",
        "steps": 50,
        "samples": 1_000_000,
        "judged": 16_384,
        "seed": 0,
    }


def test_the_grammars_have_the_seven_letters_of_reber() -> None:
    assert GRAMMARS == ("reber", "embedded_reber")
    assert sorted(VALID_LETTERS) == sorted("BTPSXVE")


@given(width=st.integers(1, WIDEST))
def test_as_many_different_vectors_can_be_asked_for_as_there_are(width: int) -> None:
    assert RandomLabels(2**width, width).samples == 2**width
    with pytest.raises(
        ValueError, match=f"^{2**width + 1} samples of width {width}: .* only {2**width} different"
    ):
        RandomLabels(2**width + 1, width)


@given(samples=st.integers(1, 99), judged=st.integers(1, 99))
def test_no_more_points_are_judged_than_there_are(samples: int, judged: int) -> None:
    if judged <= samples:
        assert RandomFunction(samples=samples, judged=judged).judged == judged
        return
    with pytest.raises(ValueError, match=f"^judged is {judged}: .* from 1 to {samples}$"):
        RandomFunction(samples=samples, judged=judged)


@pytest.mark.parametrize("letters", [2, 3, 127, 128])
def test_an_alphabet_has_two_to_128_letters(letters: int) -> None:
    alphabet = "".join(map(chr, range(200, 200 + letters)))
    for task in (replace(TEXT, alphabet=alphabet), replace(LABELLED, alphabet=alphabet)):
        assert task.symbols == letters


@pytest.mark.parametrize("task", [TEXT, LABELLED], ids=["text", "labelled"])
@pytest.mark.parametrize("alphabet", ["", "a", "aa", "abca", "".join(map(chr, range(200, 329)))])
def test_any_other_alphabet_is_refused(task: Any, alphabet: str) -> None:
    with pytest.raises(ValueError, match=r"^alphabet '.*': give 2 to 128 letters, none .* twice$"):
        replace(task, alphabet=alphabet)


@pytest.mark.parametrize("task", [TEXT, LABELLED], ids=["text", "labelled"])
@pytest.mark.parametrize("share", [0, -0.1, 1, 1.5, float("inf"), float("nan"), True])
def test_what_is_judged_by_is_a_share_between_nothing_and_all(task: Any, share: float) -> None:
    with pytest.raises(ValueError, match=r"^test_share is .*: give a (finite number|share) "):
        replace(task, test_share=share)


@pytest.mark.parametrize("labels", [(), ("glad",), ("glad", "sad", "glad")])
def test_labels_are_two_or_more_and_none_of_them_twice(labels: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match=r"^labels .*: give two or more, none of them twice$"):
        replace(LABELLED, labels=labels)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: RandomLabels(0), "samples is 0: .* at least 1$"),
        (lambda: RandomLabels(1, width=0), "width is 0: .* from 1 to 63$"),
        (lambda: RandomLabels(1, width=64), "width is 64: .* from 1 to 63$"),
        (lambda: RandomLabels(1, steps=0), "steps is 0: .* at least 1$"),
        (lambda: RandomLabels(1, seed=-1), "seed is -1: .* at least 0$"),
        (lambda: Recall(width=0), "width is 0: .* at least 1$"),
        (lambda: Recall(delay=-1), "delay is -1: .* at least 0$"),
        (lambda: Recall(train=0), "train is 0: .* at least 1$"),
        (lambda: Recall(test=0), "test is 0: .* at least 1$"),
        (lambda: Recall(seed=-1), "seed is -1: .* at least 0$"),
        (lambda: RandomFunction(steps=0), "steps is 0: .* at least 1$"),
        (lambda: RandomFunction(samples=0), "samples is 0: .* at least 1$"),
        (lambda: RandomFunction(judged=0), "judged is 0: .* from 1 to 1000000$"),
        (lambda: RandomFunction(seed=-1), "seed is -1: .* at least 0$"),
        (lambda: NextLetters("tomita"), "unknown grammar 'tomita': .* reber, embedded_reber$"),
        (lambda: NextLetters(train=0), "train is 0: .* at least 1$"),
        (lambda: NextLetters(test=0), "test is 0: .* at least 1$"),
        (lambda: NextLetters(seed=-1), "seed is -1: .* at least 0$"),
        (lambda: replace(TEXT, window=1), "window is 1: .* at least 2$"),
        (lambda: replace(LABELLED, longest=0), "longest is 0: .* at least 1$"),
        (lambda: replace(LABELLED, seed=-1), "seed is -1: .* at least 0$"),
    ],
)
def test_a_wrong_field_is_told_what_is_allowed(make: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}"):
        make()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: RandomLabels(1.0), r"samples is 1\.0 \(float\)"),
        (lambda: RandomLabels(1, seed=True), r"seed is True \(bool\)"),
        (lambda: Recall(delay="4"), r"delay is '4' \(str\)"),
        (lambda: RandomFunction(samples=1e6), r"samples is 1000000\.0 \(float\)"),
        (lambda: NextLetters(train=None), r"train is None \(NoneType\)"),
        (lambda: replace(TEXT, window=50.0), r"window is 50\.0 \(float\)"),
    ],
)
def test_a_field_of_another_class_is_told_which(make: Callable[[], object], message: str) -> None:
    with pytest.raises(TypeError, match=f"^{message}: give a whole number"):
        make()


@given(task=strategies.tasks)
def test_a_task_cannot_be_changed(task: Task) -> None:
    for name in vars(task):
        with pytest.raises(FrozenInstanceError):
            setattr(task, name, 1)
