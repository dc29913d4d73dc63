"""Accuracy and loss of a network on labelled strings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from sparsebench.engines.batches import batch
from sparsebench.engines.network import StackedNetwork
from sparsebench.engines.reproducibility import reproducible
from sparsebench.parts.strings import LabelledStrings
from sparsebench.values.masks import Weights
from sparsebench.values.protocol import Architecture

_ROWS = 1024
"""Strings per forward pass at most: bounds memory, changes no result."""


@dataclass(frozen=True)
class Evaluation:
    """What a network does on a set of strings.

    Attributes
    ----------
    correct, total
        Strings classified right, and all of them.
    loss
        The mean cross entropy per string, in nats.
    """

    correct: int
    total: int
    loss: float

    @property
    def accuracy(self) -> float:
        """The share of strings classified right, 0-1."""
        return self.correct / self.total


def padded_lengths(lengths: np.ndarray, batch_size: int) -> np.ndarray:
    """The number of steps a network runs for each string when batches are taken in order.

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


def evaluate(network: StackedNetwork, strings: LabelledStrings, batch_size: int) -> Evaluation:
    """Classify strings as in batches of `batch_size` taken in order.

    A string's result depends on its batch mates through the number of padded steps alone, so
    strings with equally many steps are run together, however many batches they come from.

    Parameters
    ----------
    network
        The network, on any device.
    strings
        N strings.
    batch_size
        Strings per batch of the protocol that is reproduced.

    Returns
    -------
    Evaluation
        Correct ones of N, and the mean loss.

    Raises
    ------
    FloatingPointError
        If a logit is NaN or infinite.
    """
    device = network.readout.weight.device
    correct, loss = 0, 0.0
    network.eval()
    with reproducible(), torch.inference_mode():
        for rows, steps in _equally_padded(strings, batch_size):
            codes, lengths, labels = batch(strings, rows, steps, device)
            logits: Tensor = network(codes, lengths)
            if not torch.isfinite(logits).all():
                raise FloatingPointError(
                    f"{network.architecture.variant}: logits are NaN or infinite after {steps} "
                    "steps: the weights overflow; check how they were trained or pruned"
                )
            correct += int((logits.argmax(1) == labels).sum())
            loss += float(torch.nn.functional.cross_entropy(logits, labels, reduction="sum"))
    return Evaluation(correct, len(strings), loss / len(strings))


def evaluate_weights(
    architecture: Architecture,
    weights: Weights,
    readout: str,
    strings: LabelledStrings,
    batch_size: int,
    device: str,
) -> Evaluation:
    """`evaluate` for named arrays: builds their network on a device first."""
    network = StackedNetwork(architecture, weights, readout).to(device)
    return evaluate(network, strings, batch_size)


def _equally_padded(strings: LabelledStrings, batch_size: int) -> Iterator[tuple[np.ndarray, int]]:
    steps = padded_lengths(strings.lengths, batch_size)
    for count in np.unique(steps):
        rows = np.flatnonzero(steps == count)
        for start in range(0, len(rows), _ROWS):
            yield rows[start : start + _ROWS], int(count)
