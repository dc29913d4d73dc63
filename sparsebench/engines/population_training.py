"""Training a population from start to end: every network by its own seed, judged after every epoch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from sparsebench.engines.devices import population
from sparsebench.engines.evaluation import Evaluation
from sparsebench.engines.populations import Epoch, Stopped
from sparsebench.engines.training import History
from sparsebench.parts.plan import Plan
from sparsebench.parts.strings import Dataset
from sparsebench.values.masks import Weights
from sparsebench.values.protocol import Training
from sparsebench.values.seeding import stream

ONSET_STEPS, ONSET_MEAN = 50, 10
"""The first steps whose losses are kept, as means over so many: they follow from the seed, before
rounding has grown into differences."""


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

    plan: Plan
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
        `train_loss` (mean over strings, nats), `train_accuracy` (while the weights move),
        `test_loss` and `test_accuracy` after each epoch; `onset_loss`, the mean losses of the first
        `ONSET_STEPS` steps, `ONSET_MEAN` together.
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
        Both halves of the data.
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
    histories = [_History() for _ in starts]
    before = after = networks.evaluate(dataset.test, training.batch_size)
    for epoch in range(training.epochs):
        orders = [
            stream("shuffle", start.seed, start.epochs + epoch).permutation(len(dataset.train))
            for start in starts
        ]
        trained = networks.train(dataset.train, orders)
        after = networks.evaluate(dataset.test, training.batch_size)
        for history, done, tested in zip(histories, trained, after, strict=True):
            history.note(done, tested, len(dataset.train), training.batch_size)
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


class _History:
    """The series of one network, epoch by epoch."""

    def __init__(self) -> None:
        self._series: History = {
            "train_loss": [], "train_accuracy": [], "test_loss": [], "test_accuracy": []
        }  # fmt: skip
        self._onset: list[float] = []

    def note(self, done: Epoch | None, tested: Evaluation, strings: int, batch_size: int) -> None:
        """Take down an epoch; one that ended early has no training figures."""
        steps = -(-strings // batch_size)
        if done is not None:
            self._onset += done.losses[: ONSET_STEPS - len(self._onset)].tolist()
            if len(done.losses) == steps:
                sizes = np.full(steps, batch_size)
                sizes[-1] = strings - batch_size * (steps - 1)
                self._series["train_loss"].append(_short(float(done.losses @ sizes) / strings))
                self._series["train_accuracy"].append(_short(done.accuracy))
        self._series["test_loss"].append(_short(tested.loss))
        self._series["test_accuracy"].append(tested.accuracy)

    def series(self) -> History:
        """All series; that of onset losses has means of `ONSET_MEAN` steps."""
        whole = len(self._onset) // ONSET_MEAN
        means = np.reshape(self._onset[: whole * ONSET_MEAN], (whole, ONSET_MEAN)).mean(1)
        return {**self._series, "onset_loss": [_short(loss) for loss in means.tolist()]}


def _short(figure: float) -> float:
    """Seven digits: what float32 means, in half the characters."""
    return float(f"{figure:.7g}")
