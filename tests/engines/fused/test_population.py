"""Networks in a population do not know of each other, nor of threads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sparsebench.engines.fused import population
from sparsebench.engines.fused.loop_spec import training_lanes
from sparsebench.engines.fused.population import CpuPopulation
from sparsebench.engines.fused.simd import GROUP
from sparsebench.engines.network import StackedNetwork
from sparsebench.engines.populations import Epoch, Stopped
from sparsebench.parts.examples import Examples
from sparsebench.parts.sparse_layout import SparseLayout, sparse_layout
from sparsebench.parts.weights import initial_weights
from sparsebench.values.protocol import OPTIMISERS, VARIANTS, Architecture, Training
from tests.engines.fused.networks import ORDERS, SMALL, STRINGS, TRAINING, plans_of, weights_of
from tests.engines.torch_evaluation import evaluate


def trained(
    plans: list[SparseLayout],
    chosen: list[int],
    training: Training = TRAINING,
    threads: int = 1,
    weights: list[dict[str, np.ndarray]] | None = None,
) -> dict[int, tuple[Any, ...]]:
    """Two epochs of the chosen networks together; for each what may be compared bit by bit."""
    weights = weights or weights_of(plans)
    networks = CpuPopulation(
        [plans[number] for number in chosen],
        [weights[number] for number in chosen],
        "padded",
        training,
        threads,
    )
    epochs = []
    for turn in (0, 1):
        orders = [np.roll(ORDERS[number], turn) for number in chosen]
        epochs.append(networks.train(STRINGS, orders))
    results = {}
    for place, number in enumerate(chosen):
        seen = [
            None if epoch[place] is None else (epoch[place].losses.tobytes(), epoch[place].accuracy)
            for epoch in epochs
        ]
        arrays = {name: array.tobytes() for name, array in networks.weights(place).items()}
        results[number] = (arrays, seen, networks.stopped.get(place))
    return results


@pytest.mark.parametrize("clip_norm", [5.0, 0.05])
@pytest.mark.parametrize("variant", VARIANTS)
def test_company_order_and_threads_change_no_bit(variant: str, clip_norm: float) -> None:
    plans, training = plans_of(variant), replace(TRAINING, clip_norm=clip_norm)
    together = trained(plans, [0, 1, 2, 3], training)
    for number in range(4):
        assert trained(plans, [number], training) == {number: together[number]}
    assert trained(plans, [2, 0, 3, 1], training) == together
    assert trained(plans, [0, 1, 2, 3], training, threads=2) == together
    assert trained(plans, [3], training, threads=2) == {3: together[3]}  # blocks are shared out
    assert trained(plans, [1, 2], training, threads=8) == {1: together[1], 2: together[2]}


@pytest.mark.parametrize("threads", [pytest.param(1, marks=pytest.mark.long), 3])
def test_the_width_of_vectors_changes_no_bit(threads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of AVX-512 hold two groups of strings, others one; threads share blocks of both.

    What one thread does is seen by code for other processors too (test_other_processors.py).
    """
    plans = plans_of("rnn_relu")[:2]
    found = []
    for lanes in (GROUP, 2 * GROUP):
        monkeypatch.setattr(population, "lanes_for", lambda strings, lanes=lanes: lanes)
        made = CpuPopulation(plans, weights_of(plans), "padded", TRAINING, threads)
        assert made._spec.lanes == lanes
        found.append((trained(plans, [0, 1], threads=threads), made.evaluate(STRINGS, 50)))
    assert found[0] == found[1]


def test_leftovers_of_a_larger_network_reach_no_other() -> None:
    """A thread's scratch still holds the last gradient of the network before."""
    plans = [
        sparse_layout(Architecture("rnn_tanh", layers=1, hidden_size=size).layout)
        for size in (7, 4)
    ]
    codes = np.full((len(STRINGS), 6), 80, np.uint8)
    codes[::2, ::2] = 81
    strings = Examples(codes, np.full(len(STRINGS), 6), STRINGS.answers)
    training = replace(TRAINING, clip_norm=0.05)
    weights = weights_of(plans)
    alone = CpuPopulation(plans[1:], weights[1:], "padded", training)
    alone.train(strings, ORDERS[1:2])
    both = CpuPopulation(plans, weights, "padded", training)
    both.train(strings, ORDERS[:2])
    for name, array in alone.weights(0).items():
        assert np.array_equal(array, both.weights(1)[name]), name


@pytest.mark.parametrize("readout", ["padded", "last_step"])
@pytest.mark.parametrize("variant", VARIANTS)
def test_an_evaluation_is_that_of_torchs_layers(variant: str, readout: str) -> None:
    architecture = Architecture(variant, layers=3, hidden_size=6)
    weights = initial_weights(architecture.layout, 3)
    weights["readout.bias"][:] = [0.1, -0.1]
    other = sparse_layout(Architecture(variant, layers=1, hidden_size=2).layout)
    networks = CpuPopulation(
        [sparse_layout(architecture.layout), other],
        [weights, initial_weights(other.layout, 0)],
        readout,
        TRAINING,
        threads=2,
    )
    batch_size = TRAINING.batch_size
    measured, another = networks.evaluate(STRINGS, batch_size)
    expected = evaluate(StackedNetwork(architecture, weights, readout), STRINGS, batch_size)
    assert (measured.correct, measured.total) == (expected.correct, expected.total)
    assert measured.loss == pytest.approx(expected.loss, abs=1e-5)
    assert another.loss != pytest.approx(expected.loss, abs=1e-5)


