"""The gated recurrent unit, as in PyTorch.

r = s(W_ir x + b_ir + W_hr h + b_hr), z likewise, n = tanh(W_in x + b_in + r (W_hn h + b_hn)),
h' = (1 - z) n + z h. Stored are r, z, n and the recurrent half of the candidate, W_hn h + b_hn.
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
        reset, update = load(scratch.gates, gate0), load(scratch.gates, gate0 + hidden)
        new = load(scratch.gates, gate0 + 2 * hidden)
        recurrent = load(scratch.gates, gate0 + 3 * hidden)
        reset = add_row(parameters, starts, columns, row, states, state, reset)
        update = add_row(parameters, starts, columns, row + hidden, states, state, update)
        row += 2 * hidden
        recurrent = add_row(parameters, starts, columns, row, states, state, recurrent)
        reset, update = logistic(reset), logistic(update)
        new = tanh(tl.fma(reset, recurrent, new))
        store(scratch.gates, gate0, reset)
        store(scratch.gates, gate0 + hidden, update)
        store(scratch.gates, gate0 + 2 * hidden, new)
        store(scratch.gates, gate0 + 3 * hidden, recurrent)
        blended = tl.fma(update, load(states, state + j) - new, new)
        store(states, state + hidden + j, blended)
        add_output(block, scratch.units, target + j, blended)


@triton.jit
def backward(block, scratch, target, gate, state):
    """One backward step; the two halves of the candidate have separate gradients."""
    hidden = block.hidden
    for j in range(hidden):
        reset = load(scratch.gates, gate + j)
        update = load(scratch.gates, gate + hidden + j)
        new = load(scratch.gates, gate + 2 * hidden + j)
        recurrent = load(scratch.gates, gate + 3 * hidden + j)
        old = load(scratch.states, state + j)
        arriving = load(scratch.carried, j) + load(scratch.unit_gradients, target + j)
        candidate = arriving * (1.0 - update) * (1.0 - new * new)
        of_reset = candidate * recurrent * reset * (1.0 - reset)
        of_update = arriving * (old - new) * update * (1.0 - update)
        store(scratch.gates, gate + j, of_reset)
        store(scratch.gates, gate + hidden + j, of_update)
        store(scratch.gates, gate + 2 * hidden + j, candidate)
        store(scratch.gates, gate + 3 * hidden + j, candidate * reset)
        store(scratch.carried, j, arriving * update)
