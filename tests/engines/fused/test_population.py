"""Networks in a population do not know of each other, nor of threads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sparsebench.engines.evaluation import evaluate
from sparsebench.engines.fused import population
from sparsebench.engines.fused.population import Population
from sparsebench.engines.fused.species import training_lanes
from sparsebench.engines.network import StackedNetwork
from sparsebench.engines.populations import Epoch, Stopped
from sparsebench.parts.plan import Plan, plan
from sparsebench.parts.strings import LabelledStrings, generate
from sparsebench.parts.weights import initial_weights
from sparsebench.parts.wired import wired_layout, wired_masks
from sparsebench.values.protocol import VARIANTS, Architecture, ReberStrings, Training
from sparsebench.values.wiring import Wiring

STRINGS = generate(ReberStrings(60, 60, 1, 1)).train
ORDERS = [np.random.RandomState(seed).permutation(len(STRINGS)) for seed in range(4)]
WIRING = Wiring((2, 3, 1), ((0, 2), (0, 3), (0, 5), (1, 3), (1, 4), (2, 5), (3, 5), (4, 5)))
TRAINING = Training(batch_size=2 * training_lanes() + 3, learning_rate=0.01)
SMALL = Architecture("rnn_relu", layers=1, hidden_size=3)


def plans_of(variant: str) -> list[Plan]:
    """Networks of other structure and size each."""
    layout = wired_layout(WIRING, variant)
    sparse = Architecture(variant, layers=2, hidden_size=6).layout
    masks = {"layers.1.i2h": np.zeros(sparse.shapes()["layers.1.i2h"], np.bool_)}
    masks["layers.1.i2h"][:3, 2:] = True
    return [
        plan(layout, wired_masks(WIRING, layout, "repeated")),
        plan(Architecture(variant, layers=1, hidden_size=9).layout),
        plan(sparse, masks),
        plan(Architecture(variant, layers=1, hidden_size=4).layout),
    ]


def weights_of(plans: list[Plan]) -> list[dict[str, np.ndarray]]:
    return [initial_weights(made.layout, seed) for seed, made in enumerate(plans)]


def trained(
    plans: list[Plan],
    chosen: list[int],
    training: Training = TRAINING,
    threads: int = 1,
    weights: list[dict[str, np.ndarray]] | None = None,
) -> dict[int, tuple[Any, ...]]:
    """Two epochs of the chosen networks together; for each what may be compared bit by bit."""
    weights = weights or weights_of(plans)
    networks = Population(
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
    assert trained(plans, [3], training, threads=2) == {3: together[3]}  # tiles are shared out
    assert trained(plans, [1, 2], training, threads=8) == {1: together[1], 2: together[2]}


def test_leftovers_of_a_larger_network_reach_no_other() -> None:
    """A thread's scratch still holds the last gradient of the network before."""
    plans = [plan(Architecture("rnn_tanh", layers=1, hidden_size=size).layout) for size in (7, 4)]
    codes = np.full((len(STRINGS), 6), 80, np.uint8)
    codes[::2, ::2] = 81
    strings = LabelledStrings(codes, np.full(len(STRINGS), 6), STRINGS.labels)
    training = replace(TRAINING, clip_norm=0.05)
    weights = weights_of(plans)
    alone = Population(plans[1:], weights[1:], "padded", training)
    alone.train(strings, ORDERS[1:2])
    both = Population(plans, weights, "padded", training)
    both.train(strings, ORDERS[:2])
    for name, array in alone.weights(0).items():
        assert np.array_equal(array, both.weights(1)[name]), name


