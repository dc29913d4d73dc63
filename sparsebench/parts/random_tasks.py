"""Random tasks: labels to memorise, vectors to recall, a function to memorise.

References
----------
Collins, J., Sohl-Dickstein, J., Sussillo, D. (2016). Capacity and trainability in recurrent neural
networks. arXiv:1611.09913.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from sparsebench.parts.draws import normal, uniform
from sparsebench.parts.elementary import LN2, log
from sparsebench.parts.examples import Examples, Halves
from sparsebench.values.seeding import stream
from sparsebench.values.tasks import RandomFunction, RandomLabels, Recall

PIECE = 8192
"""Points of a function that are drawn, and held in memory, at a time."""


@dataclass(frozen=True)
class Points:
    """The points of a random function as a dataset, drawn piece by piece."""

    task: RandomFunction

    def pieces(self, epoch: int) -> Iterator[Examples]:
        """All points, in the same pieces in every epoch."""
        for number in range(-(-self.task.samples // PIECE)):
            yield self._piece(number)

    @property
    def test(self) -> Examples:
        """The first points, because the task is to memorise them."""
        pieces = [self._piece(number) for number in range(-(-self.task.judged // PIECE))]
        inputs, lengths, answers = (
            np.concatenate([getattr(piece, name) for piece in pieces])
            for name in ("inputs", "lengths", "answers")
        )
        return Examples(inputs, lengths, answers).part(0, self.task.judged)

    def _piece(self, number: int) -> Examples:
        task = self.task
        count = min(PIECE, task.samples - number * PIECE)
        random = stream("function", task.seed, number)
        drawn = normal(random, (count * (task.steps + 1),)).astype(np.float32)
        inputs = drawn[: count * task.steps].reshape(count, task.steps, 1)
        answers = drawn[count * task.steps :].reshape(count, 1)
        return Examples(inputs, np.full(count, task.steps, np.int64), answers)


def random_labels(task: RandomLabels) -> Halves:
    """Draw different binary vectors and their labels; training and test examples are the same."""
    random = stream("labels", task.seed, task.width, task.samples)
    numbers: dict[int, None] = {}
    while len(numbers) < task.samples:
        wanted = task.samples - len(numbers)
        for number in random.randint(0, 2**task.width, size=wanted, dtype=np.int64):
            numbers.setdefault(int(number))
    bits = (np.array([*numbers], np.int64)[:, None] >> np.arange(task.width)) & 1
    vectors = (2 * bits - 1).astype(np.float32)[:, None, :]
    shown = np.ascontiguousarray(np.repeat(vectors, task.steps, axis=1))
    lengths = np.full(task.samples, task.steps, np.int64)
    labels = random.randint(0, 2, size=task.samples, dtype=np.int64)
    examples = Examples(shown, lengths, labels)
    return Halves(examples, examples)


def recall(task: Recall) -> Halves:
    """Draw vectors that are shown at the first step and asked for at the last."""
    halves = []
    for name, count in (("train", task.train), ("test", task.test)):
        random = stream("recall", task.seed, name)
        vectors = uniform(random, -1, 1, (count, task.width)).astype(np.float32)
        shown = np.zeros((count, task.delay + 1, task.width), np.float32)
        shown[:, 0] = vectors
        halves.append(Examples(shown, np.full(count, task.delay + 1, np.int64), vectors))
    return Halves(*halves)


def stored_bits(samples: int, accuracy: float) -> float:
    """Mutual information between the labels of random vectors and a network's answers, in bits.

    For b samples with accuracy p, b + b (p log2 p + (1 - p) log2(1 - p)): zero at chance level, b
    if all are right (report on capacity, section IV.A).

    Raises
    ------
    ValueError
        If the accuracy is not from 0 to 1.
    """
    if not 0 <= accuracy <= 1:
        raise ValueError(f"accuracy is {accuracy}: give a share from 0 to 1")
    entropy = sum(
        -share * float(log(share)) / LN2 for share in (accuracy, 1 - accuracy) if share > 0
    )
    return samples * (1 - entropy)
