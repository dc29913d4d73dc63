"""Evaluation of a network on examples."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Evaluation:
    """The result of a network on some examples.

    Attributes
    ----------
    correct, total
        Number of right answers (0 if numbers are asked for), and of all answers.
    loss
        Mean loss over answers: cross entropy in nats, or squared error.
    """

    correct: int
    total: int
    loss: float

    @property
    def accuracy(self) -> float:
        """The share of right answers, 0-1."""
        return self.correct / self.total


def padded_lengths(lengths: np.ndarray, batch_size: int) -> np.ndarray:
    """The number of steps that a network runs for each string in batches taken in order.

    Parameters
    ----------
    lengths
        (N,) true lengths.
    batch_size
        Strings per batch; the last batch may be shorter.

    Returns
    -------
    numpy.ndarray
        (N,) the longest length in each string's batch.
    """
    starts = np.arange(0, len(lengths), batch_size)
    return np.repeat(np.maximum.reduceat(lengths, starts), batch_size)[: len(lengths)]
