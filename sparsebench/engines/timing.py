"""Forward passes to time: inputs and weights on the device, device synchronised."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from statistics import median

import numpy as np
import torch

from sparsebench.engines.batches import STACKED, batch, check_classified_letters
from sparsebench.engines.devices import population
from sparsebench.engines.network import StackedNetwork
from sparsebench.engines.populations import check_examples
from sparsebench.parts.examples import CLASSES, Examples
from sparsebench.parts.sparse_layout import FULL_FROM, SparseLayout, sparse_layout
from sparsebench.values.checks import one_of, whole_number
from sparsebench.values.masks import Weights
from sparsebench.values.protocol import Architecture, Training
from sparsebench.values.semantics import CHOICES

STREAMED = 32
"""Most examples that the streaming engine may run together."""

HALF = 0.3
"""Density from which a matrix may be faster with all its entries than by sparse rows."""

_ROUNDS = 5
"""Rounds by which a pass is chosen."""


def forward_pass(
    architecture: Architecture,
    weights: Weights,
    readout: str,
    examples: Examples,
    batch_size: int,
    device: str,
) -> tuple[Callable[[], np.ndarray], int]:
    """Prepare the forward pass of torch's layers over the first batch of some examples.

    Parameters
    ----------
    architecture, weights, readout
        The network.
    examples
        The examples that the batch is taken from.
    batch_size
        Examples in the batch.
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
    check_classified_letters(examples, *STACKED)
    network = StackedNetwork(architecture, weights, readout).to(device).eval()
    first = slice(batch_size)
    steps = int(examples.lengths[first].max())
    codes, lengths, _ = batch(examples, first, steps, device)

    def run() -> np.ndarray:
        with torch.inference_mode():
            logits = network(codes, lengths)
        if device == "cuda":
            torch.cuda.synchronize()
        return logits.cpu().numpy()

    return run, steps


def sparse_forward_pass(
    plan: SparseLayout,
    weights: Weights,
    readout: str,
    examples: Examples,
    batch_size: int,
    device: str,
) -> Callable[[], np.ndarray]:
    """Prepare the forward pass of a sparse network on our engines of the device.

    A CPU runs a single example by the streaming engine, others by what takes least time here: the
    fused engine, by sparse rows or, where about half of a matrix is left, by full ones; and of a few
    examples the streaming engine.

    Returns
    -------
    callable
        Runs the pass and returns the logits (batch_size, classes).

    Raises
    ------
    TypeError, ValueError
        If the readout or the batch's size is not allowed, or the network cannot read the examples.
    """
    if device == "cpu":
        from sparsebench.engines.fused.forward import sparse_forward_pass as prepare

        one_of("semantics switch readout", readout, CHOICES["readout"])
        whole_number("batch_size", batch_size, 1)
        check_examples([plan], examples)
        passes = []
        if batch_size <= STREAMED and examples.asked != CLASSES:
            passes.append(_streamed_pass(plan, weights, readout, examples.part(0, batch_size)))
            if batch_size == 1:
                return passes[0]
        passes.append(prepare(plan, weights, readout, examples, batch_size))
        if any(HALF <= mask.mean() < FULL_FROM for mask in plan.masks.values()):
            whole = sparse_layout(plan.layout)
            zeros = plan.unpack(plan.pack(weights))
            passes.append(prepare(whole, zeros, readout, examples, batch_size))
        return _fastest(passes)
    networks = population([plan], [weights], readout, Training(batch_size=batch_size), device)
    first = examples.part(0, batch_size)
    return lambda: networks.logits(first, batch_size)[0]


def _streamed_pass(
    plan: SparseLayout, weights: Weights, readout: str, examples: Examples
) -> Callable[[], np.ndarray]:
    from sparsebench.engines.streaming.network import StreamingNetwork

    network = StreamingNetwork(plan.layout, plan.unpack(plan.pack(weights)))
    steps = int(examples.lengths.max())
    inputs, each = examples.inputs[:, :steps], np.arange(len(examples))
    read = np.full(len(examples), steps) if readout == "padded" else examples.lengths
    return lambda: network.run_batch(inputs)[each, read - 1]


def _fastest(passes: Sequence[Callable[[], np.ndarray]]) -> Callable[[], np.ndarray]:
    """The pass that takes least time; a single one is not timed."""
    if len(passes) == 1:
        return passes[0]
    times: list[list[float]] = [[] for _ in passes]
    for number in range(_ROUNDS + 1):
        for run, own in zip(passes, times, strict=True):
            begin = time.perf_counter()
            run()
            if number:  # the first is a warm-up
                own.append(time.perf_counter() - begin)
    return min(zip(times, passes, strict=True), key=lambda pair: median(pair[0]))[1]
