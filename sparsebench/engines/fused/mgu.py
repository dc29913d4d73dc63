"""The minimal gated unit (Zhou, Wu, Zhang and Zhou 2016), in the form of PyTorch's GRU.

f = s(W_if x + b_if + W_hf h + b_hf), n = tanh(W_in x + b_in + f (W_hn h + b_hn)), h' = (1 - f) h +
f n. Stored are f, n and the recurrent half of the candidate, W_hn h + b_hn.
"""

from sparsebench.engines.fused.activations import logistic, tanh
from sparsebench.engines.fused.rows import add_output, add_row, add_two_pairs_of_rows
from sparsebench.engines.fused.simd import (
    LEAST_GRADIENT,
    any_cell,
    at,
    fma,
    jit,
    load,
    splat,
    store,
    without_tiny,
)


@jit
def finish(spec, block, scratch, target, gate, state, forget, new, recurrent):
    """The state of a unit from its gates' sums, at the unit's own rows."""
    hidden, states = block.hidden, scratch.states
    forget = logistic(forget)
    new = tanh(fma(forget, recurrent, new))
    store(spec, scratch.gates, gate, forget)
    store(spec, scratch.gates, gate + hidden, new)
    store(spec, scratch.gates, gate + 2 * hidden, recurrent)
    old = load(spec, states, state)
    blended = fma(forget, new - old, old)
    store(spec, states, state + hidden, blended)
    add_output(spec, block, scratch.units, target, blended)


def forward(spec, plan, block, parameters, scratch, source, target, gate, state):
    """One forward step, two units at a time if they can share memory accesses."""
    spec = any_cell(spec)
    hidden, units, states, biases = block.hidden, scratch.units, scratch.states, scratch.biases
    starts, columns = plan.starts, plan.columns
    j = 0
    while block.h2h_full and j + 2 <= hidden:
        bias, i2h, h2h = block.gates + j, block.i2h + j, block.h2h + j
        forget0, forget1 = splat(spec, at(biases, bias)), splat(spec, at(biases, bias + 1))
        bias += hidden
        new0, new1 = splat(spec, at(biases, bias)), splat(spec, at(biases, bias + 1))
        bias += hidden
        recurrent0, recurrent1 = splat(spec, at(biases, bias)), splat(spec, at(biases, bias + 1))
        forget0, forget1, new0, new1 = add_two_pairs_of_rows(
            spec, parameters, starts, columns, i2h, hidden, block.i2h_full, units, source,
            forget0, forget1, new0, new1,
        )  # fmt: skip
        forget0, forget1, recurrent0, recurrent1 = add_two_pairs_of_rows(
            spec, parameters, starts, columns, h2h, hidden, block.h2h_full, states, state,
            forget0, forget1, recurrent0, recurrent1,
        )  # fmt: skip
        finish(spec, block, scratch, target + j, gate + j, state + j, forget0, new0, recurrent0)
        j += 1
        finish(spec, block, scratch, target + j, gate + j, state + j, forget1, new1, recurrent1)
        j += 1
    while j < hidden:
        bias, i2h, h2h = block.gates + j, block.i2h + j, block.h2h + j
        forget, new = splat(spec, at(biases, bias)), splat(spec, at(biases, bias + hidden))
        recurrent = splat(spec, at(biases, bias + 2 * hidden))
        forget = add_row(spec, parameters, starts, columns, i2h, units, source, forget)
        new = add_row(spec, parameters, starts, columns, i2h + hidden, units, source, new)
        forget = add_row(spec, parameters, starts, columns, h2h, states, state, forget)
        h2h += hidden
        recurrent = add_row(spec, parameters, starts, columns, h2h, states, state, recurrent)
        finish(spec, block, scratch, target + j, gate + j, state + j, forget, new, recurrent)
        j += 1


def backward(spec, block, scratch, target, gate, state):
    """One backward step; the two halves of the candidate have separate gradients."""
    spec, hidden = any_cell(spec), block.hidden
    for j in range(hidden):
        forget = load(spec, scratch.gates, gate + j)
        new = load(spec, scratch.gates, gate + hidden + j)
        recurrent = load(spec, scratch.gates, gate + 2 * hidden + j)
        old = load(spec, scratch.states, state + j)
        arriving = load(spec, scratch.carried, j)
        arriving += load(spec, scratch.unit_gradients, target + j)
        arriving = without_tiny(arriving, LEAST_GRADIENT)
        candidate = arriving * forget * (1.0 - new * new)
        of_forget = fma(candidate, recurrent, arriving * (new - old)) * forget * (1.0 - forget)
        store(spec, scratch.gates, gate + j, of_forget)
        store(spec, scratch.gates, gate + hidden + j, candidate)
        store(spec, scratch.gates, gate + 2 * hidden + j, candidate * forget)
        store(spec, scratch.carried, j, arriving * (1.0 - forget))
