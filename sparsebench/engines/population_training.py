"""Training of a population: each network by its own seed, evaluated after every epoch."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from sparsebench.engines.devices import population
from sparsebench.engines.evaluation import Evaluation
from sparsebench.engines.populations import Epoch, Population, Stopped
from sparsebench.parts.examples import VALUES, Dataset, Examples
from sparsebench.parts.sparse_layout import SparseLayout
from sparsebench.values.masks import Masks, Weights, marked
from sparsebench.values.protocol import Training
from sparsebench.values.seeding import stream

ONSET_STEPS, ONSET_MEAN = 50, 10
"""First steps of the loss trace, and steps per mean. They are stored because rounding has not yet
grown into visible differences there."""

MOST_POINTS = 40
"""About how many evaluations a longer training has, evenly spread over its epochs."""


History = dict[str, list[float]]
"""Series of figures per epoch, or per step, by name."""


Train = Callable[[Examples, Sequence[np.ndarray], float], list[list[Epoch | None]]]
"""Trains networks on a piece of an epoch, each in its own order, at a rate: their figures, in one
part or more."""


class ChangesMasks(Protocol):
    """How a network's masks change during its training (`sparsebench.engines.mask_changes`)."""

    def trainer(
        self,
        starts: Sequence[Start],
        first: Examples,
        steps: int,
        readout: str,
        training: Training,
        device: str,
        progress: Callable[[str], None],
    ) -> tuple[Population, Train]:
        """Make a population with networks whose masks change, and what trains it."""


@dataclass(frozen=True, eq=False)
class Start:
    """The initial state of a network's training.

    Attributes
    ----------
    plan
        The network's sparse layout.
    weights
        Its named arrays.
    seed
        Seed of the orders of examples; each epoch has its own stream.
    epochs
        Epochs already trained, whose streams are skipped.
    masking
        How its masks change during this training; None: they stay.
    """

    plan: SparseLayout
    weights: Weights
    seed: int
    epochs: int = 0
    masking: ChangesMasks | None = None


@dataclass(frozen=True, eq=False)
class Course:
    """The result of a network's training.

    Attributes
    ----------
    weights
        Named arrays after the last epoch; zero where the layout keeps no weight. If masks changed,
        weights that are zero and there are -0 (`sparsebench.values.masks.marked`).
    before
        The evaluation on the test examples before the first epoch.
    after
        The evaluation after the last epoch.
    history
        `train_loss` (mean over answers, in nats, or squared error) and `train_accuracy`, both while
        the weights change; `test_loss` and `test_accuracy`. Each has one value per epoch; trainings
        of more than about 80 epochs have about that many values in all. There are no accuracies if
        numbers are asked for. `onset_loss` is the loss trace: mean losses of the first
        `ONSET_STEPS` steps, each over `ONSET_MEAN` steps.
    stopped
        Why training stopped early; None if it did not.
    masks
        The masks after the last step.
    """

    weights: dict[str, np.ndarray]
    before: Evaluation
    after: Evaluation
    history: History
    stopped: Stopped | None
    masks: Masks