@pytest.mark.parametrize("batch_size", [1, 3, 16])
def test_narrow_batches_have_the_same_logits(batch_size: int) -> None:
    """Small batches run on narrower vectors; `last_step` logits depend on no batch mate."""
    plans = plans_of("gru")
    networks = CpuPopulation(plans, weights_of(plans), "last_step", TRAINING)
    wide = networks.logits(STRINGS, TRAINING.batch_size)
    assert wide.shape == (4, len(STRINGS), 2)
    assert wide.dtype == np.float32
    np.testing.assert_allclose(networks.logits(STRINGS, batch_size), wide, rtol=0, atol=2e-6)


@pytest.mark.parametrize("threads", [2, 8])
def test_threads_that_share_batches_change_no_bit(
    threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(population, "_BATCHES", 1)
    plans = plans_of("lstm")
    alone = CpuPopulation(plans, weights_of(plans), "padded", TRAINING)
    shared = CpuPopulation(plans, weights_of(plans), "padded", TRAINING, threads)
    for batch_size in (7, TRAINING.batch_size):
        expected = alone.logits(STRINGS, batch_size)
        assert shared.logits(STRINGS, batch_size).tobytes() == expected.tobytes()


def test_weights_come_back_as_they_went_in() -> None:
    plans = plans_of("gru")
    weights = weights_of(plans)
    networks = CpuPopulation(plans, weights, "padded", TRAINING)
    for number, made in enumerate(plans):
        back = networks.weights(number, weights[number])
        assert all(np.array_equal(array, weights[number][name]) for name, array in back.items())
        bare = networks.weights(number)
        for name, mask in made.masks.items():
            assert not bare[name][~mask].any()


def test_an_epoch_tells_losses_and_accuracy_of_the_batches() -> None:
    plans = plans_of("gru")[:1]
    training = replace(TRAINING, learning_rate=1e-12)  # the weights hardly move
    networks = CpuPopulation(plans, weights_of(plans), "last_step", training)
    (expected,) = networks.evaluate(STRINGS, training.batch_size)
    (epoch,) = networks.train(STRINGS, ORDERS[:1])
    assert isinstance(epoch, Epoch)
    batches = -(-len(STRINGS) // training.batch_size)
    assert epoch.losses.shape == (batches,)
    sizes = [training.batch_size] * (batches - 1)
    sizes.append(len(STRINGS) - sum(sizes))
    assert np.average(epoch.losses, weights=sizes) == pytest.approx(expected.loss, abs=1e-6)
    assert epoch.accuracy == expected.accuracy


def test_an_order_of_no_strings_takes_no_step() -> None:
    plans = plans_of("gru")[:1]
    networks = CpuPopulation(plans, weights_of(plans), "padded", TRAINING)
    before = networks.weights(0)
    (epoch,) = networks.train(STRINGS, [[]])
    assert isinstance(epoch, Epoch)
    assert epoch.losses.shape == (0,)
    assert all(np.array_equal(array, before[name]) for name, array in networks.weights(0).items())


# Steps by the piece


@pytest.mark.parametrize("together", [1, 2, 3])
@pytest.mark.parametrize("optimiser", OPTIMISERS)
def test_in_pieces_of_some_batches_no_bit_changes(
    optimiser: str, together: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between two pieces whoever trains is asked to wait; the last batch is a short one."""
    plan, training = plans_of("gru")[1], replace(TRAINING, batch_size=40, optimiser=optimiser)
    order, asked = ORDERS[0][:110], []
    found = []
    for batches in (len(order), together):
        work = batches * training.batch_size * plan.size * int(STRINGS.lengths.max())
        monkeypatch.setattr(population, "_WORK", work)
        networks = CpuPopulation([plan], weights_of([plan]), "padded", training)
        networks.between_steps = lambda batches=batches: asked.append(batches)
        epochs = [networks.train(STRINGS, [order])[0] for _ in range(2)]
        seen = [(each.losses.tobytes(), each.accuracy, each.answers.tobytes()) for each in epochs]
        found.append((seen, {name: a.tobytes() for name, a in networks.weights(0).items()}))
    assert found[0] == found[1]
    assert [asked.count(len(order)), asked.count(together)] == [2, 2 * -(-3 // together)]


@pytest.mark.parametrize("threads", [1, 2])
def test_an_error_between_two_steps_ends_training_and_evaluation(threads: int) -> None:
    class Ended(BaseException):
        pass

    def end() -> None:
        raise Ended

    plans = plans_of("gru")[1:3]
    networks = CpuPopulation(plans, weights_of(plans), "padded", TRAINING, threads)
    networks.between_steps = end
    with pytest.raises(Ended):
        networks.train(STRINGS, ORDERS[:2])
    with pytest.raises(Ended):
        networks.evaluate(STRINGS, TRAINING.batch_size)
    alone = CpuPopulation(plans[:1], weights_of(plans[:1]), "padded", TRAINING, threads)
    alone.between_steps = end
    with pytest.raises(Ended):
        alone.train(STRINGS, ORDERS[:1])


# Networks that overflow


def with_infinite_loss() -> dict[str, np.ndarray]:
    """Weights of `SMALL` whose states grow past all bounds."""
    weights = initial_weights(SMALL.layout, 0)
    weights["layers.0.h2h"][:] = 1e30
    weights["layers.0.i2h_bias"][:] = 1
    return weights


def with_infinite_gradient() -> dict[str, np.ndarray]:
    """States are tiny, so that the loss is finite; but on the way back a large value grows."""
    weights = initial_weights(SMALL.layout, 0)
    weights["layers.0.i2h"][:] = 0
    weights["layers.0.i2h_bias"][:] = 1e-20
    weights["layers.0.h2h_bias"][:] = 0
    weights["layers.0.h2h"][:] = 1
    weights["readout.weight"][:] = [[1e37], [-1e37]]
    return weights


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize(
    ("overflowing", "reason"),
    [
        (with_infinite_loss, "the loss is NaN or infinite"),
        (with_infinite_gradient, "the gradient's norm is NaN or infinite"),
    ],
)
def test_a_network_that_overflows_is_stopped_and_no_other(
    overflowing: Callable[[], dict[str, np.ndarray]], reason: str, threads: int
) -> None:
    plans = [sparse_layout(SMALL.layout) for _ in range(3)]
    weights = weights_of(plans)
    expected = trained(plans, [0, 2], weights=weights)
    weights[1] = overflowing()
    measured = trained(plans, [0, 1, 2], threads=threads, weights=weights)
    assert {number: measured[number] for number in (0, 2)} == expected
    alone = trained(plans, [1], threads=threads, weights=weights)
    assert alone == {1: measured[1]}
    arrays, seen, stopped = measured[1]
    assert stopped == Stopped(1, reason)
    assert seen == [(b"", 0.0), None]
    assert arrays == {name: array.tobytes() for name, array in weights[1].items()}


@pytest.mark.parametrize(("threads", "work"), [(1, 0), (1, 10**12), (2, 10**12)])
def test_a_network_that_overflows_later_keeps_its_last_weights(
    threads: int, work: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One string alone makes it overflow; the steps before it count, the batch's others do not."""
    weights = initial_weights(SMALL.layout, 0)
    weights["embedding"][127] = 3e38
    weights["layers.0.i2h"][:] = 10
    codes, lengths = STRINGS.inputs.copy(), STRINGS.lengths
    bad = 100
    codes[bad, 0] = 127
    strings = Examples(codes, lengths, STRINGS.answers)
    training = replace(TRAINING, batch_size=40, learning_rate=1e-4)
    good = np.concatenate([np.arange(40), np.arange(40)])
    monkeypatch.setattr(population, "_WORK", work)
    order = np.concatenate([good, np.arange(81, 120)])

    networks = CpuPopulation([sparse_layout(SMALL.layout)], [weights], "padded", training, threads)
    (epoch,) = networks.train(strings, [order])
    other = CpuPopulation([sparse_layout(SMALL.layout)], [weights], "padded", training)
    (expected,) = other.train(strings, [good])
    assert isinstance(epoch, Epoch)
    assert isinstance(expected, Epoch)
    assert networks.stopped == {0: Stopped(3, "the loss is NaN or infinite")}
    assert other.stopped == {}
    assert epoch.losses.tobytes() == expected.losses.tobytes()
    assert epoch.accuracy == expected.accuracy
    for name, array in networks.weights(0).items():
        assert np.array_equal(array, other.weights(0)[name])
    assert networks.train(strings, [order]) == [None]
    assert networks.stopped[0].step == 3


def test_a_stopped_network_can_still_be_evaluated() -> None:
    plans = [sparse_layout(SMALL.layout)] * 2
    networks = CpuPopulation(
        plans, [with_infinite_loss(), initial_weights(SMALL.layout, 1)], "padded", TRAINING
    )
    networks.train(STRINGS, ORDERS[:2])
    overflowing, sound = networks.evaluate(STRINGS, TRAINING.batch_size)
    assert not np.isfinite(overflowing.loss)
    assert np.isfinite(sound.loss)


# Progress


def test_progress_is_told_once_for_every_new_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(population, "_announced", set())
    messages: list[str] = []
    plans = [sparse_layout(SMALL.layout)]
    lanes = training_lanes()
    for _ in range(2):
        networks = CpuPopulation(
            plans, weights_of(plans), "padded", TRAINING, progress=messages.append
        )
        networks.train(STRINGS, ORDERS[:1])
        networks.train(STRINGS, ORDERS[:1])
        networks.evaluate(STRINGS, TRAINING.batch_size)
    training, classifying = messages
    assert training.startswith(
        f"preparing the fused rnn_relu loop for training, {lanes} strings at a time"
    )
    assert "loop for classifying" in classifying
