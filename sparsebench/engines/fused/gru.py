"""The gated recurrent unit, as in PyTorch.

r = s(W_ir x + b_ir + W_hr h + b_hr), z likewise, n = tanh(W_in x + b_in + r (W_hn h + b_hn)),
h' = (1 - z) n + z h. Stored are r, z, n and the recurrent half of the candidate, W_hn h + b_hn.
"""

from sparsebench.engines.fused.activations import logistic, tanh
from sparsebench.engines.fused.rows import add_output, add_three_rows
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
        reset, update = splat(spec, at(biases, bias)), splat(spec, at(biases, bias + hidden))
        new = splat(spec, at(biases, bias + 2 * hidden))
        recurrent = splat(spec, at(biases, bias + 3 * hidden))
        reset, update, new = add_three_rows(
            spec, parameters, starts, columns, i2h, hidden, block.i2h_full, units, source,
            reset, update, new,
        )  # fmt: skip
        reset, update, recurrent = add_three_rows(
            spec, parameters, starts, columns, h2h, hidden, block.h2h_full, states, state,
            reset, update, recurrent,
        )  # fmt: skip
        reset, update = logistic(reset), logistic(update)
        new = tanh(fma(reset, recurrent, new))
        store(spec, scratch.gates, gate + j, reset)
        store(spec, scratch.gates, gate + hidden + j, update)
        store(spec, scratch.gates, gate + 2 * hidden + j, new)
        store(spec, scratch.gates, gate + 3 * hidden + j, recurrent)
        blended = fma(update, load(spec, states, state + j) - new, new)
        store(spec, states, state + hidden + j, blended)
        add_output(spec, block, units, target + j, blended)


def backward(spec, block, scratch, target, gate, state):
    """One backward step; the two halves of the candidate have separate gradients."""
    spec, hidden = any_cell(spec), block.hidden
    for j in range(hidden):
        reset = load(spec, scratch.gates, gate + j)
        update = load(spec, scratch.gates, gate + hidden + j)
        new = load(spec, scratch.gates, gate + 2 * hidden + j)
        recurrent = load(spec, scratch.gates, gate + 3 * hidden + j)
        old = load(spec, scratch.states, state + j)
        arriving = load(spec, scratch.carried, j)
        arriving += load(spec, scratch.unit_gradients, target + j)
        arriving = without_tiny(arriving, LEAST_GRADIENT)
        candidate = arriving * (1.0 - update) * (1.0 - new * new)
        of_reset = candidate * recurrent * reset * (1.0 - reset)
        of_update = arriving * (old - new) * update * (1.0 - update)
        store(spec, scratch.gates, gate + j, of_reset)
        store(spec, scratch.gates, gate + hidden + j, of_update)
        store(spec, scratch.gates, gate + 2 * hidden + j, candidate)
        store(spec, scratch.gates, gate + 3 * hidden + j, candidate * reset)
        store(spec, scratch.carried, j, arriving * update)
