"""A forward pass to time: inputs on the device, weights in place, device synchronised."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch

from sparsebench.engines.batches import batch
from sparsebench.engines.network import StackedNetwork
from sparsebench.parts.plan import Plan
from sparsebench.parts.strings import LabelledStrings
from sparsebench.values.masks import Weights
from sparsebench.values.protocol import Architecture, Training


def forward_pass(
    architecture: Architecture,
    weights: Weights,
    readout: str,
    strings: LabelledStrings,
    batch_size: int,
    device: str,
) -> tuple[Callable[[], np.ndarray], int]:
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
        Runs the pass on torch's recurrent layers and returns the logits (batch_size, classes) when
        the device has finished.
    steps : int
        Time steps of the batch.
    """
    network = StackedNetwork(architecture, weights, readout).to(device).eval()
    first = slice(batch_size)
    steps = int(strings.lengths[first].max())
    codes, lengths, _ = batch(strings, first, steps, device)

    def run() -> np.ndarray:
        with torch.inference_mode():
            logits = network(codes, lengths)
        if device == "cuda":
            torch.cuda.synchronize()
        return logits.cpu().numpy()

    return run, steps


def sparse_forward_pass(
    plan: Plan,
    weights: Weights,
    readout: str,
    strings: LabelledStrings,
    batch_size: int,
    device: str,
) -> Callable[[], np.ndarray]:
    """The same for the sparse rows of any network, on the fused engine of the device.

    Returns
    -------
    callable
        Runs the pass and returns the logits (batch_size, classes).
    """
    if device == "cpu":
        from sparsebench.engines.fused.forward import sparse_forward_pass as prepare

        return prepare(plan, weights, readout, strings, batch_size)
    from sparsebench.engines.gpu.population import GpuPopulation

    network = GpuPopulation([plan], [weights], readout, Training(batch_size=batch_size), device)
    first = LabelledStrings(
        strings.codes[:batch_size], strings.lengths[:batch_size], strings.labels[:batch_size]
    )
    return lambda: network.logits(first, batch_size)[0]
