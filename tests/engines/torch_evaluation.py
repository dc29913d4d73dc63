"""Accuracy and loss by torch's recurrent layers, which the engine's are checked against."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from sparsebench.engines.batches import STACKED, batch, check_classified_letters
from sparsebench.engines.evaluation import Evaluation, padded_lengths
from sparsebench.engines.network import StackedNetwork
from sparsebench.engines.reproducibility import reproducible
from sparsebench.parts.examples import Examples
from sparsebench.values.masks import Weights
from sparsebench.values.protocol import Architecture

_ROWS = 1024
"""Strings per forward pass at most: bounds memory, changes no result."""


def evaluate(network: StackedNetwork, examples: Examples, batch_size: int) -> Evaluation:
    """Classify examples as in batches of `batch_size` taken in order.

    An example's result depends on its batch mates through the number of padded steps alone, so
    those with equally many steps are run together, however many batches they come from.

    Parameters
    ----------
    network
        The network, on any device.
    examples
        N sequences of letters that have one class each.
    batch_size
        Examples per batch of the protocol that is reproduced.

    Returns
    -------
    Evaluation
        Correct ones of N, and the mean loss.

    Raises
    ------
    FloatingPointError
        If a logit is NaN or infinite.
    ValueError
        If vectors are to be read, or other answers given than one class of each sequence.
    """
    check_classified_letters(examples, *STACKED)
    device = network.readout.weight.device
    correct, loss = 0, 0.0
    network.eval()
    with reproducible(), torch.inference_mode():
        for rows, steps in _equally_padded(examples, batch_size):
            codes, lengths, labels = batch(examples, rows, steps, device)
            logits: Tensor = network(codes, lengths)
            if not torch.isfinite(logits).all():
                raise FloatingPointError(
                    f"{network.architecture.variant}: logits are NaN or infinite after {steps} "
                    "steps: the weights overflow; check how they were trained or pruned"
                )
            correct += int((logits.argmax(1) == labels).sum())
            loss += float(torch.nn.functional.cross_entropy(logits, labels, reduction="sum"))
    return Evaluation(correct, len(examples), loss / len(examples))


def evaluate_weights(
    architecture: Architecture,
    weights: Weights,
    readout: str,
    examples: Examples,
    batch_size: int,
    device: str,
) -> Evaluation:
    """`evaluate` for named arrays: builds their network on a device first."""
    network = StackedNetwork(architecture, weights, readout).to(device)
    return evaluate(network, examples, batch_size)


def _equally_padded(examples: Examples, batch_size: int) -> Iterator[tuple[np.ndarray, int]]:
    steps = padded_lengths(examples.lengths, batch_size)
    for count in np.unique(steps):
        rows = np.flatnonzero(steps == count)
        for start in range(0, len(rows), _ROWS):
            yield rows[start : start + _ROWS], int(count)