def train_population(
    starts: Sequence[Start],
    dataset: Dataset,
    training: Training,
    readout: str,
    device: str,
    on_epoch: Callable[[int], None] = lambda epoch: None,
    progress: Callable[[str], None] = lambda message: None,
    between_steps: Callable[[], None] = lambda: None,
) -> list[Course]:
    """Train networks of one variant together; each one's result is as if it were trained alone.

    Parameters
    ----------
    starts
        The networks.
    dataset
        The examples to train and test on.
    training
        The protocol, the same for all.
    readout
        `padded` or `last_step`.
    device
        `cpu`, where a population runs on one thread, or torch's name of a GPU.
    on_epoch
        Called after each epoch with its number, from 1. An exception from it ends the training.
    progress
        Called with a sentence when loops are compiled.
    between_steps
        Called between steps (`sparsebench.engines.populations.Population`). An exception from it
        ends the training.

    Returns
    -------
    list of Course
        One for each network, in order.
    """
    networks, train = _trainer(starts, dataset, training, readout, device, progress)
    networks.between_steps = between_steps
    test, apart = dataset.test, max(1, training.length // MOST_POINTS)
    histories = [_History(test.asked != VALUES) for _ in starts]
    before = after = networks.evaluate(test, training.batch_size)
    for epoch in range(training.length):
        done: list[list[Epoch | None]] = []
        seen = 0
        for number, examples in enumerate(dataset.pieces(epoch)):
            orders = [
                _random_of(start, epoch, number).permutation(len(examples)) for start in starts
            ]
            done += train(examples, orders, training.rate(epoch))
            seen += -(-len(examples) // training.batch_size)
        for history, pieces in zip(histories, zip(*done, strict=True), strict=True):
            history.begin(pieces)
        if epoch == 0 or (epoch + 1) % apart == 0 or epoch + 1 == training.length:
            after = networks.evaluate(test, training.batch_size)
            each = zip(histories, zip(*done, strict=True), after, strict=True)
            for history, pieces, tested in each:
                history.note(pieces, tested, seen)
        on_epoch(epoch + 1)
    return [
        Course(
            weights=_stored(networks, number, start),
            before=before[number],
            after=after[number],
            history=histories[number].series(),
            stopped=networks.stopped.get(number),
            masks=networks.plans[number].masks,
        )
        for number, start in enumerate(starts)
    ]


def _stored(networks: Population, number: int, start: Start) -> dict[str, np.ndarray]:
    weights = networks.weights(number)
    return weights if start.masking is None else marked(weights, networks.plans[number].masks)


def _trainer(
    starts: Sequence[Start],
    dataset: Dataset,
    training: Training,
    readout: str,
    device: str,
    progress: Callable[[str], None],
) -> tuple[Population, Train]:
    """The networks, and what trains them: with changes of masks if there are any."""
    masking = next((start.masking for start in starts if start.masking is not None), None)
    if masking is None:
        plans, weights = [start.plan for start in starts], [start.weights for start in starts]
        networks = population(plans, weights, readout, training, device, progress=progress)
        return networks, lambda examples, orders, rate: [networks.train(examples, orders, rate)]
    pieces = iter(dataset.pieces(0))
    first = next(pieces)  # all of them at once might not fit into memory
    sizes = [len(first), *map(len, pieces)]
    steps = training.length * sum(-(-size // training.batch_size) for size in sizes)
    return masking.trainer(starts, first, steps, readout, training, device, progress)


def first_losses(
    start: Start,
    dataset: Dataset,
    training: Training,
    readout: str,
    device: str,
    steps: int,
    progress: Callable[[str], None] = lambda message: None,
) -> list[float]:
    """The mean losses of the first steps of a training, in nats or squared error.

    Parameters
    ----------
    start, dataset, training, readout, device, progress
        As in `train_population`, for one network.
    steps
        Number of steps; fewer are returned if the first epoch is shorter, or training stopped.
    """
    networks = population(
        [start.plan], [start.weights], readout, training, device, progress=progress
    )
    losses: list[float] = []
    for number, examples in enumerate(dataset.pieces(0)):
        order = _random_of(start, 0, number).permutation(len(examples))
        order = order[: (steps - len(losses)) * training.batch_size]
        (done,) = networks.train(examples, [order], training.rate(0))
        losses += [] if done is None else done.losses.tolist()
        if len(losses) == steps or networks.stopped:
            break
    return losses


def _random_of(start: Start, epoch: int, piece: int) -> np.random.RandomState:
    """The generator of the order of one piece of an epoch's examples for one network."""
    key = "shuffle", start.seed, start.epochs + epoch
    return stream(*key, piece) if piece else stream(*key)


class _History:
    """The series of one network, epoch by epoch."""

    def __init__(self, classifies: bool) -> None:
        self._series: History = {
            "train_loss": [], "train_accuracy": [], "test_loss": [], "test_accuracy": []
        }  # fmt: skip
        self._onset: list[float] = []
        self._classifies = classifies

    def begin(self, pieces: Sequence[Epoch | None]) -> None:
        """Record the losses of the first steps, also in epochs that are not evaluated."""
        for piece in pieces:
            if piece is not None:
                self._onset += piece.losses[: ONSET_STEPS - len(self._onset)].tolist()

    def note(self, pieces: Sequence[Epoch | None], tested: Evaluation, steps: int) -> None:
        """Record an epoch of `steps` steps; an epoch that ended early has no training figures."""
        done = [piece for piece in pieces if piece is not None]
        if done:
            losses, answers = (
                np.concatenate(each) for each in zip(*map(_figures, done), strict=True)
            )
            if len(losses) == steps:
                right = sum(round(piece.accuracy * int(piece.answers.sum())) for piece in done)
                total = int(answers.sum())
                mean = done[0].accuracy if len(done) == 1 else right / total
                self._series["train_loss"].append(
                    _short(math.fsum((losses * answers).tolist()) / total)
                )
                self._series["train_accuracy"].append(_short(mean))
        self._series["test_loss"].append(_short(tested.loss))
        self._series["test_accuracy"].append(tested.accuracy)

    def series(self) -> History:
        """All series; `onset_loss` has means over `ONSET_MEAN` steps."""
        firsts = range(0, len(self._onset) - ONSET_MEAN + 1, ONSET_MEAN)
        means = [math.fsum(self._onset[i : i + ONSET_MEAN]) / ONSET_MEAN for i in firsts]
        kept = {
            name: figures
            for name, figures in self._series.items()
            if self._classifies or not name.endswith("accuracy")
        }
        return {**kept, "onset_loss": [_short(loss) for loss in means]}


def _figures(done: Epoch) -> tuple[np.ndarray, np.ndarray]:
    return done.losses, done.answers


def _short(figure: float) -> float:
    """Round to seven digits: float32's precision, in half the characters."""
    return float(f"{figure:.7g}")
