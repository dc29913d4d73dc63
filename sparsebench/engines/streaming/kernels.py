"""Compiled loops of the streaming engine; all of them, because Numba's cache looks at one file."""

from sparsebench.engines.fused.activations import logistic, tanh
from sparsebench.engines.fused.kernels import entry
from sparsebench.engines.fused.simd import (
    at,
    fma,
    jit,
    load,
    outlined,
    pointer,
    record,
    splat,
    store,
    where_positive,
)
from sparsebench.engines.streaming.packing import LANES

RNN_TANH, RNN_RELU, LSTM, GRU = range(4)
"""Cell types, in the order of `sparsebench.values.protocol.VARIANTS`."""


@jit
def _group_of_eight(spec, weights, first, columns, x, x_first, y, row):
    sum0, sum1 = load(spec, y, row), load(spec, y, row + 1)
    sum2, sum3 = load(spec, y, row + 2), load(spec, y, row + 3)
    sum4, sum5 = load(spec, y, row + 4), load(spec, y, row + 5)
    sum6, sum7 = load(spec, y, row + 6), load(spec, y, row + 7)
    for k in range(columns):
        value, w = at(x, x_first + k), first + 8 * k
        sum0 = fma(load(spec, weights, w), value, sum0)
        sum1 = fma(load(spec, weights, w + 1), value, sum1)
        sum2 = fma(load(spec, weights, w + 2), value, sum2)
        sum3 = fma(load(spec, weights, w + 3), value, sum3)
        sum4 = fma(load(spec, weights, w + 4), value, sum4)
        sum5 = fma(load(spec, weights, w + 5), value, sum5)
        sum6 = fma(load(spec, weights, w + 6), value, sum6)
        sum7 = fma(load(spec, weights, w + 7), value, sum7)
    store(spec, y, row, sum0)
    store(spec, y, row + 1, sum1)
    store(spec, y, row + 2, sum2)
    store(spec, y, row + 3, sum3)
    store(spec, y, row + 4, sum4)
    store(spec, y, row + 5, sum5)
    store(spec, y, row + 6, sum6)
    store(spec, y, row + 7, sum7)


@jit
def _group_of_four(spec, weights, first, columns, x, x_first, y, row):
    sum0, sum1 = load(spec, y, row), load(spec, y, row + 1)
    sum2, sum3 = load(spec, y, row + 2), load(spec, y, row + 3)
    for k in range(columns):
        value, w = at(x, x_first + k), first + 4 * k
        sum0 = fma(load(spec, weights, w), value, sum0)
        sum1 = fma(load(spec, weights, w + 1), value, sum1)
        sum2 = fma(load(spec, weights, w + 2), value, sum2)
        sum3 = fma(load(spec, weights, w + 3), value, sum3)
    store(spec, y, row, sum0)
    store(spec, y, row + 1, sum1)
    store(spec, y, row + 2, sum2)
    store(spec, y, row + 3, sum3)


@jit
def _one_panel(spec, weights, first, columns, x, x_first, y, row):
    total = load(spec, y, row)
    for k in range(columns):
        total = fma(load(spec, weights, first + k), at(x, x_first + k), total)
    store(spec, y, row, total)


@jit
def _sparse_panel(spec, weights, begin, end, places, x, x_first, y, row):
    """Four sums side by side, so that one need not wait for the other."""
    zero = splat(spec, 0.0)
    sum0, sum1, sum2, sum3 = load(spec, y, row), zero, zero, zero
    e = begin
    while e + 4 <= end:
        sum0 = fma(load(spec, weights, e), at(x, x_first + at(places, e)), sum0)
        sum1 = fma(load(spec, weights, e + 1), at(x, x_first + at(places, e + 1)), sum1)
        sum2 = fma(load(spec, weights, e + 2), at(x, x_first + at(places, e + 2)), sum2)
        sum3 = fma(load(spec, weights, e + 3), at(x, x_first + at(places, e + 3)), sum3)
        e += 4
    while e < end:
        sum0 = fma(load(spec, weights, e), at(x, x_first + at(places, e)), sum0)
        e += 1
    store(spec, y, row, (sum0 + sum1) + (sum2 + sum3))


