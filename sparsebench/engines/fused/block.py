"""One block of a network over all time steps of a tile, forward and backward."""

from __future__ import annotations

from sparsebench.engines.fused.cells import backward_cell, forward_cell
from sparsebench.engines.fused.rows import add_products, write_bias_gradient, write_gradient
from sparsebench.engines.fused.simd import jit, load, store


@jit
def forward_block(species, plan, block, steps, parameters, scratch):
    """Run a block and add its output to that of its layer."""
    hidden, rows, shared = block.hidden, block.rows, block.shared
    units = plan.network[0].units
    state = block.states * (steps + 1)
    for j in range(hidden):
        store(species, scratch.states, state + j, 0.0)
        store(species, scratch.cells, state + j, 0.0)
    for t in range(steps):
        gate = block.gates * steps + t * block.stored
        add_products(
            species, parameters, plan.starts, block.i2h, rows, block.i2h_full, plan.columns,
            scratch.units, t * units + block.source,
            scratch.biases, block.gates, scratch.gates, gate,
        )  # fmt: skip
        add_products(
            species, parameters, plan.starts, block.h2h, shared, block.h2h_full,
            plan.columns, scratch.states, state, scratch.biases, -1, scratch.gates, gate,
        )  # fmt: skip
        if rows > shared:
            add_products(
                species, parameters, plan.starts, block.h2h + shared, rows - shared,
                block.h2h_full, plan.columns, scratch.states, state,
                scratch.biases, block.gates + rows, scratch.gates, gate + rows,
            )  # fmt: skip
        forward_cell(species, hidden, scratch.gates, gate, scratch.states, state, scratch.cells)
        state += hidden
        target = t * units + block.target
        for j in range(hidden):
            own = load(species, scratch.states, state + j)
            if block.adds:
                own += load(species, scratch.units, target + j)
            store(species, scratch.units, target + j, own)


@jit
def backward_block(species, plan, block, steps, scratch, gradient):
    """Take a block's output gradient back to its inputs, and write the gradients of its weights."""
    hidden, rows, shared = block.hidden, block.rows, block.shared
    units = plan.network[0].units
    first_state = block.states * (steps + 1)
    first_gate = block.gates * steps
    stride = block.stored
    for j in range(2 * hidden):
        store(species, scratch.carried, j, 0.0)
    for t in range(steps - 1, -1, -1):
        gate = first_gate + t * stride
        target = t * units + block.target
        for j in range(hidden):
            total = load(species, scratch.carried, j)
            total += load(species, scratch.unit_gradients, target + j)
            store(species, scratch.carried, j, total)
        backward_cell(
            species, hidden, scratch.gates, gate, scratch.states, first_state + t * hidden,
            scratch.cells, scratch.carried,
        )  # fmt: skip
        if t:
            add_products(
                species, scratch.transposed, plan.back_starts, block.h2h_back, hidden,
                block.h2h_full, plan.back_rows, scratch.gates, gate,
                scratch.biases, -1, scratch.carried, 0,
            )  # fmt: skip
        add_products(
            species, scratch.transposed, plan.back_starts, block.i2h_back, block.inputs,
            block.i2h_full, plan.back_rows, scratch.gates, gate,
            scratch.biases, -1, scratch.unit_gradients, t * units + block.source,
        )  # fmt: skip
    write_gradient(
        species, steps, plan.starts, block.i2h, rows, block.i2h_full, plan.columns,
        scratch.units, block.source, units, scratch.gates, first_gate, stride, gradient,
    )  # fmt: skip
    write_bias_gradient(
        species, steps, rows, scratch.gates, first_gate, stride, gradient, block.i2h_bias
    )
    write_gradient(
        species, steps, plan.starts, block.h2h, shared, block.h2h_full, plan.columns,
        scratch.states, first_state, hidden, scratch.gates, first_gate, stride, gradient,
    )  # fmt: skip
    for row in range(shared):
        gradient[block.h2h_bias + row] = gradient[block.i2h_bias + row]
    if rows > shared:
        write_gradient(
            species, steps, plan.starts, block.h2h + shared, rows - shared, block.h2h_full, plan.columns,
            scratch.states, first_state, hidden, scratch.gates, first_gate + rows, stride,
            gradient,
        )  # fmt: skip
        write_bias_gradient(
            species, steps, rows - shared, scratch.gates, first_gate + rows, stride, gradient,
            block.h2h_bias + shared,
        )  # fmt: skip
