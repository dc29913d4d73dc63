"""A forward pass to time: inputs on the device, weights in place, device synchronised."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch

from sparsebench.engines.network import StackedNetwork
from sparsebench.parts.strings import LabelledStrings
from sparsebench.values.case import Architecture
from sparsebench.values.masks import Weights


def forward_pass(
    architecture: Architecture,
    weights: Weights,
    readout: str,
    strings: LabelledStrings,
    batch_size: int,
    device: str,
) -> tuple[Callable[[], None], int]:
    """Prepare the classification of the first batch of some strings.

    Parameters
    ----------
    architecture, weights, readout
        The network.
    strings
        Where the batch is taken from.
    batch_size
        Strings in the batch.
    device
        `cpu` or `cuda`.

    Returns
    -------
    run : callable
        Runs the pass and returns when the device has finished it.
    steps : int
        Time steps of the batch.
    """
    network = StackedNetwork(architecture, weights, readout).to(device).eval()
    lengths = strings.lengths[:batch_size]
    steps = int(lengths.max())
    codes = torch.from_numpy(strings.codes[:batch_size, :steps].T.astype(np.int64)).to(device)
    true_lengths = torch.from_numpy(lengths).to(device)

    def run() -> None:
        with torch.inference_mode():
            network(codes, true_lengths)
        if device == "cuda":
            torch.cuda.synchronize()

    return run, steps