@outlined
def multiply(spec, matrix, weights, starts, places, x, x_first, y, row):
    """Add a matrix times `x[x_first:]` to the vectors of `y` from `row`."""
    if matrix.full:
        first, columns, panel = matrix.weights, matrix.columns, 0
        while panel + 8 <= matrix.panels:
            _group_of_eight(spec, weights, first, columns, x, x_first, y, row + panel)
            first += 8 * columns
            panel += 8
        while panel + 4 <= matrix.panels:
            _group_of_four(spec, weights, first, columns, x, x_first, y, row + panel)
            first += 4 * columns
            panel += 4
        while panel < matrix.panels:
            _one_panel(spec, weights, first, columns, x, x_first, y, row + panel)
            first += columns
            panel += 1
    else:
        for panel in range(matrix.panels):
            begin = at(starts, matrix.starts + panel)
            end = at(starts, matrix.starts + panel + 1)
            _sparse_panel(spec, weights, begin, end, places, x, x_first, y, row + panel)


@jit
def _four_by_four(spec, weights, first, columns, apart, x, x_first, width, y, row, panels):
    """Four panels of a full matrix times the inputs of four steps."""
    r0, r1, r2, r3 = row, row + panels, row + 2 * panels, row + 3 * panels
    a0, a1, a2, a3 = (
        load(spec, y, r0),
        load(spec, y, r0 + 1),
        load(spec, y, r0 + 2),
        load(spec, y, r0 + 3),
    )
    b0, b1, b2, b3 = (
        load(spec, y, r1),
        load(spec, y, r1 + 1),
        load(spec, y, r1 + 2),
        load(spec, y, r1 + 3),
    )
    c0, c1, c2, c3 = (
        load(spec, y, r2),
        load(spec, y, r2 + 1),
        load(spec, y, r2 + 2),
        load(spec, y, r2 + 3),
    )
    d0, d1, d2, d3 = (
        load(spec, y, r3),
        load(spec, y, r3 + 1),
        load(spec, y, r3 + 2),
        load(spec, y, r3 + 3),
    )
    for k in range(columns):
        w = first + apart * k
        w0, w1 = load(spec, weights, w), load(spec, weights, w + 1)
        w2, w3 = load(spec, weights, w + 2), load(spec, weights, w + 3)
        place = x_first + k
        value = at(x, place)
        a0, a1, a2, a3 = (
            fma(w0, value, a0),
            fma(w1, value, a1),
            fma(w2, value, a2),
            fma(w3, value, a3),
        )
        value = at(x, place + width)
        b0, b1, b2, b3 = (
            fma(w0, value, b0),
            fma(w1, value, b1),
            fma(w2, value, b2),
            fma(w3, value, b3),
        )
        value = at(x, place + 2 * width)
        c0, c1, c2, c3 = (
            fma(w0, value, c0),
            fma(w1, value, c1),
            fma(w2, value, c2),
            fma(w3, value, c3),
        )
        value = at(x, place + 3 * width)
        d0, d1, d2, d3 = (
            fma(w0, value, d0),
            fma(w1, value, d1),
            fma(w2, value, d2),
            fma(w3, value, d3),
        )
    store(spec, y, r0, a0)
    store(spec, y, r0 + 1, a1)
    store(spec, y, r0 + 2, a2)
    store(spec, y, r0 + 3, a3)
    store(spec, y, r1, b0)
    store(spec, y, r1 + 1, b1)
    store(spec, y, r1 + 2, b2)
    store(spec, y, r1 + 3, b3)
    store(spec, y, r2, c0)
    store(spec, y, r2 + 1, c1)
    store(spec, y, r2 + 2, c2)
    store(spec, y, r2 + 3, c3)
    store(spec, y, r3, d0)
    store(spec, y, r3 + 1, d1)
    store(spec, y, r3 + 2, d2)
    store(spec, y, r3 + 3, d3)


@outlined
def multiply_steps(spec, matrix, weights, starts, places, x, width, steps, y):
    """Add a matrix times the inputs of each step to that step's vectors, four steps at a time.

    Step t's inputs begin at `x[t * width]`, its vectors at row `t * panels` of `y`.
    """
    panels, columns, t = matrix.panels, matrix.columns, 0
    if matrix.full:
        while t + 4 <= steps:
            first, panel, row = matrix.weights, 0, t * panels
            while panel + 8 <= panels:
                for half in range(0, 8, 4):
                    _four_by_four(
                        spec, weights, first + half, columns, 8, x, t * width, width,
                        y, row + panel + half, panels,
                    )  # fmt: skip
                first += 8 * columns
                panel += 8
            while panel + 4 <= panels:
                _four_by_four(
                    spec, weights, first, columns, 4, x, t * width, width, y, row + panel, panels
                )
                first += 4 * columns
                panel += 4
            while panel < panels:
                for step in range(t, t + 4):
                    _one_panel(
                        spec, weights, first, columns, x, step * width, y, step * panels + panel
                    )
                first += columns
                panel += 1
            t += 4
    while t < steps:
        multiply(spec, matrix, weights, starts, places, x, t * width, y, t * panels)
        t += 1


