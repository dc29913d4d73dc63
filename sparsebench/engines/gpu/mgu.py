"""The minimal gated unit (Zhou, Wu, Zhang and Zhou 2016), in the form of PyTorch's GRU.

f = s(W_if x + b_if + W_hf h + b_hf), n = tanh(W_in x + b_in + f (W_hn h + b_hn)), h' = (1 - f) h +
f n. Stored are f, n and the recurrent half of the candidate, W_hn h + b_hn.
"""

import triton
import triton.language as tl

from sparsebench.engines.gpu.activations import logistic, tanh
from sparsebench.engines.gpu.lanes import load, store
from sparsebench.engines.gpu.rows import add_output, add_row


@triton.jit
def forward(networks, block, parameters, scratch, target, gate, state):
    """One forward step of every unit."""
    hidden, states = block.hidden, scratch.states
    starts, columns = networks.starts, networks.columns
    for j in range(hidden):
        gate0, row = gate + j, block.h2h + j
        forget, new = load(scratch.gates, gate0), load(scratch.gates, gate0 + hidden)
        recurrent = load(scratch.gates, gate0 + 2 * hidden)
        forget = add_row(parameters, starts, columns, row, states, state, forget)
        row += hidden
        recurrent = add_row(parameters, starts, columns, row, states, state, recurrent)
        forget = logistic(forget)
        new = tanh(tl.fma(forget, recurrent, new))
        store(scratch.gates, gate0, forget)
        store(scratch.gates, gate0 + hidden, new)
        store(scratch.gates, gate0 + 2 * hidden, recurrent)
        old = load(states, state + j)
        blended = tl.fma(forget, new - old, old)
        store(states, state + hidden + j, blended)
        add_output(block, scratch.units, target + j, blended)


@triton.jit
def backward(block, scratch, target, gate, state):
    """One backward step; the two halves of the candidate have separate gradients."""
    hidden = block.hidden
    for j in range(hidden):
        forget = load(scratch.gates, gate + j)
        new = load(scratch.gates, gate + hidden + j)
        recurrent = load(scratch.gates, gate + 2 * hidden + j)
        old = load(scratch.states, state + j)
        arriving = load(scratch.carried, j) + load(scratch.unit_gradients, target + j)
        candidate = arriving * forget * (1.0 - new * new)
        of_forget = arriving * (new - old) + candidate * recurrent
        store(scratch.gates, gate + j, of_forget * forget * (1.0 - forget))
        store(scratch.gates, gate + hidden + j, candidate)
        store(scratch.gates, gate + 2 * hidden + j, candidate * forget)
        store(scratch.carried, j, arriving * (1.0 - forget))
