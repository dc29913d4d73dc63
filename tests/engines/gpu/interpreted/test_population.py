"""Training steps: those of the fused CPU engine, in any company."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sparsebench.engines.fused.population import CpuPopulation
from sparsebench.engines.populations import Stopped
from sparsebench.parts.examples import Examples
from sparsebench.values.protocol import Training
from tests.engines.gpu.interpreted.small import LANES, STRINGS, population, stacked, wired

TRAINING = Training(batch_size=LANES + 1, learning_rate=0.01, clip_norm=0.05)
ORDERS = [np.array([5, 3, 0, 1, 4, 2]), np.array([2, 0, 1]), np.array([], np.int64)]


def test_steps_of_mixed_networks_are_those_of_the_fused_cpu_engine() -> None:
    networks = [wired("rnn_tanh"), stacked("rnn_tanh"), wired("rnn_tanh", seed=1)]
    made = population(networks, "padded", TRAINING, dtype="float64")
    turns = [[np.roll(order, turn) for order in ORDERS] for turn in (0, 1)]
    epochs = [made.train(STRINGS, orders) for orders in turns]
    for number, network in enumerate(networks):
        alone = CpuPopulation(
            [made.plans[number]], [network.weights], "padded", TRAINING, dtype="float64"
        )
        for orders, mine in zip(turns, epochs, strict=True):
            (epoch,) = alone.train(STRINGS, [orders[number]])
            own = mine[number]
            assert epoch is not None
            assert own is not None
            np.testing.assert_allclose(own.losses, epoch.losses, rtol=0, atol=1e-12)
            assert own.accuracy == epoch.accuracy
        weights = made.weights(number, network.weights)
        expected = alone.weights(0, network.weights)
        assert weights.keys() == expected.keys()
        for name, array in expected.items():
            np.testing.assert_allclose(weights[name], array, rtol=0, atol=1e-12, err_msg=name)


@pytest.mark.long
def test_float32_steps_stay_with_the_fused_cpu_engines() -> None:
    network = stacked("lstm")
    training = replace(TRAINING, batch_size=3)
    made = population([network], "last_step", training)
    expected = CpuPopulation(made.plans, [network.weights], "last_step", training)
    for networks in (made, expected):
        networks.train(STRINGS, [np.arange(6)])
    (mine,), (other,) = made.evaluate(STRINGS, 3), expected.evaluate(STRINGS, 3)
    assert mine.correct == other.correct
    assert mine.loss == pytest.approx(other.loss, abs=1e-5)


@pytest.mark.long
def test_company_and_turns_change_no_bit() -> None:
    networks = [stacked("rnn_relu"), wired("rnn_relu"), stacked("rnn_relu", seed=1)]
    training = replace(TRAINING, batch_size=3)
    orders = [np.array([0, 1, 2, 4]), np.array([5, 4]), np.array([3, 3, 1])]
    together = population(networks, "padded", training)
    one_by_one = population(networks, "padded", training, scratch_bytes=1)
    epochs = together.train(STRINGS, orders)
    one_by_one.train(STRINGS, orders)
    assert np.array_equal(together.logits(STRINGS, 4), one_by_one.logits(STRINGS, 4))
    for number in (0, 1):
        alone = population(networks[number : number + 1], "padded", training)
        (epoch,) = alone.train(STRINGS, orders[number : number + 1])
        assert epoch is not None
        assert np.array_equal(epoch.losses, epochs[number].losses)
        for name, array in alone.weights(0).items():
            assert np.array_equal(array, together.weights(number)[name]), name
            assert np.array_equal(array, one_by_one.weights(number)[name]), name


@pytest.mark.filterwarnings("ignore:.* encountered in:RuntimeWarning")
@pytest.mark.parametrize(
    ("value", "reason"),
    [(1e30, "the loss is NaN or infinite"), (1e10, "the gradient's norm is NaN or infinite")],
)
def test_a_network_that_overflows_is_stopped_and_no_other(value: float, reason: str) -> None:
    networks = [stacked("rnn_relu"), stacked("rnn_relu", seed=1)]
    networks[1].weights["layers.0.h2h"][:] = value
    networks[1].weights["layers.0.i2h_bias"][:] = 1
    order = np.array([1, 3, 1, 3, 1, 0, 4])  # a batch of single letters multiplies nothing by it
    both = population(networks, "padded", TRAINING)
    alone = population(networks[:1], "padded", TRAINING)
    both.train(STRINGS, [order, order])
    alone.train(STRINGS, [order])
    assert both.stopped == {1: Stopped(2, reason)}
    for name, array in alone.weights(0).items():
        assert np.array_equal(array, both.weights(0)[name]), name
    before = both.weights(1)
    assert not np.array_equal(before["readout.bias"], networks[1].weights["readout.bias"])
    first, second = both.train(STRINGS, [order[:2]] * 2)
    assert first is not None
    assert second is None
    for name, array in before.items():
        assert np.array_equal(array, both.weights(1)[name]), name


@pytest.mark.parametrize(
    "answers",
    [np.zeros(STRINGS.inputs.shape, np.int64), np.zeros((len(STRINGS), 3), np.float32)],
    ids=["classes", "values"],
)
def test_other_answers_than_one_class_of_each_string_are_refused(answers: np.ndarray) -> None:
    made = population([stacked("gru")], "padded", TRAINING)
    examples = Examples(STRINGS.inputs, STRINGS.lengths, answers)
    for refused in (
        lambda: made.train(examples, [np.arange(6)]),
        lambda: made.logits(examples, 3),
        lambda: made.evaluate(examples, 3),
    ):
        with pytest.raises(ValueError, match=r"say one class of each sequence.*leave out --gpu"):
            refused()


def test_what_the_networks_do_not_know_is_refused() -> None:
    made = population([stacked("gru")], "padded", TRAINING)
    unknown = Examples(STRINGS.inputs + np.uint8(3), STRINGS.lengths, STRINGS.answers)
    with pytest.raises(ValueError, match="letter code is 3 or 7"):
        made.evaluate(unknown, 3)
    with pytest.raises(ValueError, match=r"^an order names example 6 of 6$"):
        made.train(STRINGS, [np.array([0, 6])])