@jit
def _next_state(spec, cell, units, sums, row, recurrent, hidden, cells, first):
    """The state of a layer after a step, from the sums of its gates; `units` counts vectors.

    For GRU, `recurrent` holds the sums over hidden units; for the others, `sums` has them already.
    """
    for j in range(units):
        if cell == LSTM:
            entrance = logistic(load(spec, sums, row + j))
            forget = logistic(load(spec, sums, row + units + j))
            candidate = tanh(load(spec, sums, row + 2 * units + j))
            leave = logistic(load(spec, sums, row + 3 * units + j))
            state = fma(forget, load(spec, cells, first + j), entrance * candidate)
            store(spec, cells, first + j, state)
            store(spec, hidden, first + j, leave * tanh(state))
        elif cell == GRU:
            reset = logistic(load(spec, sums, row + j) + load(spec, recurrent, j))
            inner = load(spec, sums, row + units + j) + load(spec, recurrent, units + j)
            update = logistic(inner)
            own = load(spec, sums, row + 2 * units + j)
            new = tanh(fma(reset, load(spec, recurrent, 2 * units + j), own))
            before = load(spec, hidden, first + j)
            store(spec, hidden, first + j, fma(update, before - new, new))
        elif cell == RNN_TANH:
            store(spec, hidden, first + j, tanh(load(spec, sums, row + j)))
        else:
            total = load(spec, sums, row + j)
            store(spec, hidden, first + j, where_positive(total, total))


@entry
def run(
    spec, cell, blocks, matrices, weights, starts, places, biases, x, steps, hidden, cells,
    sums, recurrent, outputs,
):  # fmt: skip
    """Run a network over steps, from its state, which is replaced by that after the last step.

    Parameters
    ----------
    blocks
        (blocks + 1,) of `packing.BLOCK`; the last one is the readout.
    matrices, weights, starts, places
        As `packing.Packed`: i2h and h2h of each block, then the readout.
    biases
        For each block the sums of both biases, for GRU those of i2h and of h2h; then the readout's.
    x
        (layers + 1, steps, width) with a width of whole vectors: `x[0]` holds the inputs, the others
        get the outputs of each layer.
    hidden, cells
        The state, in vectors.
    sums, recurrent
        Room for the sums of all steps of a block, and for those of one step.
    outputs
        (steps, vectors of the readout): what is said after each step.
    """
    count, row = len(blocks) - 1, x.shape[2] // LANES
    weights, starts, places = pointer(weights), pointer(starts), pointer(places)
    biases, hidden, cells = pointer(biases), pointer(hidden), pointer(cells)
    sums, recurrent, outputs = pointer(sums), pointer(recurrent), pointer(outputs)
    matrices, blocks = pointer(matrices), pointer(blocks)
    for number in range(count):
        block = record(blocks, number)
        units, state, bias = block.units, block.state, block.bias
        i2h, h2h = record(matrices, 2 * number), record(matrices, 2 * number + 1)
        source, target = pointer(x[block.source]), pointer(x[block.target])
        panels = i2h.panels
        for t in range(steps):
            for panel in range(panels):
                store(spec, sums, t * panels + panel, load(spec, biases, bias + panel))
        multiply_steps(spec, i2h, weights, starts, places, source, row * LANES, steps, sums)
        for t in range(steps):
            if cell == GRU:
                for panel in range(panels):
                    store(spec, recurrent, panel, load(spec, biases, bias + panels + panel))
                multiply(spec, h2h, weights, starts, places, hidden, state * LANES, recurrent, 0)
            else:
                multiply(
                    spec, h2h, weights, starts, places, hidden, state * LANES, sums, t * panels
                )
            _next_state(spec, cell, units, sums, t * panels, recurrent, hidden, cells, state)
            for j in range(units):
                out = load(spec, hidden, state + j)
                if block.adds:
                    out += load(spec, target, t * row + j)
                store(spec, target, t * row + j, out)
    last, bias = record(matrices, 2 * count), record(blocks, count).bias
    for t in range(steps):
        for panel in range(last.panels):
            store(spec, outputs, t * last.panels + panel, load(spec, biases, bias + panel))
    source = pointer(x[record(blocks, count).source])
    multiply_steps(spec, last, weights, starts, places, source, row * LANES, steps, outputs)


@entry
def product(spec, matrices, weights, starts, places, x, y, times):
    """Multiply the first matrix with a vector some times, to time it."""
    weights, starts, places = pointer(weights), pointer(starts), pointer(places)
    matrices, x, y = pointer(matrices), pointer(x), pointer(y)
    for _ in range(times):
        multiply(spec, record(matrices, 0), weights, starts, places, x, 0, y, 0)
