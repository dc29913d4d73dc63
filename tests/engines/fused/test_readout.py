"""What is asked of sequences: every loss and every gradient is the reference's."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sparsebench.engines.fused.forward import sparse_forward_pass
from sparsebench.engines.fused.loop_spec import LoopSpec
from sparsebench.engines.fused.population import CpuPopulation
from sparsebench.parts.examples import NO_ANSWER, Examples
from sparsebench.parts.sparse_layout import sparse_layout
from sparsebench.parts.weights import initial_weights
from sparsebench.values.protocol import VARIANTS, Architecture, Training
from tests import network_strategies
from tests.engines.fused.passes import assert_agree, fused_pass, reference_pass

LANES = 4


@pytest.mark.parametrize("variant", VARIANTS)
@settings(max_examples=30)
@given(data=st.data(), vectors=st.booleans())
def test_every_gradient_is_the_references(variant: str, data: st.DataObject, vectors: bool) -> None:
    network = data.draw(network_strategies.sparse_networks_of(variant))
    if vectors:
        network = network_strategies.without_letters(network)
    examples = data.draw(network_strategies.sequences_for(network.layout))
    order = data.draw(network_strategies.batches(len(examples), LANES))
    expected = reference_pass(network, "last_step", examples, order)
    assume(np.abs(expected.logits).max() < 1e3)
    spec = LoopSpec(variant, "float64", LANES)
    measured = fused_pass(spec, network, "last_step", examples, order)
    assert_agree(measured, expected, 1e-10)


LAYOUT = Architecture("gru", layers=1, hidden_size=5, symbols=4, classes=3).layout


def letters(answers: np.ndarray, weights: np.ndarray | None = None) -> Examples:
    codes = np.array([[1, 2, 3], [3, 0, 0]], np.uint8)
    return Examples(codes, np.array([3, 1]), answers, weights)


def one(examples: Examples, epochs: int = 1) -> CpuPopulation:
    population = CpuPopulation(
        [sparse_layout(LAYOUT)],
        [initial_weights(LAYOUT, 0)],
        "last_step",
        Training(batch_size=2, learning_rate=0.03),
        dtype="float64",
    )
    for _ in range(epochs):
        population.train(examples, [np.arange(len(examples))])
    return population


def test_steps_without_an_answer_and_those_after_the_end_do_not_count() -> None:
    some = letters(np.array([[0, NO_ANSWER, 2], [1, NO_ANSWER, NO_ANSWER]]))
    others = letters(np.array([[0, NO_ANSWER, 2], [1, 0, 2]]))
    (first,), (second,) = (one(each).train(each, [np.arange(2)]) for each in (some, others))
    assert first is not None
    assert second is not None
    assert first.answers.tolist() == [3]
    assert first.losses.tolist() == second.losses.tolist()
    assert one(some).evaluate(some, 2) == one(others).evaluate(others, 2)


def test_what_is_asked_is_learned() -> None:
    classes = letters(np.array([[0, 1, 2], [1, NO_ANSWER, NO_ANSWER]]))
    numbers = letters(np.array([[0.5, -0.25, 0.0], [-1.0, 0.75, 0.25]], np.float32))
    (before,), (after,) = (one(classes, epochs).evaluate(classes, 2) for epochs in (0, 100))
    assert after.loss < 0.05 < before.loss
    assert (after.correct, after.total) == (4, 4)
    (before,), (after,) = (one(numbers, epochs).evaluate(numbers, 2) for epochs in (0, 200))
    assert after.loss < 0.02 < before.loss
    assert (after.correct, after.total) == (0, 6)


def test_the_mean_loss_of_training_is_that_of_evaluation_before_the_step() -> None:
    for answers in (
        np.array([[0, NO_ANSWER, 2], [1, NO_ANSWER, NO_ANSWER]]),
        np.array([[0.5, -0.25, 0.0], [-1.0, 0.75, 0.25]], np.float32),
        np.array([2, 0]),
    ):
        examples = letters(answers)
        (judged,) = one(examples, 0).evaluate(examples, 2)
        (epoch,) = one(examples, 0).train(examples, [np.arange(2)])
        assert epoch is not None
        assert epoch.losses[0] == pytest.approx(judged.loss, rel=1e-12)
        assert epoch.accuracy == judged.accuracy


@pytest.mark.parametrize(
    "answers", [np.array([2, 0]), np.array([[0, NO_ANSWER, 2], [1, NO_ANSWER, NO_ANSWER]])]
)
def test_weights_of_one_change_no_bit_and_evaluation_has_none(answers: np.ndarray) -> None:
    plain, alike, others = (
        letters(answers, weights) for weights in (None, np.ones(3), np.array([3.0, 0.5, 0.25]))
    )
    trained = [one(each, 3) for each in (plain, alike, others)]
    weights = [
        np.concatenate([array.ravel() for array in each.weights(0).values()]) for each in trained
    ]
    assert np.array_equal(weights[0], weights[1])
    assert not np.array_equal(weights[0], weights[2])
    assert trained[0].evaluate(plain, 2) == trained[1].evaluate(others, 2)


def test_a_class_that_weighs_more_is_learned_first() -> None:
    """Of two answers to the same letters, the heavier one is given."""
    codes, lengths = np.array([[1, 2], [1, 2]], np.uint8), np.array([2, 2])
    for heavier in (0, 1):
        weights = np.where(np.arange(3) == heavier, 5.0, 1.0)
        examples = Examples(codes, lengths, np.array([0, 1]), weights)
        (said,) = one(examples, 50).logits(examples, 2)
        assert said[0].argmax() == heavier
        shares = np.exp(said[0]) / np.exp(said[0]).sum()
        assert shares[heavier] == pytest.approx(5 / 6, abs=0.05)


@pytest.mark.parametrize(
    "answers",
    [
        np.array([2, 0]),
        np.array([[0, NO_ANSWER, 2], [1, NO_ANSWER, NO_ANSWER]]),
        np.zeros((2, 3), np.float32),
    ],
    ids=["class", "classes", "values"],
)
def test_a_pass_that_is_timed_says_what_a_population_says(answers: np.ndarray) -> None:
    examples, weights = letters(answers), initial_weights(LAYOUT, 0)
    for batch_size in (1, 2):
        run = sparse_forward_pass(sparse_layout(LAYOUT), weights, "last_step", examples, batch_size)
        population = CpuPopulation([sparse_layout(LAYOUT)], [weights], "last_step", Training(2))
        (said,) = population.logits(examples.part(0, batch_size), batch_size)
        assert np.array_equal(run(), said)


@pytest.mark.parametrize("threads", [1, 3])
def test_blocks_shared_out_take_the_same_steps(threads: int) -> None:
    random = np.random.RandomState(3)
    examples = Examples(
        random.randint(0, 4, (40, 6)).astype(np.uint8),
        random.randint(1, 7, 40),
        random.randint(-1, 3, (40, 6)),
    )
    training = Training(batch_size=40, learning_rate=0.01)
    weights = [initial_weights(LAYOUT, 0)]
    shared = CpuPopulation([sparse_layout(LAYOUT)], weights, "last_step", training, threads)
    alone = CpuPopulation([sparse_layout(LAYOUT)], weights, "last_step", training)
    for _ in range(3):
        (one_epoch,), (other,) = (each.train(examples, [np.arange(40)]) for each in (shared, alone))
        assert one_epoch is not None
        assert other is not None
        assert one_epoch.losses.tolist() == other.losses.tolist()
        assert one_epoch.accuracy == other.accuracy


REFUSED = {
    "no examples": letters(np.array([0, 1])).part(0, 0),
    "letters": Examples(np.zeros((2, 3, 4), np.float32), np.array([3, 1]), np.array([0, 1])),
    "length is 1 or 9": Examples(np.ones((2, 3), np.uint8), np.array([9, 1]), np.array([0, 1])),
    "letter code is 7": Examples(np.full((2, 3), 7, np.uint8), np.array([3, 1]), np.array([0, 1])),
    "class is 0 or 3": letters(np.array([0, 3])),
    "class is -2 or 1": letters(np.array([[0, 1, -2], [0, 0, 0]])),
    "2 numbers asked for, but networks say 3": letters(np.zeros((2, 2), np.float32)),
    "NaN or infinite": letters(np.full((2, 3), np.nan, np.float32)),
    "give uint8 letters": letters(np.zeros((3, 3), np.float32)),
    "no example has an answer": letters(np.full((2, 3), NO_ANSWER)),
    "class_weights have the shape": letters(np.array([0, 1]), np.ones(2)),
    "give finite numbers above 0": letters(np.array([0, 1]), np.array([1, 0.0, np.inf])),
}


@pytest.mark.parametrize("message", REFUSED)
def test_what_networks_cannot_read_or_answer_is_refused(message: str) -> None:
    with pytest.raises(ValueError, match=message):
        one(letters(np.array([0, 1])), 0).evaluate(REFUSED[message], 2)


def test_vectors_of_another_width_are_refused() -> None:
    network = network_strategies.without_letters(
        network_strategies.SparseNetwork(LAYOUT, {}, initial_weights(LAYOUT, 0))
    )
    population = CpuPopulation(
        [sparse_layout(network.layout)], [network.weights], "last_step", Training(batch_size=2)
    )
    examples = Examples(np.zeros((2, 3, 4), np.float32), np.array([3, 1]), np.array([0, 1]))
    with pytest.raises(ValueError, match="vectors of 4, but networks read"):
        population.evaluate(examples, 2)
