"""The long short-term memory, as in PyTorch.

i, f, o = s(W x + b_i + W h + b_h) with separate weights, g = tanh of such a sum, c' = f c + i g, h'
= o tanh(c'). Stored are i, f, g, o and tanh(c'), here `entry`, `forget`, `candidate`, `leave` and
`shown`.
"""

from sparsebench.engines.fused.activations import logistic, tanh
from sparsebench.engines.fused.rows import add_four_rows, add_output
from sparsebench.engines.fused.simd import (
    LEAST_GRADIENT,
    any_cell,
    at,
    fma,
    load,
    splat,
    store,
    without_tiny,
)


def forward(spec, plan, block, parameters, scratch, source, target, gate, state):
    """One forward step of every unit."""
    spec = any_cell(spec)
    hidden, units, states, biases = block.hidden, scratch.units, scratch.states, scratch.biases
    starts, columns = plan.starts, plan.columns
    for j in range(hidden):
        bias, i2h, h2h = block.gates + j, block.i2h + j, block.h2h + j
        entry, forget = splat(spec, at(biases, bias)), splat(spec, at(biases, bias + hidden))
        candidate = splat(spec, at(biases, bias + 2 * hidden))
        leave = splat(spec, at(biases, bias + 3 * hidden))
        entry, forget, candidate, leave = add_four_rows(
            spec, parameters, starts, columns, i2h, hidden, block.i2h_full, units, source,
            entry, forget, candidate, leave,
        )  # fmt: skip
        entry, forget, candidate, leave = add_four_rows(
            spec, parameters, starts, columns, h2h, hidden, block.h2h_full, states, state,
            entry, forget, candidate, leave,
        )  # fmt: skip
        entry, forget, leave = logistic(entry), logistic(forget), logistic(leave)
        candidate = tanh(candidate)
        cell = fma(forget, load(spec, scratch.cells, state + j), entry * candidate)
        shown = tanh(cell)
        store(spec, scratch.gates, gate + j, entry)
        store(spec, scratch.gates, gate + hidden + j, forget)
        store(spec, scratch.gates, gate + 2 * hidden + j, candidate)
        store(spec, scratch.gates, gate + 3 * hidden + j, leave)
        store(spec, scratch.gates, gate + 4 * hidden + j, shown)
        store(spec, scratch.cells, state + hidden + j, cell)
        store(spec, states, state + hidden + j, leave * shown)
        add_output(spec, block, units, target + j, leave * shown)


def backward(spec, block, scratch, target, gate, state):
    """One backward step; the cell's gradient is carried along with the hidden state's."""
    spec, hidden = any_cell(spec), block.hidden
    for j in range(hidden):
        entry = load(spec, scratch.gates, gate + j)
        forget = load(spec, scratch.gates, gate + hidden + j)
        candidate = load(spec, scratch.gates, gate + 2 * hidden + j)
        leave = load(spec, scratch.gates, gate + 3 * hidden + j)
        shown = load(spec, scratch.gates, gate + 4 * hidden + j)
        old = load(spec, scratch.cells, state + j)
        arriving = load(spec, scratch.carried, j)
        arriving += load(spec, scratch.unit_gradients, target + j)
        arriving = without_tiny(arriving, LEAST_GRADIENT)
        cell = load(spec, scratch.carried, hidden + j)
        cell = fma(arriving * leave, 1.0 - shown * shown, cell)
        cell = without_tiny(cell, LEAST_GRADIENT)
        of_entry = cell * candidate * entry * (1.0 - entry)
        of_forget = cell * old * forget * (1.0 - forget)
        of_candidate = cell * entry * (1.0 - candidate * candidate)
        of_leave = arriving * shown * leave * (1.0 - leave)
        store(spec, scratch.gates, gate + j, of_entry)
        store(spec, scratch.gates, gate + hidden + j, of_forget)
        store(spec, scratch.gates, gate + 2 * hidden + j, of_candidate)
        store(spec, scratch.gates, gate + 3 * hidden + j, of_leave)
        store(spec, scratch.carried, hidden + j, cell * forget)
        store(spec, scratch.carried, j, 0.0)
