"""A population's training is that of each of its networks, in orders that follow from their seeds."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sparsebench.engines.fused import population
from sparsebench.engines.fused.population import CpuPopulation
from sparsebench.engines.population_training import (
    ONSET_MEAN,
    ONSET_STEPS,
    Course,
    Start,
    first_losses,
    train_population,
)
from sparsebench.engines.populations import Epoch, Stopped
from sparsebench.engines.training import start as start_on_torch
from sparsebench.engines.training import training_steps
from sparsebench.parts.sparse_layout import sparse_layout
from sparsebench.parts.strings import generate
from sparsebench.parts.weights import initial_weights
from sparsebench.parts.wired import wired_layout, wired_masks
from sparsebench.values.case import BaseCase
from sparsebench.values.protocol import VARIANTS, Architecture, ReberStrings, Training
from sparsebench.values.seeding import stream
from sparsebench.values.semantics import CORRECTED, PUBLISHED, Semantics
from sparsebench.values.wiring import Wiring

DATA = ReberStrings(30, 33, 10, 11)
DATASET = generate(DATA)
TRAINING = Training(
    epochs=3, batch_size=20, learning_rate=0.01
)  # four steps, the last of 3 strings
WIRING = Wiring((2, 3, 1), ((0, 2), (0, 3), (0, 5), (1, 3), (1, 4), (2, 5), (3, 5), (4, 5)))


def start(hidden_size: int, seed: int, epochs: int = 0, variant: str = "gru") -> Start:
    layout = Architecture(variant, layers=1, hidden_size=hidden_size).layout
    return Start(sparse_layout(layout), initial_weights(layout, seed), seed, epochs)


def wired_start(seed: int, variant: str = "gru") -> Start:
    layout = wired_layout(WIRING, variant)
    masks = wired_masks(WIRING, layout, "repeated")
    return Start(sparse_layout(layout, masks), initial_weights(layout, seed), seed)


STARTS = [start(4, 0), wired_start(1), start(3, 2)]


def trained(starts: list[Start], training: Training = TRAINING, **others: Any) -> list[Course]:
    return train_population(starts, DATASET, training, "padded", "cpu", **others)


def bits(course: Course) -> tuple[Any, ...]:
    arrays = {name: array.tobytes() for name, array in course.weights.items()}
    return arrays, course.before, course.after, course.history, course.stopped


def by_hand(one: Start, training: Training) -> tuple[CpuPopulation, list[Epoch], list[float]]:
    """The same training of one network, spelled out; its epochs, and test losses after each."""
    network = CpuPopulation([one.plan], [one.weights], "padded", training)
    epochs, tested = [], []
    for epoch in range(one.epochs, one.epochs + training.epochs):
        order = stream("shuffle", one.seed, epoch).permutation(len(DATASET.train))
        (done,) = network.train(DATASET.train, [order])
        assert done is not None
        epochs.append(done)
        tested.append(network.evaluate(DATASET.test, training.batch_size)[0].loss)
    return network, epochs, tested


@pytest.mark.parametrize("readout", ["padded", "last_step"])
def test_a_network_fares_in_company_as_it_does_alone(readout: str) -> None:
    together = train_population(STARTS, DATASET, TRAINING, readout, "cpu")
    for one, course in zip(STARTS, together, strict=True):
        (alone,) = train_population([one], DATASET, TRAINING, readout, "cpu")
        assert bits(alone) == bits(course)
    backwards = train_population(STARTS[::-1], DATASET, TRAINING, readout, "cpu")
    assert [bits(course) for course in backwards[::-1]] == [bits(course) for course in together]


@pytest.mark.parametrize("used", [0, 7])
def test_orders_follow_from_the_seed_and_go_on_after_the_epochs_of_an_earlier_training(
    used: int,
) -> None:
    one = replace(STARTS[1], epochs=used)
    (course,) = trained([one])
    network, _, _ = by_hand(one, TRAINING)
    for name, array in network.weights(0).items():
        assert array.tobytes() == course.weights[name].tobytes()


def test_another_seed_or_later_epochs_make_another_network() -> None:
    one = STARTS[0]
    others = trained([one, replace(one, seed=1), replace(one, epochs=1)])
    assert len({course.weights["readout.weight"].tobytes() for course in others}) == 3


def test_the_history_tells_what_every_epoch_did() -> None:
    (course,) = trained([STARTS[1]])
    _, epochs, tested = by_hand(STARTS[1], TRAINING)
    history = course.history
    sizes = [20, 20, 20, 3]
    expected = [np.average(epoch.losses, weights=sizes) for epoch in epochs]
    assert history["train_loss"] == pytest.approx(expected, rel=1e-6)
    assert history["train_accuracy"] == pytest.approx([epoch.accuracy for epoch in epochs])
    assert history["test_loss"] == pytest.approx(tested, rel=1e-6)
    assert history["test_accuracy"][-1] == course.after.accuracy
    assert [len(history[name]) for name in history] == [3, 3, 3, 3, 1]


@pytest.mark.parametrize(("epochs", "means"), [(0, 0), (2, 0), (3, 1), (12, 4), (13, 5), (15, 5)])
def test_onset_losses_are_means_over_ten_of_the_first_fifty_steps(epochs: int, means: int) -> None:
    """An epoch has four steps; those that do not fill a mean are left out."""
    assert (ONSET_STEPS, ONSET_MEAN) == (50, 10)
    training = replace(TRAINING, epochs=epochs)
    (course,) = trained([STARTS[0]], training)
    _, done, _ = by_hand(STARTS[0], training)
    losses = [loss for epoch in done for loss in epoch.losses]
    expected = [np.mean(losses[begin : begin + 10]) for begin in range(0, 10 * means, 10)]
    assert course.history["onset_loss"] == pytest.approx(expected, rel=1e-6)


def test_figures_have_seven_digits() -> None:
    (course,) = trained([STARTS[0]])
    losses = [*course.history["train_loss"], *course.history["onset_loss"]]
    assert all(loss == float(f"{loss:.7g}") for loss in losses)


def test_a_network_is_evaluated_before_the_first_epoch_and_after_the_last() -> None:
    for one, course in zip(STARTS, trained(STARTS), strict=True):
        for weights, evaluation in ((one.weights, course.before), (course.weights, course.after)):
            network = CpuPopulation([one.plan], [weights], "padded", TRAINING)
            assert network.evaluate(DATASET.test, TRAINING.batch_size) == [evaluation]
        assert course.before.total == 21
        assert course.before != course.after


def test_without_epochs_a_network_stays_what_it_was() -> None:
    (course,) = trained([STARTS[0]], replace(TRAINING, epochs=0))
    assert course.before == course.after
    assert not any(course.history.values())
    for name, array in course.weights.items():
        assert np.array_equal(array, STARTS[0].weights[name])


def test_weights_that_the_plan_does_not_keep_come_out_as_zeros() -> None:
    (course,) = trained([STARTS[1]])
    for name, mask in STARTS[1].plan.masks.items():
        assert STARTS[1].weights[name][~mask].all()
        assert not course.weights[name][~mask].any()
        assert course.weights[name][mask].all()


def test_the_start_weights_are_not_written_to() -> None:
    before = {name: array.tobytes() for name, array in STARTS[0].weights.items()}
    trained(STARTS)
    assert {name: array.tobytes() for name, array in STARTS[0].weights.items()} == before


def test_every_epoch_is_told_and_what_the_listener_raises_ends_the_training() -> None:
    told: list[int] = []
    trained(STARTS, on_epoch=told.append)
    assert told == [1, 2, 3]

    def give_up(epoch: int) -> None:
        told.append(epoch)
        if epoch == 2:
            raise KeyboardInterrupt

    told.clear()
    with pytest.raises(KeyboardInterrupt):
        trained(STARTS, on_epoch=give_up)
    assert told == [1, 2]


def test_progress_is_told_of_loops_that_are_prepared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(population, "_announced", set())
    messages: list[str] = []
    trained([STARTS[0]], progress=messages.append)
    assert len(messages) == 2
    assert all(message.startswith("preparing the fused gru loop for") for message in messages)


# Base models, beside torch's layers


@pytest.mark.parametrize("semantics", [PUBLISHED, CORRECTED], ids=lambda each: each.name)
@pytest.mark.parametrize("variant", VARIANTS)
def test_a_base_model_is_trained_as_on_torchs_layers(variant: str, semantics: Semantics) -> None:
    """Weights move by 0.01 here, and rounding was seen to part them by 2e-6."""
    training = replace(TRAINING, learning_rate=0.001)
    case = BaseCase(Architecture(variant, 3, 8), 4, semantics, training, DATA)
    layout, readout = case.architecture.layout, case.semantics.readout
    one = Start(sparse_layout(layout), initial_weights(layout, case.seed), case.seed)
    network = start_on_torch(case, "cpu")
    steps = [
        (float(loss) / size, size) for loss, _, size in training_steps(network, DATASET.train, case)
    ]
    (course,) = train_population([one], DATASET, training, readout, "cpu")
    found = first_losses(one, DATASET, training, readout, "cpu", 4)
    assert found == pytest.approx([loss for loss, _ in steps[:4]], abs=1e-6)
    means = [
        sum(loss * size for loss, size in steps[epoch : epoch + 4]) / 63 for epoch in (0, 4, 8)
    ]
    assert course.history["train_loss"] == pytest.approx(means, abs=1e-6)
    for name, array in network.weights().items():
        np.testing.assert_allclose(course.weights[name], array, rtol=0, atol=1e-5, err_msg=name)
    padding = course.weights["embedding"][0] - one.weights["embedding"][0]
    assert padding.any() == (readout == "padded")  # only there is it read


# The first losses alone


@pytest.mark.parametrize("used", [0, 7])
@pytest.mark.parametrize("steps", [1, 3, 4, 9])
def test_first_losses_are_those_of_the_training_bit_for_bit(steps: int, used: int) -> None:
    """No more than an epoch has, which is four."""
    one = replace(STARTS[1], epochs=used)
    _, epochs, _ = by_hand(one, TRAINING)
    found = first_losses(one, DATASET, TRAINING, "padded", "cpu", steps)
    assert found == epochs[0].losses.tolist()[:steps]
    assert len(found) == min(steps, 4)


def test_first_losses_go_on_from_piece_to_piece_of_an_epoch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pieces = [replace(DATASET.train, **rows_of(slice(0, 33))), DATASET.test]
    monkeypatch.setattr(type(DATASET), "pieces", lambda dataset, epoch: iter(pieces))
    network, expected = CpuPopulation([STARTS[0].plan], [STARTS[0].weights], "padded", TRAINING), []
    for number, examples in enumerate(pieces):
        key = ("shuffle", STARTS[0].seed, 0, number)[: 4 if number else 3]
        (done,) = network.train(examples, [stream(*key).permutation(len(examples))])
        assert done is not None
        expected += done.losses.tolist()
    for steps in (2, 3, 4):
        assert (
            first_losses(STARTS[0], DATASET, TRAINING, "padded", "cpu", steps) == expected[:steps]
        )


def rows_of(rows: slice) -> dict[str, np.ndarray]:
    train = DATASET.train
    return {
        "inputs": train.inputs[rows], "lengths": train.lengths[rows], "answers": train.answers[rows]
    }  # fmt: skip


# Networks that overflow


def overflowing() -> Start:
    """States grow past all bounds at once."""
    one = start(3, 5, variant="rnn_relu")
    one.weights["layers.0.h2h"][:] = 1e30
    one.weights["layers.0.i2h_bias"][:] = 1
    return one


def test_a_network_that_overflows_is_stopped_and_no_other() -> None:
    sound = start(4, 6, variant="rnn_relu")
    (alone,) = trained([sound])
    stopped, company = trained([overflowing(), sound])
    assert bits(company) == bits(alone)
    assert alone.stopped is None
    assert stopped.stopped == Stopped(1, "the loss is NaN or infinite")
    for name, array in overflowing().weights.items():
        assert np.array_equal(array, stopped.weights[name])


def test_a_stopped_network_has_no_training_figures_of_epochs_that_it_did_not_finish() -> None:
    (course,) = trained([overflowing()])
    assert {name: len(series) for name, series in course.history.items()} == {
        "train_loss": 0,
        "train_accuracy": 0,
        "test_loss": 3,
        "test_accuracy": 3,
        "onset_loss": 0,
    }
    assert not np.isfinite(course.history["test_loss"]).any()


def test_a_network_that_overflows_later_keeps_the_figures_of_what_it_did() -> None:
    """As if the third epoch had ended after two of its steps."""
    one, training = start(3, 5, variant="rnn_relu"), replace(TRAINING, epochs=9)
    whole = trained([one], training)[0].history
    network = CpuPopulation([one.plan], [one.weights], "padded", training)
    train, calls = network.train, []

    def broken(*arguments: Any) -> list[Epoch | None]:
        (done,) = train(*arguments)
        calls.append(done)
        if len(calls) < 3 or done is None:
            return [done]
        network.stopped[0] = Stopped(11, "the loss is NaN or infinite")
        return [Epoch(done.losses[:2], 0.5, done.answers[:2])]

    network.train = broken  # type: ignore[method-assign]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(population, "CpuPopulation", lambda *arguments, **others: network)
        (course,) = trained([one], training)
    assert len(calls) == 9
    assert calls[3:] == [None] * 6
    assert course.stopped == Stopped(11, "the loss is NaN or infinite")
    for name, length in {"train_loss": 2, "train_accuracy": 2, "onset_loss": 1}.items():
        assert course.history[name] == whole[name][:length]
    assert course.history["test_loss"][:2] == whole["test_loss"][:2]
    assert len(course.history["test_loss"]) == 9


def test_a_network_that_overflows_has_first_losses_up_to_there() -> None:
    assert first_losses(overflowing(), DATASET, TRAINING, "padded", "cpu", 4) == []


def test_no_networks_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one plan"):
        trained([])
