"""Forward passes to time: inputs and weights on the device, device synchronised."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np
import torch
from torch import Tensor

from sparsebench.engines.batches import STACKED, batch, check_classified_letters
from sparsebench.engines.network import StackedNetwork
from sparsebench.engines.populations import check_examples
from sparsebench.parts.examples import CLASSES, Examples
from sparsebench.parts.sparse_layout import FULL_FROM, SparseLayout, sparse_layout
from sparsebench.values.checks import one_of, whole_number
from sparsebench.values.masks import Weights
from sparsebench.values.protocol import Architecture
from sparsebench.values.semantics import CHOICES

STREAMED = 32
"""Most examples that the streaming engine may run together."""

HALF = 0.3
"""Density from which a matrix may be faster with all its entries than by sparse rows."""

_ROUNDS = 5
"""Rounds by which a pass is chosen."""


@dataclass(frozen=True, eq=False)
class ForwardPass:
    """A forward pass over some examples, to be timed.

    Attributes
    ----------
    engine
        What runs it.
    run
        Runs it and returns the logits, (batch_size, classes).
    """

    engine: str
    run: Callable[[], np.ndarray]

    def __call__(self) -> np.ndarray:
        """Run it."""
        return self.run()


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
    layers, steps = _on_layers(architecture, weights, readout, examples, batch_size, device)

    def run() -> np.ndarray:
        with torch.inference_mode():
            logits = layers()
        if device == "cuda":
            torch.cuda.synchronize()
        return logits.cpu().numpy()

    return run, steps


def captured_forward_pass(
    architecture: Architecture,
    weights: Weights,
    readout: str,
    examples: Examples,
    batch_size: int,
    device: str,
) -> ForwardPass:
    """The pass of `forward_pass` on a GPU, captured as a graph there."""
    from sparsebench.engines.gpu.forward import captured

    layers, _ = _on_layers(architecture, weights, readout, examples, batch_size, device)
    return ForwardPass("torch's layers, captured", captured(layers, device))


def _on_layers(
    architecture: Architecture,
    weights: Weights,
    readout: str,
    examples: Examples,
    batch_size: int,
    device: str,
) -> tuple[Callable[[], Tensor], int]:
    """What computes the logits of the first batch by torch's layers, and the batch's time steps."""
    check_classified_letters(examples, *STACKED)
    network = StackedNetwork(architecture, weights, readout).to(device).eval()
    first = slice(batch_size)
    steps = int(examples.lengths[first].max())
    codes, lengths, _ = batch(examples, first, steps, device)
    return lambda: network(codes, lengths), steps


def sparse_forward_pass(
    plan: SparseLayout,
    weights: Weights,
    readout: str,
    examples: Examples,
    batch_size: int,
    device: str,
    others: Sequence[ForwardPass] = (),
) -> ForwardPass:
    """Prepare the forward pass of a sparse network on our engines of the device.

    A CPU runs a single example by the streaming engine, others by what takes least time here: the
    fused engine, by sparse rows or, where about half of a matrix is left, by full ones; and of a few
    examples the streaming engine. A GPU runs what takes least time there: sparse rows, batched
    products captured as a graph, or one of the other passes.

    Parameters
    ----------
    plan, weights, readout, examples, batch_size, device
        As for `forward_pass`.
    others
        Other ways to run the same network on a GPU.

    Raises
    ------
    TypeError, ValueError
        If the readout or the batch's size is not allowed, or the network cannot read the examples.
    """
    one_of("semantics switch readout", readout, CHOICES["readout"])
    whole_number("batch_size", batch_size, 1)
    check_examples([plan], examples)
    if device != "cpu":
        from sparsebench.engines.gpu.forward import passes as on_device

        first = examples.part(0, batch_size)
        return _fastest([*on_device(plan, weights, readout, first, device), *others])
    from sparsebench.engines.fused.forward import sparse_forward_pass as prepare

    passes = []
    if batch_size <= STREAMED and examples.asked != CLASSES:
        passes.append(_streamed_pass(plan, weights, readout, examples.part(0, batch_size)))
        if batch_size == 1:
            return passes[0]
    by_rows = prepare(plan, weights, readout, examples, batch_size)
    passes.append(ForwardPass("sparse rows", by_rows))
    if any(HALF <= mask.mean() < FULL_FROM for mask in plan.masks.values()):
        whole = sparse_layout(plan.layout)
        zeros = plan.unpack(plan.pack(weights))
        full = prepare(whole, zeros, readout, examples, batch_size)
        passes.append(ForwardPass("full rows", full))
    return _fastest(passes)


def _streamed_pass(
    plan: SparseLayout, weights: Weights, readout: str, examples: Examples
) -> ForwardPass:
    from sparsebench.engines.streaming.network import StreamingNetwork

    network = StreamingNetwork(plan.layout, plan.unpack(plan.pack(weights)))
    steps = int(examples.lengths.max())
    inputs, each = examples.inputs[:, :steps], np.arange(len(examples))
    read = np.full(len(examples), steps) if readout == "padded" else examples.lengths
    return ForwardPass("streaming engine", lambda: network.run_batch(inputs)[each, read - 1])


def _fastest(passes: Sequence[ForwardPass]) -> ForwardPass:
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