@pytest.mark.parametrize("readout", ["padded", "last_step"])
@pytest.mark.parametrize("variant", VARIANTS)
def test_an_evaluation_is_that_of_torchs_layers(variant: str, readout: str) -> None:
    architecture = Architecture(variant, layers=3, hidden_size=6)
    weights = initial_weights(architecture.layout, 3)
    weights["readout.bias"][:] = [0.1, -0.1]
    other = plan(Architecture(variant, layers=1, hidden_size=2).layout)
    networks = Population(
        [plan(architecture.layout), other],
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
    networks = Population(plans, weights_of(plans), "last_step", TRAINING)
    wide = networks.logits(STRINGS, TRAINING.batch_size)
    assert wide.shape == (4, len(STRINGS), 2)
    assert wide.dtype == np.float32
    np.testing.assert_allclose(networks.logits(STRINGS, batch_size), wide, rtol=0, atol=2e-6)


def test_weights_come_back_as_they_went_in() -> None:
    plans = plans_of("gru")
    weights = weights_of(plans)
    networks = Population(plans, weights, "padded", TRAINING)
    for number, made in enumerate(plans):
        back = networks.weights(number, weights[number])
        assert all(np.array_equal(array, weights[number][name]) for name, array in back.items())
        bare = networks.weights(number)
        for name, mask in made.masks.items():
            assert not bare[name][~mask].any()


def test_an_epoch_tells_losses_and_accuracy_of_the_batches() -> None:
    plans = plans_of("gru")[:1]
    training = replace(TRAINING, learning_rate=1e-12)  # the weights hardly move
    networks = Population(plans, weights_of(plans), "last_step", training)
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
    networks = Population(plans, weights_of(plans), "padded", TRAINING)
    before = networks.weights(0)
    (epoch,) = networks.train(STRINGS, [[]])
    assert isinstance(epoch, Epoch)
    assert epoch.losses.shape == (0,)
    assert all(np.array_equal(array, before[name]) for name, array in networks.weights(0).items())


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
    plans = [plan(SMALL.layout) for _ in range(3)]
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


@pytest.mark.parametrize("threads", [1, 2])
def test_a_network_that_overflows_later_keeps_its_last_weights(threads: int) -> None:
    """One string alone makes it overflow; the steps before it count, the batch's others do not."""
    weights = initial_weights(SMALL.layout, 0)
    weights["embedding"][127] = 3e38
    weights["layers.0.i2h"][:] = 10
    codes, lengths = STRINGS.codes.copy(), STRINGS.lengths
    bad = 100
    codes[bad, 0] = 127
    strings = LabelledStrings(codes, lengths, STRINGS.labels)
    training = replace(TRAINING, batch_size=40, learning_rate=1e-4)
    good = np.concatenate([np.arange(40), np.arange(40)])
    order = np.concatenate([good, np.arange(81, 120)])

    networks = Population([plan(SMALL.layout)], [weights], "padded", training, threads)
    (epoch,) = networks.train(strings, [order])
    other = Population([plan(SMALL.layout)], [weights], "padded", training)
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
    plans = [plan(SMALL.layout)] * 2
    networks = Population(
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
    plans = [plan(SMALL.layout)]
    lanes = training_lanes()
    for _ in range(2):
        networks = Population(
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


# What is refused


def test_mixed_variants_are_refused_with_their_names() -> None:
    plans = [plan(Architecture(variant, 1, 2).layout) for variant in ("lstm", "gru")]
    with pytest.raises(
        ValueError, match=r"^2 plans of variants and classes .*gru.*lstm.* and 2 sets of weights"
    ):
        Population(plans, weights_of(plans), "padded", TRAINING)


def test_networks_with_other_numbers_of_classes_are_refused() -> None:
    plans = [plan(Architecture("gru", 1, 2, classes=classes).layout) for classes in (2, 5)]
    with pytest.raises(ValueError, match="one variant and number of classes"):
        Population(plans, weights_of(plans), "padded", TRAINING)


@pytest.mark.parametrize(
    "strings",
    [
        LabelledStrings(STRINGS.codes[:-1], STRINGS.lengths, STRINGS.labels),
        LabelledStrings(STRINGS.codes, STRINGS.lengths[:-1], STRINGS.labels),
        LabelledStrings(STRINGS.codes.astype(np.int64), STRINGS.lengths, STRINGS.labels),
        LabelledStrings(STRINGS.codes, STRINGS.lengths.astype(float), STRINGS.labels),
        LabelledStrings(STRINGS.codes[:, 0], STRINGS.lengths, STRINGS.labels),
    ],
)
def test_arrays_that_are_no_strings_are_refused(
    small: Population, strings: LabelledStrings
) -> None:
    with pytest.raises(ValueError, match=r"give uint8 codes \(N, T\)"):
        small.train(strings, ORDERS[:2])


@pytest.mark.parametrize("order", [np.zeros((2, 2), int), np.array([0.5]), np.array([True])])
def test_an_order_is_a_row_of_whole_numbers(small: Population, order: np.ndarray) -> None:
    with pytest.raises(ValueError, match="give the numbers of the strings"):
        small.train(STRINGS, [order, order])


def test_as_many_sets_of_weights_as_plans_are_needed() -> None:
    plans = plans_of("gru")
    with pytest.raises(
        ValueError, match=r"^4 plans of variants and classes .*gru.* and 3 sets of weights"
    ):
        Population(plans, weights_of(plans)[:3], "padded", TRAINING)
    with pytest.raises(
        ValueError, match=r"^0 plans of variants and classes \[\] and 0 sets of weights"
    ):
        Population([], [], "padded", TRAINING)


def test_weights_of_another_network_are_refused() -> None:
    plans = plans_of("gru")
    with pytest.raises(ValueError, match="not the weights of a 1 x 9 gru network"):
        Population(plans[1:2], weights_of(plans)[3:], "padded", TRAINING)


@pytest.mark.parametrize(
    ("options", "kind", "message"),
    [
        ({"readout": "mean"}, ValueError, "^unknown semantics switch readout 'mean'"),
        ({"threads": 0}, ValueError, "^threads is 0"),
        ({"dtype": "int32"}, ValueError, "^unknown dtype 'int32'"),
    ],
)
def test_options_out_of_range_are_refused(
    options: dict[str, Any], kind: type[Exception], message: str
) -> None:
    plans = [plan(SMALL.layout)]
    options = {"readout": "padded", "training": TRAINING} | options
    with pytest.raises(kind, match=message):
        Population(plans, weights_of(plans), **options)


@pytest.fixture
def small() -> Population:
    plans = [plan(SMALL.layout)] * 2
    return Population(plans, weights_of(plans), "padded", TRAINING)


def test_every_network_needs_an_order(small: Population) -> None:
    for orders in ([], ORDERS[:1], ORDERS[:3]):
        with pytest.raises(ValueError, match=f"^{len(orders)} orders for 2 networks"):
            small.train(STRINGS, orders)


@pytest.mark.parametrize("wrong", [-1, 120, 2**40])
def test_an_order_names_strings_that_are_there(small: Population, wrong: int) -> None:
    with pytest.raises(ValueError, match=f"^an order names string {wrong} of 120$"):
        small.train(STRINGS, [ORDERS[0], np.array([0, wrong, 5])])


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("codes", 128, "letter code is 0 or 128: .* 0 to 127$"),
        ("codes", 255, "letter code is 0 or 255: .* 0 to 127$"),
        ("labels", 2, "label is 0 or 2: .* 0 to 1$"),
        ("labels", -1, "label is -1 or 1: .* 0 to 1$"),
        ("lengths", 0, "length is 0 or "),
        ("lengths", -1, "length is -1 or "),
        ("lengths", STRINGS.codes.shape[1] + 1, f"allow 1 to {STRINGS.codes.shape[1]}$"),
    ],
)
def test_strings_that_the_networks_do_not_know_are_refused(
    small: Population, name: str, value: int, message: str
) -> None:
    array = getattr(STRINGS, name).copy()
    array[-1:] = value
    strings = replace(STRINGS, **{name: array})
    for refused in (
        lambda: small.train(strings, ORDERS[:2]),
        lambda: small.logits(strings, 32),
        lambda: small.evaluate(strings, 32),
    ):
        with pytest.raises(ValueError, match=message):
            refused()


def test_the_network_that_knows_least_decides() -> None:
    plans = [
        plan(Architecture("rnn_relu", 1, 2, symbols=128, classes=2).layout),
        plan(Architecture("rnn_relu", 1, 2, symbols=80, classes=2).layout),
    ]
    networks = Population(plans, weights_of(plans), "padded", TRAINING)
    with pytest.raises(ValueError, match=r"letter code is .* 0 to 79$"):
        networks.train(STRINGS, ORDERS[:2])


def test_no_strings_are_refused(small: Population) -> None:
    nothing = LabelledStrings(STRINGS.codes[:0], STRINGS.lengths[:0], STRINGS.labels[:0])
    with pytest.raises(ValueError, match=r"^no strings"):
        small.train(nothing, [[], []])
    with pytest.raises(ValueError, match=r"^no strings"):
        small.evaluate(nothing, 32)


@pytest.mark.parametrize("batch_size", [0, -1])
def test_a_batch_size_below_one_is_refused(small: Population, batch_size: int) -> None:
    with pytest.raises(ValueError, match=f"^batch_size is {batch_size}"):
        small.logits(STRINGS, batch_size)
