"""One block of a network over all time steps of a tile, forward and backward."""

from sparsebench.engines.fused.cells import backward_cell, forward_cell
from sparsebench.engines.fused.gradients import write_bias_gradient, write_gradient
from sparsebench.engines.fused.rows import add_products
from sparsebench.engines.fused.simd import any_cell, jit, record, store


@jit
def forward_block(spec, plan, block, steps, parameters, scratch):
    """Run a block and add its output to that of its layer.

    If no backward pass follows, the gates of each step overwrite those of the previous step.
    """
    vectors = any_cell(spec)
    hidden, units = block.hidden, record(plan.network, 0).units
    kept = block.stored * record(plan.network, 0).keeps_gates
    state, gate = block.states * (steps + 1), block.gates * steps
    for j in range(hidden):
        store(vectors, scratch.states, state + j, 0.0)
        store(vectors, scratch.cells, state + j, 0.0)
    for t in range(steps):
        source, target = t * units + block.source, t * units + block.target
        forward_cell(spec, plan, block, parameters, scratch, source, target, gate, state)
        state += hidden
        gate += kept


@jit
def backward_block(spec, plan, block, steps, scratch, gradient):
    """Propagate a block's output gradient to its inputs, and write the gradients of its weights.

    The gradients of the gates' sums overwrite the gates that the forward pass stored.
    """
    vectors = any_cell(spec)
    hidden, units, stride = block.hidden, record(plan.network, 0).units, block.stored
    first_gate, first_state = block.gates * steps, block.states * (steps + 1)
    for j in range(2 * hidden):
        store(vectors, scratch.carried, j, 0.0)
    for t in range(steps - 1, -1, -1):
        target, gate = t * units + block.target, first_gate + t * stride
        backward_cell(spec, block, scratch, target, gate, first_state + t * hidden)
        if t:
            add_products(
                vectors, scratch.transposed, plan.back_starts, plan.back_rows, block.h2h_back,
                hidden, block.h2h_full, scratch.gates, gate, scratch.carried, 0,
            )  # fmt: skip
        add_products(
            vectors, scratch.transposed, plan.back_starts, plan.back_rows, block.i2h_back,
            block.inputs, block.i2h_full, scratch.gates, gate,
            scratch.unit_gradients, t * units + block.source,
        )  # fmt: skip
    _write_gradients(spec, plan, block, steps, scratch, gradient)


@jit
def _write_gradients(spec, plan, block, steps, scratch, gradient):
    """The gradients of a block's weights, from those of its gates' sums."""
    spec = any_cell(spec)
    starts, columns, stride = plan.starts, plan.columns, block.stored
    rows, shared, own = block.rows, block.shared, block.rows - block.shared
    gate, state = block.gates * steps, block.states * (steps + 1)
    write_gradient(
        spec, steps, starts, columns, block.i2h, rows, block.i2h_full, scratch.units,
        block.source, record(plan.network, 0).units, scratch.gates, gate, stride, gradient,
    )  # fmt: skip
    write_gradient(
        spec, steps, starts, columns, block.h2h, shared, block.h2h_full, scratch.states,
        state, block.hidden, scratch.gates, gate, stride, gradient,
    )  # fmt: skip
    write_bias_gradient(spec, steps, rows, scratch.gates, gate, stride, gradient, block.i2h_bias)
    for row in range(shared):
        gradient[block.h2h_bias + row] = gradient[block.i2h_bias + row]
    if own:
        write_gradient(
            spec, steps, starts, columns, block.h2h + shared, own, block.h2h_full,
            scratch.states, state, block.hidden, scratch.gates, gate + rows, stride, gradient,
        )  # fmt: skip
        write_bias_gradient(
            spec, steps, own, scratch.gates, gate + rows, stride, gradient,
            block.h2h_bias + shared,
        )  # fmt: skip
