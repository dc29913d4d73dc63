"""One block of a network over all time steps of a tile, forward and backward."""

import triton
import triton.language as tl

from sparsebench.engines.gpu import gru, lstm, mgu, plain
from sparsebench.engines.gpu.gradients import delta_sum, write_gradient
from sparsebench.engines.gpu.lanes import store, zeros
from sparsebench.engines.gpu.rows import add_products, add_products_over_time


@triton.jit
def forward_block(
    networks, block, units, steps, parameters, scratch, variant: tl.constexpr
):  # fmt: skip
    """Run a block and add its output to that of its layer.

    The inputs' part of the gates depends on no earlier step, so it is summed beforehand.
    """
    hidden, first_gate = block.hidden, block.gates * steps
    _write_biases(block, steps, parameters, scratch)
    add_products_over_time(
        steps, parameters, networks.starts, networks.columns, block.i2h, block.rows,
        scratch.units, block.source, units, scratch.gates, first_gate, block.stored,
    )  # fmt: skip
    first_state = block.states * (steps + 1)
    for j in range(hidden):
        store(scratch.states, first_state + j, zeros(scratch.states))
        store(scratch.cells, first_state + j, zeros(scratch.cells))
    for t in range(steps):
        target, state = t * units + block.target, first_state + t * hidden
        gate = first_gate + t * block.stored
        if variant == "gru":
            gru.forward(networks, block, parameters, scratch, target, gate, state)
        elif variant == "lstm":
            lstm.forward(networks, block, parameters, scratch, target, gate, state)
        elif variant == "mgu":
            mgu.forward(networks, block, parameters, scratch, target, gate, state)
        else:
            plain.forward(networks, block, parameters, scratch, target, gate, state, variant)


@triton.jit
def backward_block(
    networks, block, units, steps, transposed, scratch, gradient, variant: tl.constexpr
):
    """Propagate a block's output gradient to its inputs, and write the gradients of its weights.

    The gradients of the gates' sums overwrite the gates that the forward pass stored.
    """
    hidden, stride = block.hidden, block.stored
    first_gate, first_state = block.gates * steps, block.states * (steps + 1)
    for j in range(2 * hidden):
        store(scratch.carried, j, zeros(scratch.carried))
    for left in range(steps):
        t = steps - 1 - left
        target, state = t * units + block.target, first_state + t * hidden
        gate = first_gate + t * stride
        if variant == "gru":
            gru.backward(block, scratch, target, gate, state)
        elif variant == "lstm":
            lstm.backward(block, scratch, target, gate, state)
        elif variant == "mgu":
            mgu.backward(block, scratch, target, gate, state)
        else:
            plain.backward(block, scratch, target, gate, state, variant)
        if t > 0:
            add_products(
                transposed, networks.back_starts, networks.back_rows, block.h2h_back, hidden,
                scratch.gates, gate, scratch.carried, 0,
            )  # fmt: skip
    add_products_over_time(
        steps, transposed, networks.back_starts, networks.back_rows, block.i2h_back, block.inputs,
        scratch.gates, first_gate, stride, scratch.unit_gradients, block.source, units,
    )  # fmt: skip
    _write_gradients(networks, block, units, steps, scratch, gradient)


@triton.jit
def _write_biases(block, steps, parameters, scratch):
    """Start every gate's sum with its biases; a candidate of two sums has one for each."""
    first, own = block.gates * steps, block.rows - block.shared
    for row in range(block.rows + own):
        bias = zeros(scratch.gates)
        if row < block.rows:
            bias += tl.load(parameters + block.i2h_bias + row)
        if row < block.shared:
            bias += tl.load(parameters + block.h2h_bias + row)
        if row >= block.rows:
            bias += tl.load(parameters + block.h2h_bias + row - own)
        for t in range(steps):
            store(scratch.gates, first + t * block.stored + row, bias)


@triton.jit
def _write_gradients(networks, block, units, steps, scratch, gradient):
    """The gradients of a block's weights, from those of its gates' sums."""
    starts, columns, stride = networks.starts, networks.columns, block.stored
    rows, shared, own = block.rows, block.shared, block.rows - block.shared
    gate, state = block.gates * steps, block.states * (steps + 1)
    write_gradient(
        steps, starts, columns, block.i2h, rows, scratch.units, block.source, units,
        scratch.gates, gate, stride, gradient,
    )  # fmt: skip
    write_gradient(
        steps, starts, columns, block.h2h, shared, scratch.states, state, block.hidden,
        scratch.gates, gate, stride, gradient,
    )  # fmt: skip
    write_gradient(
        steps, starts, columns, block.h2h + shared, own, scratch.states, state, block.hidden,
        scratch.gates, gate + rows, stride, gradient,
    )  # fmt: skip
    for row in range(rows):
        total = delta_sum(steps, scratch.gates, gate + row, stride)
        tl.store(gradient + block.i2h_bias + row, total)
        if row < shared:
            tl.store(gradient + block.h2h_bias + row, total)
    for row in range(own):
        total = delta_sum(steps, scratch.gates, gate + rows + row, stride)
        tl.store(gradient + block.h2h_bias + shared + row, total)
