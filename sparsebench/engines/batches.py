"""Examples as torch's layers take them: by time step, on their device."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from sparsebench.parts.examples import CLASS, Examples

STACKED = "torch's layers here", "train and evaluate others in a population"
"""The reader of `check_classified_letters` that stacked networks are, and the remedy."""


def batch(
    examples: Examples, rows: np.ndarray | slice, steps: int, device: torch.device | str
) -> tuple[Tensor, Tensor, Tensor]:
    """Some examples as one batch.

    Parameters
    ----------
    examples
        N sequences of letters that have one class each.
    rows
        Which B of them.
    steps
        Time steps T of the batch: the padded length, no shorter than any of the sequences.
    device
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
    """Refuse examples for a reader who reads letters, and says one class of each sequence.

    Raises
    ------
    ValueError
        If they have vectors, or ask for classes after steps, or for numbers.
    """
    if not examples.letters or examples.asked != CLASS:
        raise ValueError(
            f"examples of inputs {examples.inputs.dtype} {examples.inputs.shape} and answers "
            f"{examples.answers.dtype} {examples.answers.shape}: {reader} read letters (N, T) and say "
            f"one class of each sequence (N,); {remedy}"
        )
