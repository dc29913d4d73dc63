"""Strings as a network takes them: by time step, on its device."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from sparsebench.parts.strings import LabelledStrings


def batch(
    strings: LabelledStrings, rows: np.ndarray | slice, steps: int, device: torch.device | str
) -> tuple[Tensor, Tensor, Tensor]:
    """Some strings as one batch.

    Parameters
    ----------
    strings
        N strings.
    rows
        Which B of them.
    steps
        Time steps T of the batch: the padded length, no shorter than any of the strings.
    device
        Where the network is.

    Returns
    -------
    codes : Tensor
        (T, B) int64.
    lengths, labels : Tensor
        (B,) int64.
    """
    codes = strings.codes[rows, :steps].T.astype(np.int64)
    arrays = (codes, strings.lengths[rows], strings.labels[rows])
    moved = [torch.from_numpy(array).to(device) for array in arrays]
    return moved[0], moved[1], moved[2]
