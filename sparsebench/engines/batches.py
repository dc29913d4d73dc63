"""Batches of examples for torch's layers: by time step, on the device."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from sparsebench.parts.examples import CLASS, Examples

STACKED = "torch's layers here", "train and evaluate others in a population"
"""Reader and remedy for the error of `check_classified_letters` about stacked networks."""


def batch(
    examples: Examples, rows: np.ndarray | slice, steps: int, device: torch.device | str
) -> tuple[Tensor, Tensor, Tensor]:
    """Some examples as one batch.

    Parameters
    ----------
    examples
        N sequences of letters with one class each.
    rows
        The B examples of the batch.
    steps
        Time steps T of the batch: the padded length, at least that of every sequence.
    device
        The network's device.
        Where the network is.

    Returns
    -------
    codes : Tensor
        (T, B) int64.
    lengths, classes : Tensor
        (B,) int64.
    """
    codes = examples.inputs[rows, :steps].T.astype(np.int64)
    arrays = (codes, examples.lengths[rows], examples.answers[rows])
    moved = [torch.from_numpy(array).to(device) for array in arrays]
    return moved[0], moved[1], moved[2]


def check_classified_letters(examples: Examples, reader: str, remedy: str) -> None:
    """Refuse examples other than letters with one class per sequence.

    Raises
    ------
    ValueError
        If they have vectors, or ask for classes after steps, or for numbers, or weigh classes.
    """
    if examples.class_weights is not None:
        raise ValueError(f"examples with weights of classes: {reader} count all alike; {remedy}")
    if not examples.letters or examples.asked != CLASS:
        raise ValueError(
            f"examples of inputs {examples.inputs.dtype} {examples.inputs.shape} and answers "
            f"{examples.answers.dtype} {examples.answers.shape}: {reader} read letters (N, T) and say "
            f"one class of each sequence (N,); {remedy}"
        )
