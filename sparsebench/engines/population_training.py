"""Training a population from start to end: every network by its own seed, judged after every epoch."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from sparsebench.engines.devices import population
from sparsebench.engines.evaluation import Evaluation
from sparsebench.engines.populations import Epoch, Stopped
from sparsebench.parts.examples import VALUES, Dataset
from sparsebench.parts.sparse_layout import SparseLayout
from sparsebench.values.masks import Weights
from sparsebench.values.protocol import Training
from sparsebench.values.seeding import stream

ONSET_STEPS, ONSET_MEAN = 50, 10
"""The first steps whose losses are kept, as means over so many: they follow from the seed, before
rounding has grown into differences."""

MOST_POINTS = 40
"""Epochs after which networks are judged, about: of longer trainings only so many, evenly spread."""


History = dict[str, list[float]]
"""Figures per epoch (or per step), under their names."""


@dataclass(frozen=True, eq=False)
class Start:
    """A network about to be trained.

    Attributes
    ----------
    plan
        Its structure.
    weights
        Its named arrays.
    seed
        Of the order of its strings; each epoch's has its own stream.
    epochs
        How many of these streams an earlier training has used up.
    """

    plan: SparseLayout
    weights: Weights
    seed: int
    epochs: int = 0


@dataclass(frozen=True, eq=False)
class Course:
    """How a network was trained, and what came of it.

    Attributes
    ----------
    weights
        Named arrays after the last epoch; zero where the plan keeps none.
    before
        What the network did on the test strings before the first epoch.
    after
        The same after the last.
    history
        `train_loss` (mean over answers: nats, or squared error) and `train_accuracy` (while the weights
        move), `test_loss` and `test_accuracy` after each epoch, or of trainings of more than some 80
        epochs, after about so many; no accuracies where numbers are asked for. `onset_loss`: the mean
        losses of the first `ONSET_STEPS` steps, `ONSET_MEAN` together.
    stopped
        Why the network was not trained to the end, if it was not.
    """

    weights: dict[str, np.ndarray]
    before: Evaluation
    after: Evaluation
    history: History
    stopped: Stopped | None


def train_population(
    starts: Sequence[Start],
    dataset: Dataset,
    training: Training,
    readout: str,
    device: str,
    on_epoch: Callable[[int], None] = lambda epoch: None,
    progress: Callable[[str], None] = lambda message: None,
) -> list[Course]:
    """Train networks of one variant together; each fares as it would alone.

    Parameters
    ----------
    starts
        The networks.
    dataset
        What they are trained on and judged by.
    training
        The protocol, the same for all.
    readout
        `padded` or `last_step`.
    device
        `cpu`, where a population runs on one thread, or what torch calls a GPU.
    on_epoch
        Called after each epoch with its number, from 1. What it raises ends the training.
    progress
        Told when loops are compiled.

    Returns
    -------
    list of Course
        One for each network, in order.
    """
    networks = population(
        [start.plan for start in starts],
        [start.weights for start in starts],
        readout,
        training,
        device,
        progress=progress,
    )
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
            done.append(networks.train(examples, orders, training.rate(epoch)))
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
            weights=networks.weights(number),
            before=before[number],
            after=after[number],
            history=histories[number].series(),
            stopped=networks.stopped.get(number),
        )
        for number in range(len(starts))
    ]


def first_losses(
    start: Start,
    dataset: Dataset,
    training: Training,
    readout: str,
    device: str,
    steps: int,
    progress: Callable[[str], None] = lambda message: None,
) -> list[float]:
    """The mean loss of each of the first steps of a training, in nats or squared error.

    Parameters
    ----------
    start, dataset, training, readout, device, progress
        As `train_population` takes them, for one network.
    steps
        How many; fewer come back if the first epoch has no more, or the network was stopped.
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
    """What puts a piece of an epoch's examples into order for one network."""
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
        """Take down the first steps' losses: of every epoch that has some, judged or not."""
        for piece in pieces:
            if piece is not None:
                self._onset += piece.losses[: ONSET_STEPS - len(self._onset)].tolist()

    def note(self, pieces: Sequence[Epoch | None], tested: Evaluation, steps: int) -> None:
        """Take down an epoch of so many steps; one that ended early has no training figures."""
        done = [piece for piece in pieces if piece is not None]
        if done:
            losses, answers = (
                np.concatenate(each) for each in zip(*map(_figures, done), strict=True)
            )
            if len(losses) == steps:
                right = sum(piece.accuracy * int(piece.answers.sum()) for piece in done)
                total = int(answers.sum())
                mean = done[0].accuracy if len(done) == 1 else right / total
                self._series["train_loss"].append(
                    _short(math.fsum((losses * answers).tolist()) / total)
                )
                self._series["train_accuracy"].append(_short(mean))
        self._series["test_loss"].append(_short(tested.loss))
        self._series["test_accuracy"].append(tested.accuracy)

    def series(self) -> History:
        """All series; that of onset losses has means of `ONSET_MEAN` steps."""
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
    """Seven digits: what float32 means, in half the characters."""
    return float(f"{figure:.7g}")
