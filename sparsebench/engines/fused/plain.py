"""RNN-Tanh and RNN-ReLU: h' = f(W_i x + b_i + W_h h + b_h)."""

from __future__ import annotations

from numba.extending import overload

from sparsebench.engines.fused.activations import tanh
from sparsebench.engines.fused.rows import add_four_rows, add_output, add_row
from sparsebench.engines.fused.simd import (
    LEAST_GRADIENT,
    any_cell,
    at,
    load,
    splat,
    store,
    where_positive,
    without_tiny,
)


def activate(spec, total):
    """The nonlinearity f."""


def through(spec, new, delta):
    """`delta` times the derivative of f, computed from its value `new`."""


@overload(activate)
def _activate(spec, total):
    if spec.variant == "rnn_tanh":
        return lambda spec, total: tanh(total)
    return lambda spec, total: where_positive(total, total)


@overload(through)
def _through(spec, new, delta):
    if spec.variant == "rnn_tanh":
        return lambda spec, new, delta: delta * (1.0 - new * new)
    return lambda spec, new, delta: where_positive(new, delta)


def forward(spec, plan, block, parameters, scratch, source, target, gate, state):
    """One forward step, four units at a time if they can share memory accesses."""
    vectors = any_cell(spec)
    hidden, units, states, biases = block.hidden, scratch.units, scratch.states, scratch.biases
    starts, columns = plan.starts, plan.columns
    j = 0
    while block.h2h_full and j + 4 <= hidden:
        bias, i2h, h2h = block.gates + j, block.i2h + j, block.h2h + j
        sum0, sum1 = splat(vectors, at(biases, bias)), splat(vectors, at(biases, bias + 1))
        sum2, sum3 = splat(vectors, at(biases, bias + 2)), splat(vectors, at(biases, bias + 3))
        sum0, sum1, sum2, sum3 = add_four_rows(
            vectors, parameters, starts, columns, i2h, 1, block.i2h_full, units, source,
            sum0, sum1, sum2, sum3,
        )  # fmt: skip
        sum0, sum1, sum2, sum3 = add_four_rows(
            vectors, parameters, starts, columns, h2h, 1, block.h2h_full, states, state,
            sum0, sum1, sum2, sum3,
        )  # fmt: skip
        new, output = state + hidden + j, target + j
        sum0, sum1 = activate(spec, sum0), activate(spec, sum1)
        sum2, sum3 = activate(spec, sum2), activate(spec, sum3)
        store(vectors, states, new, sum0)
        store(vectors, states, new + 1, sum1)
        store(vectors, states, new + 2, sum2)
        store(vectors, states, new + 3, sum3)
        add_output(vectors, block, units, output, sum0)
        add_output(vectors, block, units, output + 1, sum1)
        add_output(vectors, block, units, output + 2, sum2)
        add_output(vectors, block, units, output + 3, sum3)
        j += 4
    while j < hidden:
        total = splat(vectors, at(biases, block.gates + j))
        total = add_row(vectors, parameters, starts, columns, block.i2h + j, units, source, total)
        total = add_row(vectors, parameters, starts, columns, block.h2h + j, states, state, total)
        total = activate(spec, total)
        store(vectors, states, state + hidden + j, total)
        add_output(vectors, block, units, target + j, total)
        j += 1


def backward(spec, block, scratch, target, gate, state):
    """One backward step."""
    vectors = any_cell(spec)
    for j in range(block.hidden):
        new = load(vectors, scratch.states, state + block.hidden + j)
        arriving = load(vectors, scratch.carried, j)
        arriving += load(vectors, scratch.unit_gradients, target + j)
        arriving = without_tiny(arriving, LEAST_GRADIENT)
        store(vectors, scratch.gates, gate + j, through(spec, new, arriving))
        store(vectors, scratch.carried, j, 0.0)
