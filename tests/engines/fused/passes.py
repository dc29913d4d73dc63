"""One batch through the fused engine's kernels and through the reference, in the same terms."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest
import torch

from sparsebench.engines import reference
from sparsebench.engines.fused import kernels, memory
from sparsebench.engines.fused.first_use import make_ready
from sparsebench.engines.fused.loop_spec import LoopSpec
from sparsebench.engines.reference import ReferenceNetwork
from sparsebench.parts.examples import CLASSES, VALUES, Examples
from sparsebench.parts.sparse_layout import sparse_layout
from tests.network_strategies import SparseNetwork


class Pass(NamedTuple):
    """The mean loss of a batch, how many answers were right, what was said, and the flat gradient."""

    loss: float
    correct: int
    logits: np.ndarray
    gradient: np.ndarray


def fused_pass(
    spec: LoopSpec,
    network: SparseNetwork,
    readout: str,
    examples: Examples,
    order: np.ndarray,
) -> Pass:
    """What the kernels make of a batch, block by block."""
    made, lanes = sparse_layout(network.layout, network.masks), spec.lanes
    every_step = examples.asked == CLASSES
    arrays = memory.plan_arrays(made, readout, lanes)
    parameters = memory.state(made.pack(network.weights, np.dtype(spec.dtype))).parameters
    scratch = memory.scratch([made], examples.inputs.shape[1], every_step, lanes, spec.dtype)
    for array in scratch:
        if array.dtype.kind == "f":
            array[:] = np.nan  # what a network before this one may have left there
    data = memory.data_arrays(examples)
    loss, correct, answers, total = 0.0, 0, 0, np.zeros(made.size)
    gradient = np.full_like(parameters, np.nan)
    make_ready(kernels.block_gradient, spec, arrays, parameters, data, order, 0, scratch, gradient)
    for block in range(-(-len(order) // memory.BLOCK)):
        own, right, answers = kernels.block_gradient(
            spec, arrays, parameters, data, order, block, scratch, gradient
        )
        loss, correct, total = loss + own, correct + right, total + gradient[: made.size]
    logits = np.zeros((len(order), examples.outputs(network.layout.classes)), spec.dtype)
    make_ready(kernels.classify, spec, arrays, parameters, data, order, scratch, logits)
    kernels.classify(spec, arrays, parameters, data, order, scratch, logits)
    return Pass(loss / answers, correct, logits, total)


def reference_pass(
    network: SparseNetwork, readout: str, examples: Examples, order: np.ndarray
) -> Pass:
    """What the reference makes of it in float64."""
    oracle = ReferenceNetwork(
        network.layout, network.weights, network.masks, readout, torch.float64
    )
    steps = int(examples.lengths[order].max())
    inputs = torch.from_numpy(examples.inputs[order, :steps].swapaxes(0, 1).copy())
    inputs = inputs.long() if inputs.dtype == torch.uint8 else inputs.double()
    lengths, answers = (
        torch.from_numpy(each[order]) for each in (examples.lengths, examples.answers)
    )
    said = oracle.logits(inputs, lengths)
    correct = 0
    if examples.asked == CLASSES:
        answers = answers[:, :steps].T
        every = oracle.logits_at_every_step(inputs)
        there = (answers >= 0) & (torch.arange(steps)[:, None] < lengths)
        correct = int(((every.argmax(2) == answers) & there).sum())
        said = torch.zeros(len(order), examples.inputs.shape[1], every.shape[2], dtype=every.dtype)
        said[:, :steps] = every.transpose(0, 1)
        said = said.flatten(1)
    elif examples.asked == VALUES:
        answers = answers.double()
    else:
        correct = int((said.argmax(1) == answers).sum())
    weights = examples.class_weights
    loss = oracle.loss(
        inputs, lengths, answers, None if weights is None else torch.from_numpy(weights)
    )
    loss.backward()
    gradients = {name: item.grad.numpy() for name, item in oracle.parameters.items()}
    flat = sparse_layout(network.layout, network.masks).pack(gradients, np.float64)
    return Pass(float(loss.detach()), correct, said.detach().numpy(), flat)


def nearest_kink(
    network: SparseNetwork, readout: str, strings: Examples, order: np.ndarray
) -> float:
    """The smallest sum, but for zero itself, that a ReLU of the reference is given."""
    sums: list[float] = []
    step = reference._STEPS["rnn_relu"]

    def noted(from_input, from_hidden, hidden, cell):
        size = (from_input + from_hidden).detach().abs()
        sums.append(float(torch.where(size > 0, size, torch.inf).min()))
        return step(from_input, from_hidden, hidden, cell)

    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(reference._STEPS, "rnn_relu", noted)
        reference_pass(network, readout, strings, order)
    return min(sums)


LEAST = 0.01
"""The size of gradients, of mean losses of about one, below which float32 cannot tell five digits."""


def assert_agree(measured: Pass, expected: Pass, tolerance: float) -> None:
    """Losses and logits relative to their size, gradients relative to the network's largest.

    Where the examples' gradients cancel out, what is left is told from `LEAST` on: rounding goes by
    what was added, not by the sum.
    """
    largest = max(1.0, float(np.abs(expected.logits).max()))
    assert abs(measured.loss - expected.loss) <= tolerance * largest
    assert np.abs(measured.logits - expected.logits).max() <= tolerance * largest
    difference = np.abs(measured.gradient - expected.gradient).max()
    assert difference <= tolerance * max(np.abs(expected.gradient).max(), LEAST)
