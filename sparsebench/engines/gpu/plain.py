"""RNN-Tanh and RNN-ReLU: h' = f(W_i x + b_i + W_h h + b_h)."""

import triton
import triton.language as tl

from sparsebench.engines.gpu.activations import tanh
from sparsebench.engines.gpu.lanes import load, store, zeros
from sparsebench.engines.gpu.rows import add_output, add_row


@triton.jit
def forward(networks, block, parameters, scratch, target, gate, state, variant: tl.constexpr):
    """One forward step of every unit."""
    for j in range(block.hidden):
        total = add_row(
            parameters, networks.starts, networks.columns, block.h2h + j,
            scratch.states, state, load(scratch.gates, gate + j),
        )  # fmt: skip
        total = _activated(total, variant)
        store(scratch.states, state + block.hidden + j, total)
        add_output(block, scratch.units, target + j, total)


@triton.jit
def _activated(total, variant: tl.constexpr):
    """The nonlinearity f; NaN stays NaN."""
    if variant == "rnn_tanh":
        return tanh(total)
    else:  # noqa: RET505 - one branch is compiled, and both have to be branches
        return tl.where(total <= 0.0, 0.0, total)


@triton.jit
def backward(block, scratch, target, gate, state, variant: tl.constexpr):
    """One backward step."""
    for j in range(block.hidden):
        new = load(scratch.states, state + block.hidden + j)
        arriving = load(scratch.carried, j) + load(scratch.unit_gradients, target + j)
        if variant == "rnn_tanh":
            delta = arriving * (1.0 - new * new)
        else:
            delta = tl.where(new <= 0.0, 0.0, arriving)
        store(scratch.gates, gate + j, delta)
        store(scratch.carried, j, zeros(scratch.carried))
