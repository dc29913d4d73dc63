"""Random tasks: equal tasks have equal examples, which are judged as they were shown."""

from __future__ import annotations

import math
from collections import Counter
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparsebench.parts import random_tasks
from sparsebench.parts.examples import CLASS, VALUES, Examples
from sparsebench.parts.random_tasks import PIECE, Points, random_labels, recall, stored_bits
from sparsebench.values.tasks import RandomFunction, RandomLabels, Recall
from tests import strategies


def information(pairs: Counter[tuple[int, int]]) -> float:
    """Mutual information of label and answer in bits, from how often each pair of them occurs."""
    total = pairs.total()
    labels, answers = Counter[int](), Counter[int]()
    for (label, answer), count in pairs.items():
        labels[label] += count
        answers[answer] += count
    return sum(
        count / total * math.log2(count * total / (labels[label] * answers[answer]))
        for (label, answer), count in pairs.items()
        if count
    )


def answered(each: int, right: tuple[int, int]) -> Counter[tuple[int, int]]:
    """So many labels of either kind, of which these many were answered rightly."""
    pairs = {(label, label): right[label] for label in (0, 1)}
    return Counter(pairs | {(label, 1 - label): each - right[label] for label in (0, 1)})


def equal(one: Examples, other: Examples) -> bool:
    return all(
        np.array_equal(getattr(one, name), getattr(other, name))
        for name in ("inputs", "lengths", "answers")
    )


def joined(pieces: list[Examples], name: str) -> np.ndarray:
    return np.concatenate([getattr(piece, name) for piece in pieces])


@st.composite
def label_tasks(draw: st.DrawFn) -> RandomLabels:
    width = draw(st.integers(1, 8))
    samples = draw(st.integers(1, 2**width))
    return RandomLabels(samples, width, draw(st.integers(1, 6)), draw(strategies.seeds))


@st.composite
def functions(draw: st.DrawFn) -> RandomFunction:
    samples = draw(st.integers(1, 40))
    judged = draw(st.integers(1, samples))
    return RandomFunction(draw(st.integers(1, 5)), samples, judged, draw(strategies.seeds))


recalls = st.builds(
    Recall,
    strategies.sizes,
    st.integers(0, 6),
    strategies.sizes,
    strategies.sizes,
    strategies.seeds,
)


@given(each=st.integers(1, 200), data=st.data())
def test_stored_bits_are_those_of_labels_of_which_either_is_as_often_wrong(
    each: int, data: st.DataObject
) -> None:
    right = data.draw(st.integers(0, each))
    counted = 2 * each * information(answered(each, (right, right)))
    assert stored_bits(2 * each, right / each) == pytest.approx(counted, abs=1e-9)


@given(each=st.integers(1, 200), data=st.data())
def test_of_as_many_labels_of_either_kind_no_more_bits_are_told_than_are_stored(
    each: int, data: st.DataObject
) -> None:
    """If one kind is more often wrong, the answers say more of the labels than their accuracy does."""
    right = data.draw(st.tuples(st.integers(0, each), st.integers(0, each)))
    counted = 2 * each * information(answered(each, right))
    assert stored_bits(2 * each, sum(right) / (2 * each)) <= counted + 1e-9


@given(samples=st.integers(1, 10**6), accuracy=st.floats(0, 1))
def test_always_wrong_tells_as_much_as_always_right(samples: int, accuracy: float) -> None:
    bits = stored_bits(samples, accuracy)
    assert -1e-9 <= bits <= samples
    assert bits == pytest.approx(stored_bits(samples, 1 - accuracy), abs=1e-6)


@given(one=st.floats(0.5, 1), other=st.floats(0.5, 1))
def test_above_chance_who_is_right_more_often_has_stored_more(one: float, other: float) -> None:
    less, more = sorted((one, other))
    assert stored_bits(1, less) <= stored_bits(1, more) + 1e-12


def test_nothing_is_stored_at_chance_and_a_bit_a_label_where_all_are_right() -> None:
    assert stored_bits(1000, 0.5) == 0
    assert stored_bits(1000, 1) == stored_bits(1000, 0) == 1000
    assert stored_bits(1000, 0.89) == pytest.approx(500, abs=1)


@pytest.mark.parametrize("accuracy", [-0.01, 1.01, 89, float("nan"), float("inf")])
def test_an_accuracy_that_is_no_share_is_refused(accuracy: float) -> None:
    with pytest.raises(ValueError, match=f"^accuracy is {accuracy}: give a share from 0 to 1$"):
        stored_bits(10, accuracy)


@given(task=label_tasks())
def test_no_vector_is_drawn_twice_and_all_of_its_entries_are_signs(task: RandomLabels) -> None:
    shown = random_labels(task).train
    assert shown.inputs.shape == (task.samples, task.steps, task.width)
    assert shown.inputs.dtype == np.float32
    assert len(np.unique(shown.inputs[:, 0], axis=0)) == len(shown) == task.samples
    assert set(np.unique(shown.inputs)) <= {-1, 1}


