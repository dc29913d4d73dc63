"""The long short-term memory, as in PyTorch.

i, f, o = s(W x + b_i + W h + b_h) with separate weights, g = tanh of such a sum, c' = f c + i g, h'
= o tanh(c'). Stored are i, f, g, o and tanh(c'), here `entry`, `forget`, `candidate`, `leave` and
`shown`.
"""

import triton
import triton.language as tl

from sparsebench.engines.gpu.activations import logistic, tanh
from sparsebench.engines.gpu.lanes import load, store, zeros
from sparsebench.engines.gpu.rows import add_output, add_row


@triton.jit
def forward(networks, block, parameters, scratch, target, gate, state):
    """One forward step of every unit."""
    hidden, states = block.hidden, scratch.states
    starts, columns = networks.starts, networks.columns
    for j in range(hidden):
        gate0, row = gate + j, block.h2h + j
        entry, forget = load(scratch.gates, gate0), load(scratch.gates, gate0 + hidden)
        candidate = load(scratch.gates, gate0 + 2 * hidden)
        leave = load(scratch.gates, gate0 + 3 * hidden)
        entry = add_row(parameters, starts, columns, row, states, state, entry)
        forget = add_row(parameters, starts, columns, row + hidden, states, state, forget)
        row += 2 * hidden
        candidate = add_row(parameters, starts, columns, row, states, state, candidate)
        leave = add_row(parameters, starts, columns, row + hidden, states, state, leave)
        entry, forget, leave = logistic(entry), logistic(forget), logistic(leave)
        candidate = tanh(candidate)
        cell = tl.fma(forget, load(scratch.cells, state + j), entry * candidate)
        shown = tanh(cell)
        store(scratch.gates, gate0, entry)
        store(scratch.gates, gate0 + hidden, forget)
        store(scratch.gates, gate0 + 2 * hidden, candidate)
        store(scratch.gates, gate0 + 3 * hidden, leave)
        store(scratch.gates, gate0 + 4 * hidden, shown)
        store(scratch.cells, state + hidden + j, cell)
        store(states, state + hidden + j, leave * shown)
        add_output(block, scratch.units, target + j, leave * shown)


@triton.jit
def backward(block, scratch, target, gate, state):
    """One backward step; the cell's gradient is carried along with the hidden state's."""
    hidden = block.hidden
    for j in range(hidden):
        entry = load(scratch.gates, gate + j)
        forget = load(scratch.gates, gate + hidden + j)
        candidate = load(scratch.gates, gate + 2 * hidden + j)
        leave = load(scratch.gates, gate + 3 * hidden + j)
        shown = load(scratch.gates, gate + 4 * hidden + j)
        old = load(scratch.cells, state + j)
        arriving = load(scratch.carried, j) + load(scratch.unit_gradients, target + j)
        cell = load(scratch.carried, hidden + j)
        cell = tl.fma(arriving * leave, 1.0 - shown * shown, cell)
        of_entry = cell * candidate * entry * (1.0 - entry)
        of_forget = cell * old * forget * (1.0 - forget)
        of_candidate = cell * entry * (1.0 - candidate * candidate)
        of_leave = arriving * shown * leave * (1.0 - leave)
        store(scratch.gates, gate + j, of_entry)
        store(scratch.gates, gate + hidden + j, of_forget)
        store(scratch.gates, gate + 2 * hidden + j, of_candidate)
        store(scratch.gates, gate + 3 * hidden + j, of_leave)
        store(scratch.carried, hidden + j, cell * forget)
        store(scratch.carried, j, zeros(scratch.carried))
