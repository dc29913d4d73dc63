"""Examples say what they ask for, and datasets give every epoch what it trains on."""

from __future__ import annotations

import numpy as np
import pytest

from sparsebench.parts.examples import (
    CLASS,
    CLASSES,
    NO_ANSWER,
    VALUES,
    Examples,
    Halves,
    check_examples,
)

LETTERS = np.array([[1, 2, 3], [3, 0, 0]], np.uint8)
VECTORS = np.zeros((2, 3, 4), np.float32)
LENGTHS = np.array([3, 1])


@pytest.mark.parametrize("inputs", [LETTERS, VECTORS], ids=["letters", "vectors"])
@pytest.mark.parametrize(
    ("answers", "asked", "outputs"),
    [
        (np.array([0, 1]), CLASS, 5),
        (np.array([[0, NO_ANSWER, 1], [1, NO_ANSWER, NO_ANSWER]]), CLASSES, 15),
        (np.zeros((2, 3), np.float32), VALUES, 5),
    ],
    ids=["class", "classes", "values"],
)
def test_the_answers_say_what_is_asked_for(
    inputs: np.ndarray, answers: np.ndarray, asked: int, outputs: int
) -> None:
    examples = Examples(inputs, LENGTHS, answers)
    assert examples.asked == asked
    assert examples.outputs(5) == outputs
    assert examples.letters == (inputs is LETTERS)


def test_a_part_has_its_own_inputs_lengths_and_answers() -> None:
    part = Examples(LETTERS, LENGTHS, np.array([0, 1])).part(1, 2)
    assert len(part) == 1
    assert part.inputs.tolist() == [[3, 0, 0]]
    assert (part.lengths.tolist(), part.answers.tolist()) == ([1], [1])


def test_a_part_has_the_weights_of_the_whole() -> None:
    weights = np.array([1.0, 2.5])
    whole = Examples(LETTERS, LENGTHS, np.array([0, 1]), weights)
    assert whole.part(0, 1).class_weights is weights
    check_examples(whole, 4, 0, 2)


@pytest.mark.parametrize(
    ("weights", "answers", "error", "message"),
    [
        ([1.0, 2.0], np.array([0, 1]), TypeError, "class_weights are a list: give a numpy array"),
        (np.ones(3), np.array([0, 1]), ValueError, r"class_weights have the shape \(3,\): give"),
        (np.ones(2, np.float32), np.array([0, 1]), TypeError, "are float32, .*: give float64"),
        (np.ones(2), np.zeros((2, 2), np.float32), TypeError, "only where classes are asked for"),
        (np.array([1.0, -1.0]), np.array([0, 1]), ValueError, "give finite numbers above 0"),
        (np.array([1.0, np.nan]), np.array([0, 1]), ValueError, "give finite numbers above 0"),
    ],
)
def test_weights_that_do_not_fit_are_refused(
    weights: np.ndarray, answers: np.ndarray, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        check_examples(Examples(LETTERS, LENGTHS, answers, weights), 4, 0, 2)


def test_halves_give_every_epoch_all_that_there_is_to_train_on() -> None:
    whole = Examples(LETTERS, LENGTHS, np.array([0, 1]))
    halves = Halves(whole, whole.part(0, 1))
    for epoch in (0, 7):
        assert list(halves.pieces(epoch)) == [whole]
