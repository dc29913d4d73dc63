"""Datasets come piece by piece, and of long trainings not every epoch is judged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from sparsebench.engines import population_training
from sparsebench.engines.fused.population import CpuPopulation
from sparsebench.engines.population_training import MOST_POINTS, Course, Start, train_population
from sparsebench.experiments.capacity.cases import TaskCase
from sparsebench.parts.examples import Examples, Halves
from sparsebench.parts.sparse_layout import sparse_layout
from sparsebench.parts.tasks import dataset
from sparsebench.parts.weights import initial_weights
from sparsebench.values.protocol import Training
from sparsebench.values.seeding import stream
from sparsebench.values.tasks import NextLetters, RandomLabels, Recall, Task

pytestmark = pytest.mark.usefixtures("one_width")

TRAINING = Training(epochs=2, batch_size=4, learning_rate=0.01)
LABELS = RandomLabels(10, width=4, steps=2)
RECALL = Recall(width=3, delay=1, train=10, test=4)


@dataclass(frozen=True, eq=False)
class Torn:
    """A dataset that comes in pieces of so many examples."""

    whole: Halves
    sizes: tuple[int, ...]

    def pieces(self, epoch: int) -> Iterator[Examples]:
        ends = np.cumsum(self.sizes)
        for begin, end in zip([0, *ends], ends, strict=False):
            yield self.whole.train.part(int(begin), int(end))

    @property
    def test(self) -> Examples:
        return self.whole.test


def whole(task: Task = LABELS) -> Halves:
    found = dataset(task)
    assert isinstance(found, Halves)
    return found


def start(task: Task = LABELS, seed: int = 0, epochs: int = 0) -> Start:
    layout = TaskCase("rnn_tanh", task, seed, 3).layout
    return Start(sparse_layout(layout), initial_weights(layout, seed), seed, epochs)


def trained(starts: list[Start], given: Any, training: Training = TRAINING) -> list[Course]:
    return train_population(starts, given, training, "last_step", "cpu")


def same_weights(one: Course, other: Course) -> bool:
    return all(np.array_equal(one.weights[name], other.weights[name]) for name in one.weights)


def test_one_piece_that_holds_all_is_the_whole() -> None:
    (alone,), (torn,) = trained([start()], whole()), trained([start()], Torn(whole(), (10,)))
    assert same_weights(alone, torn)
    assert alone.history == torn.history


@pytest.mark.parametrize("task", [LABELS, RECALL], ids=["classes", "numbers"])
@pytest.mark.parametrize("used", [0, 5])
def test_every_piece_has_an_order_of_its_own_by_seed_epoch_and_place(task: Task, used: int) -> None:
    one, torn = start(task, seed=3, epochs=used), Torn(whole(task), (6, 4))
    (course,) = trained([one], torn)
    network = CpuPopulation([one.plan], [one.weights], "last_step", TRAINING)
    losses, answers = [], []
    for epoch in (used, used + 1):
        for place, piece in enumerate(torn.pieces(epoch)):
            key = ("shuffle", 3, epoch) if place == 0 else ("shuffle", 3, epoch, place)
            (done,) = network.train(piece, [stream(*key).permutation(len(piece))])
            assert done is not None
            losses.append(done.losses)
            answers.append(done.answers)
    for name, array in network.weights(0).items():
        assert np.array_equal(array, course.weights[name])
    means = [
        np.average(
            np.concatenate(losses[at : at + 2]), weights=np.concatenate(answers[at : at + 2])
        )
        for at in (0, 2)
    ]
    assert course.history["train_loss"] == pytest.approx(means, rel=1e-6)


def test_accuracy_over_pieces_counts_every_answer_once() -> None:
    letters = NextLetters(train=9, test=3)
    (course,) = trained(
        [start(letters)], Torn(whole(letters), (1, 5, 3)), replace(TRAINING, epochs=3)
    )
    asked = int((whole(letters).train.answers >= 0).sum())
    for accuracy in course.history["train_accuracy"]:
        right = accuracy * asked
        assert right == pytest.approx(round(right), abs=1e-4)


def test_first_losses_go_on_from_piece_to_piece() -> None:
    """Ten pieces of one step each: one mean of ten."""
    torn = Torn(whole(), (1,) * 10)
    (course,) = trained([start()], torn, replace(TRAINING, epochs=1))
    assert len(course.history["onset_loss"]) == 1
    assert course.history["onset_loss"] == pytest.approx(course.history["train_loss"], rel=1e-6)


def test_first_losses_go_on_through_epochs_that_are_not_judged() -> None:
    """Three steps an epoch: 17 epochs hold the first fifty, and of 600 every 15th is judged."""
    short, long = (
        trained([start()], whole(), replace(TRAINING, epochs=epochs))[0] for epochs in (17, 600)
    )
    assert len(long.history["onset_loss"]) == 5
    assert long.history["onset_loss"] == short.history["onset_loss"]


def test_numbers_have_losses_and_no_accuracies() -> None:
    (course,) = trained([start(RECALL)], whole(RECALL))
    assert course.history.keys() == {"train_loss", "test_loss", "onset_loss"}


@pytest.mark.parametrize(
    ("epochs", "judged"),
    [
        (3, [1, 2, 3]),
        (79, [*range(1, 80)]),
        (80, [1, *range(2, 81, 2)]),
        (121, [1, *range(3, 121, 3), 121]),
        (600, [1, *range(15, 601, 15)]),
    ],
)
def test_of_long_trainings_the_first_epoch_the_last_and_some_between_are_judged(
    epochs: int, judged: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert MOST_POINTS == 40
    epoch, seen, network = 0, [], population_training.population

    def told(number: int) -> None:
        nonlocal epoch
        epoch = number

    def noting(*arguments: Any, **others: Any) -> CpuPopulation:
        made = network(*arguments, **others)
        evaluate = made.evaluate

        def noted(*given: Any) -> Any:
            seen.append(epoch + 1)
            return evaluate(*given)

        made.evaluate = noted  # type: ignore[method-assign]
        return made  # type: ignore[return-value]

    monkeypatch.setattr(population_training, "population", noting)
    (course,) = train_population(
        [start()], whole(), replace(TRAINING, epochs=epochs), "last_step", "cpu", told
    )
    assert seen == [1, *judged]  # before the first epoch too
    assert len(judged) <= 2 * MOST_POINTS
    assert {name: len(series) for name, series in course.history.items()} == {
        "train_loss": len(judged),
        "train_accuracy": len(judged),
        "test_loss": len(judged),
        "test_accuracy": len(judged),
        "onset_loss": min(5, 3 * epochs // 10),
    }
    assert course.history["test_accuracy"][-1] == course.after.accuracy