@given(task=label_tasks())
def test_a_vector_is_shown_at_every_step_and_its_label_asked_at_the_last(
    task: RandomLabels,
) -> None:
    shown = random_labels(task).train
    assert (shown.inputs == shown.inputs[:, :1]).all()
    assert (shown.lengths == task.steps).all()
    assert shown.asked == CLASS
    assert set(shown.answers) <= {0, 1}


@given(task=label_tasks())
def test_what_was_stored_is_asked_of_what_was_shown(task: RandomLabels) -> None:
    halves = random_labels(task)
    (shown,) = halves.pieces(0)
    assert halves.test is halves.train is shown


@pytest.mark.parametrize("width", [1, 20, 62, 63])
def test_vectors_of_every_width_have_all_entries_drawn(width: int) -> None:
    vectors = random_labels(RandomLabels(min(2**width, 2000), width, 1)).train.inputs[:, 0]
    assert np.abs(vectors.mean(0)).max() < 0.1


def test_labels_are_as_often_one_as_the_other_as_stored_bits_take_for_granted() -> None:
    answers = random_labels(RandomLabels(10_000)).train.answers
    assert answers.mean() == pytest.approx(0.5, abs=0.02)


@given(task=recalls)
def test_a_vector_is_shown_once_and_the_same_is_asked_for(task: Recall) -> None:
    halves = recall(task)
    for half, count in ((halves.train, task.train), (halves.test, task.test)):
        assert half.inputs.shape == (count, task.delay + 1, task.width)
        assert half.inputs.dtype == half.answers.dtype == np.float32
        assert np.array_equal(half.inputs[:, 0], half.answers)
        assert not half.inputs[:, 1:].any()
        assert (half.lengths == task.delay + 1).all()
        assert (half.asked, half.outputs(task.classes)) == (VALUES, task.width)


def test_vectors_to_recall_are_uniform_and_others_in_each_half() -> None:
    halves = recall(Recall(train=500, test=500))
    for half in (halves.train, halves.test):
        assert -1 <= half.answers.min() < -0.99
        assert 0.99 < half.answers.max() <= 1
        assert half.answers.mean() == pytest.approx(0, abs=0.02)
        assert np.square(half.answers).mean() == pytest.approx(1 / 3, abs=0.01)
    assert not np.isin(halves.train.answers, halves.test.answers).all(1).any()


@given(task=functions(), size=st.integers(1, 9), epoch=st.integers(0, 3))
def test_pieces_are_all_points_and_the_first_ones_are_judged(
    task: RandomFunction, size: int, epoch: int
) -> None:
    with patch.object(random_tasks, "PIECE", size):
        pieces = list(Points(task).pieces(epoch))
        judged = Points(task).test
    assert sum(map(len, pieces)) == task.samples
    assert all(len(piece) == size for piece in pieces[:-1])
    assert len(judged) == task.judged
    for name in ("inputs", "lengths", "answers"):
        assert np.array_equal(joined(pieces, name)[: task.judged], getattr(judged, name))


@given(task=functions())
def test_every_epoch_sees_the_same_points(task: RandomFunction) -> None:
    (one,), (other,) = Points(task).pieces(0), Points(task).pieces(7)
    assert equal(one, other)
    assert one.inputs.shape == (task.samples, task.steps, 1)
    assert one.inputs.dtype == one.answers.dtype == np.float32
    assert (one.asked, one.outputs(task.classes)) == (VALUES, 1)


def test_points_and_values_are_standard_normal_and_no_two_the_same() -> None:
    task = RandomFunction(3, PIECE + 5, PIECE + 5)
    pieces = list(Points(task).pieces(0))
    assert [len(piece) for piece in pieces] == [PIECE, 5]
    for name in ("inputs", "answers"):
        drawn = joined(pieces, name).ravel()
        assert (drawn.mean(), drawn.std()) == pytest.approx((0, 1), abs=0.03)
    assert len(np.unique(joined(pieces, "inputs"), axis=0)) == task.samples


@given(labels=label_tasks(), remembered=recalls, function=functions())
def test_equal_tasks_have_equal_examples(
    labels: RandomLabels, remembered: Recall, function: RandomFunction
) -> None:
    for make, task in ((random_labels, labels), (recall, remembered), (Points, function)):
        one, other = make(task), make(task)
        assert equal(one.test, other.test)
        assert all(map(equal, one.pieces(0), other.pieces(0)))


@given(seed=strategies.seeds)
def test_tasks_of_another_seed_have_other_examples(seed: int) -> None:
    for make, task, other in (
        (random_labels, RandomLabels(50, seed=seed), RandomLabels(50, seed=seed + 1)),
        (recall, Recall(9, train=5, test=5, seed=seed), Recall(9, train=5, test=5, seed=seed + 1)),
        (
            Points,
            RandomFunction(9, 5, 5, seed),
            RandomFunction(9, 5, 5, seed + 1),
        ),
    ):
        one, another = make(task).test, make(other).test
        assert not np.array_equal(one.inputs, another.inputs)
        assert not np.array_equal(one.answers, another.answers)
