"""Compiled loops of the streaming engine; all of them, because Numba's cache looks at one file."""

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from sparsebench.engines.fused.activations import logistic, tanh
from sparsebench.engines.fused.kernels import entry
from sparsebench.engines.fused.simd import (
    Vector,
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
from sparsebench.engines.streaming.packing import FORMATS, LANES

RNN_TANH, RNN_RELU, LSTM, GRU, MGU = range(5)
"""Cell types, in the order of `sparsebench.values.protocol.CELL_TYPES`."""

FULL, BLOCKS_OF_16 = FORMATS.index("full"), FORMATS.index("16x1")
"""Formats of matrices; the third has blocks of 8 rows."""


@intrinsic
def weight(typing: Any, spec: Any, weights: Any, row: Any) -> Any:
    """A vector of weights, as float32 also where they are stored as int8."""
    kind = Vector(spec.dtype, spec.lanes)

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        stored = ir.FloatType() if weights.dtype == types.float32 else ir.IntType(8)
        first = builder.mul(
            context.cast(builder, args[2], sig.args[2], types.intp),
            ir.Constant(ir.IntType(64), kind.lanes),
        )
        place = builder.gep(args[1], [first])
        vector = ir.VectorType(stored, kind.lanes)
        value = builder.load(builder.bitcast(place, ir.PointerType(vector)))
        value.align = 1 if weights.dtype == types.int8 else 4
        if weights.dtype == types.int8:
            wide = builder.sext(value, ir.VectorType(ir.IntType(32), kind.lanes))
            value = builder.sitofp(wide, context.get_value_type(kind))
        return value

    return kind(spec, weights, row), generate


@intrinsic
def _is_scaled(typing: Any, weights: Any) -> Any:
    """Whether sums with these weights are to be multiplied by the scales of their rows."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return ir.Constant(ir.IntType(1), int(weights.dtype == types.int8))

    return types.boolean(weights), generate


@jit
def _begun(spec, weights, y, row):
    """What a sum begins with: the vector of `y` that it is added to, if it needs no scale."""
    if _is_scaled(weights):
        return splat(spec, 0.0)
    return load(spec, y, row)


@jit
def _finish(spec, weights, scales, panel, y, row, total):
    """Write a sum that was begun so to its vector of `y`."""
    if _is_scaled(weights):
        store(spec, y, row, fma(load(spec, scales, panel), total, load(spec, y, row)))
    else:
        store(spec, y, row, total)


@jit
def _group_of_eight(spec, weights, first, columns, scales, panel, x, x_first, y, row):
    sum0, sum1 = _begun(spec, weights, y, row), _begun(spec, weights, y, row + 1)
    sum2, sum3 = _begun(spec, weights, y, row + 2), _begun(spec, weights, y, row + 3)
    sum4, sum5 = _begun(spec, weights, y, row + 4), _begun(spec, weights, y, row + 5)
    sum6, sum7 = _begun(spec, weights, y, row + 6), _begun(spec, weights, y, row + 7)
    for k in range(columns):
        value, w = at(x, x_first + k), first + 8 * k
        sum0 = fma(weight(spec, weights, w), value, sum0)
        sum1 = fma(weight(spec, weights, w + 1), value, sum1)
        sum2 = fma(weight(spec, weights, w + 2), value, sum2)
        sum3 = fma(weight(spec, weights, w + 3), value, sum3)
        sum4 = fma(weight(spec, weights, w + 4), value, sum4)
        sum5 = fma(weight(spec, weights, w + 5), value, sum5)
        sum6 = fma(weight(spec, weights, w + 6), value, sum6)
        sum7 = fma(weight(spec, weights, w + 7), value, sum7)
    _finish(spec, weights, scales, panel, y, row, sum0)
    _finish(spec, weights, scales, panel + 1, y, row + 1, sum1)
    _finish(spec, weights, scales, panel + 2, y, row + 2, sum2)
    _finish(spec, weights, scales, panel + 3, y, row + 3, sum3)
    _finish(spec, weights, scales, panel + 4, y, row + 4, sum4)
    _finish(spec, weights, scales, panel + 5, y, row + 5, sum5)
    _finish(spec, weights, scales, panel + 6, y, row + 6, sum6)
    _finish(spec, weights, scales, panel + 7, y, row + 7, sum7)


@jit
def _group_of_four(spec, weights, first, columns, scales, panel, x, x_first, y, row):
    sum0, sum1 = _begun(spec, weights, y, row), _begun(spec, weights, y, row + 1)
    sum2, sum3 = _begun(spec, weights, y, row + 2), _begun(spec, weights, y, row + 3)
    for k in range(columns):
        value, w = at(x, x_first + k), first + 4 * k
        sum0 = fma(weight(spec, weights, w), value, sum0)
        sum1 = fma(weight(spec, weights, w + 1), value, sum1)
        sum2 = fma(weight(spec, weights, w + 2), value, sum2)
        sum3 = fma(weight(spec, weights, w + 3), value, sum3)
    _finish(spec, weights, scales, panel, y, row, sum0)
    _finish(spec, weights, scales, panel + 1, y, row + 1, sum1)
    _finish(spec, weights, scales, panel + 2, y, row + 2, sum2)
    _finish(spec, weights, scales, panel + 3, y, row + 3, sum3)


@jit
def _one_panel(spec, weights, first, columns, scales, panel, x, x_first, y, row):
    total = _begun(spec, weights, y, row)
    for k in range(columns):
        total = fma(weight(spec, weights, first + k), at(x, x_first + k), total)
    _finish(spec, weights, scales, panel, y, row, total)


@jit
def _sparse_panel(
    spec, weights, first, places, place, begin, end, scales, panel, x, x_first, y, row
):  # fmt: skip
    """Four sums side by side, so that one need not wait for the other."""
    zero = splat(spec, 0.0)
    sum0, sum1, sum2, sum3 = _begun(spec, weights, y, row), zero, zero, zero
    e = begin
    while e + 4 <= end:
        w, p = first + e, place + e
        sum0 = fma(weight(spec, weights, w), at(x, x_first + at(places, p)), sum0)
        sum1 = fma(weight(spec, weights, w + 1), at(x, x_first + at(places, p + 1)), sum1)
        sum2 = fma(weight(spec, weights, w + 2), at(x, x_first + at(places, p + 2)), sum2)
        sum3 = fma(weight(spec, weights, w + 3), at(x, x_first + at(places, p + 3)), sum3)
        e += 4
    while e < end:
        sum0 = fma(weight(spec, weights, first + e), at(x, x_first + at(places, place + e)), sum0)
        e += 1
    _finish(spec, weights, scales, panel, y, row, (sum0 + sum1) + (sum2 + sum3))


@jit
def _sparse_panels(
    spec, count, matrix, weights, starts, places, scales, panel, x, x_first, y, row
):  # fmt: skip
    for number in range(count):
        _sparse_panel(
            spec, weights, matrix.weights, places, matrix.places,
            at(starts, matrix.starts + number), at(starts, matrix.starts + number + 1),
            scales, panel + number, x, x_first, y, row + number,
        )  # fmt: skip


@outlined
def multiply(spec, eights, matrix, weights, starts, places, scales, x, x_first, y, row):
    """Add a matrix times `x[x_first:]` to the vectors of `y` from `row`."""
    columns, own = matrix.columns, matrix.scales
    if matrix.format == FULL:
        first, panel = matrix.weights, 0
        while panel + 8 <= matrix.panels:
            _group_of_eight(
                spec, weights, first, columns, scales, own + panel, x, x_first, y, row + panel
            )
            first += 8 * columns
            panel += 8
        while panel + 4 <= matrix.panels:
            _group_of_four(
                spec, weights, first, columns, scales, own + panel, x, x_first, y, row + panel
            )
            first += 4 * columns
            panel += 4
        while panel < matrix.panels:
            _one_panel(
                spec, weights, first, columns, scales, own + panel, x, x_first, y, row + panel
            )
            first += columns
            panel += 1
    elif matrix.format == BLOCKS_OF_16:
        _sparse_panels(
            spec, matrix.panels, matrix, weights, starts, places, scales, own, x, x_first, y, row
        )
    else:
        _sparse_panels(
            eights, 2 * matrix.panels, matrix, weights, starts, places, scales, 2 * own, x, x_first,
            y, 2 * row,
        )  # fmt: skip


@jit
def _four_by_four(
    spec, weights, first, columns, apart, scales, panel, x, x_first, width, y, row, panels
):  # fmt: skip
    """Four panels of a full matrix times four rows of inputs."""
    r0, r1, r2, r3 = row, row + panels, row + 2 * panels, row + 3 * panels
    a0, a1, a2, a3 = (
        _begun(spec, weights, y, r0),
        _begun(spec, weights, y, r0 + 1),
        _begun(spec, weights, y, r0 + 2),
        _begun(spec, weights, y, r0 + 3),
    )
    b0, b1, b2, b3 = (
        _begun(spec, weights, y, r1),
        _begun(spec, weights, y, r1 + 1),
        _begun(spec, weights, y, r1 + 2),
        _begun(spec, weights, y, r1 + 3),
    )
    c0, c1, c2, c3 = (
        _begun(spec, weights, y, r2),
        _begun(spec, weights, y, r2 + 1),
        _begun(spec, weights, y, r2 + 2),
        _begun(spec, weights, y, r2 + 3),
    )
    d0, d1, d2, d3 = (
        _begun(spec, weights, y, r3),
        _begun(spec, weights, y, r3 + 1),
        _begun(spec, weights, y, r3 + 2),
        _begun(spec, weights, y, r3 + 3),
    )
    for k in range(columns):
        w = first + apart * k
        w0, w1 = weight(spec, weights, w), weight(spec, weights, w + 1)
        w2, w3 = weight(spec, weights, w + 2), weight(spec, weights, w + 3)
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
    _finish(spec, weights, scales, panel, y, r0, a0)
    _finish(spec, weights, scales, panel + 1, y, r0 + 1, a1)
    _finish(spec, weights, scales, panel + 2, y, r0 + 2, a2)
    _finish(spec, weights, scales, panel + 3, y, r0 + 3, a3)
    _finish(spec, weights, scales, panel, y, r1, b0)
    _finish(spec, weights, scales, panel + 1, y, r1 + 1, b1)
    _finish(spec, weights, scales, panel + 2, y, r1 + 2, b2)
    _finish(spec, weights, scales, panel + 3, y, r1 + 3, b3)
    _finish(spec, weights, scales, panel, y, r2, c0)
    _finish(spec, weights, scales, panel + 1, y, r2 + 1, c1)
    _finish(spec, weights, scales, panel + 2, y, r2 + 2, c2)
    _finish(spec, weights, scales, panel + 3, y, r2 + 3, c3)
    _finish(spec, weights, scales, panel, y, r3, d0)
    _finish(spec, weights, scales, panel + 1, y, r3 + 1, d1)
    _finish(spec, weights, scales, panel + 2, y, r3 + 2, d2)
    _finish(spec, weights, scales, panel + 3, y, r3 + 3, d3)


@jit
def _sparse_panels_of_four_rows(
    spec, count, matrix, weights, starts, places, scales, panel, x, x_first, width, y, row, apart
):  # fmt: skip
    """The panels of a matrix in blocks times four rows of inputs; `apart` vectors lie between the
    sums of two rows."""
    first, place = matrix.weights, matrix.places
    for number in range(count):
        own = row + number
        sum0 = _begun(spec, weights, y, own)
        sum1 = _begun(spec, weights, y, own + apart)
        sum2 = _begun(spec, weights, y, own + 2 * apart)
        sum3 = _begun(spec, weights, y, own + 3 * apart)
        begin, end = matrix.starts + number, matrix.starts + number + 1
        for e in range(at(starts, begin), at(starts, end)):
            value, k = weight(spec, weights, first + e), x_first + at(places, place + e)
            sum0 = fma(value, at(x, k), sum0)
            sum1 = fma(value, at(x, k + width), sum1)
            sum2 = fma(value, at(x, k + 2 * width), sum2)
            sum3 = fma(value, at(x, k + 3 * width), sum3)
        _finish(spec, weights, scales, panel + number, y, own, sum0)
        _finish(spec, weights, scales, panel + number, y, own + apart, sum1)
        _finish(spec, weights, scales, panel + number, y, own + 2 * apart, sum2)
        _finish(spec, weights, scales, panel + number, y, own + 3 * apart, sum3)


@outlined
def multiply_rows(
    spec, eights, matrix, weights, starts, places, scales, x, x_first, width, count, y, row
):  # fmt: skip
    """Add a matrix times each of `count` rows of inputs to that row's vectors, four rows at a time.

    Row n's inputs begin at `x[x_first + n * width]`, its vectors at `row + n * panels` of `y`. Rows are
    steps, or sequences.
    """
    panels, columns, own, n = matrix.panels, matrix.columns, matrix.scales, 0
    if matrix.format == FULL:
        while n + 4 <= count:
            first, panel, place = matrix.weights, 0, row + n * panels
            read = x_first + n * width
            while panel + 8 <= panels:
                for half in range(0, 8, 4):
                    _four_by_four(
                        spec, weights, first + half, columns, 8, scales, own + panel + half,
                        x, read, width, y, place + panel + half, panels,
                    )  # fmt: skip
                first += 8 * columns
                panel += 8
            while panel + 4 <= panels:
                _four_by_four(
                    spec, weights, first, columns, 4, scales, own + panel,
                    x, read, width, y, place + panel, panels,
                )  # fmt: skip
                first += 4 * columns
                panel += 4
            while panel < panels:
                for each in range(4):
                    _one_panel(
                        spec, weights, first, columns, scales, own + panel,
                        x, read + each * width, y, place + each * panels + panel,
                    )  # fmt: skip
                first += columns
                panel += 1
            n += 4
    elif matrix.format == BLOCKS_OF_16:
        while n + 4 <= count:
            _sparse_panels_of_four_rows(
                spec, panels, matrix, weights, starts, places, scales, own,
                x, x_first + n * width, width, y, row + n * panels, panels,
            )  # fmt: skip
            n += 4
    else:
        while n + 4 <= count:
            _sparse_panels_of_four_rows(
                eights, 2 * panels, matrix, weights, starts, places, scales, 2 * own,
                x, x_first + n * width, width, y, 2 * (row + n * panels), 2 * panels,
            )  # fmt: skip
            n += 4
    while n < count:
        multiply(
            spec, eights, matrix, weights, starts, places, scales,
            x, x_first + n * width, y, row + n * panels,
        )  # fmt: skip
        n += 1


@jit
def _next_state(spec, cell, units, sums, row, recurrent, own_row, hidden, cells, first):
    """The state of a layer after a step, from the sums of its gates; `units` counts vectors.

    For GRU and MGU, `recurrent` holds the sums over hidden units from `own_row`; for the others,
    `sums` has them already.
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
            reset = logistic(load(spec, sums, row + j) + load(spec, recurrent, own_row + j))
            inner = load(spec, recurrent, own_row + units + j)
            update = logistic(load(spec, sums, row + units + j) + inner)
            own = load(spec, sums, row + 2 * units + j)
            inner = load(spec, recurrent, own_row + 2 * units + j)
            new = tanh(fma(reset, inner, own))
            before = load(spec, hidden, first + j)
            store(spec, hidden, first + j, fma(update, before - new, new))
        elif cell == MGU:
            forget = logistic(load(spec, sums, row + j) + load(spec, recurrent, own_row + j))
            own = load(spec, sums, row + units + j)
            inner = load(spec, recurrent, own_row + units + j)
            new = tanh(fma(forget, inner, own))
            before = load(spec, hidden, first + j)
            store(spec, hidden, first + j, fma(forget, new - before, before))
        elif cell == RNN_TANH:
            store(spec, hidden, first + j, tanh(load(spec, sums, row + j)))
        else:
            total = load(spec, sums, row + j)
            store(spec, hidden, first + j, where_positive(total, total))


@entry
def run(
    spec, eights, cell, blocks, matrices, weights, starts, places, scales, biases, x, rows, batch,
    hidden, cells, sums, recurrent, outputs,
):  # fmt: skip
    """Run a network over all steps of some sequences, from their states, which are replaced.

    Parameters
    ----------
    eights
        The spec of vectors of 8 lanes, for matrices in blocks of 8 rows.
    blocks
        (blocks + 1,) of `packing.BLOCK`; the last one is the readout.
    matrices, weights, starts, places, scales
        As `packing.Packed`: i2h and h2h of each block, then the readout.
    biases
        For each block the sums of both biases, for GRU and MGU those of i2h and of h2h; then the
        readout's.
    x
        (layers + 1, rows or more, width) with a width of whole vectors: `x[0]` holds the inputs, step
        by step, the others get the outputs of each layer.
    rows, batch
        Steps times sequences, and sequences. A step's sequences follow each other.
    hidden, cells
        The states, sequence by sequence, each padded to whole vectors.
    sums, recurrent
        Room for the sums of a block in all steps, and for those of one step, of all sequences.
    outputs
        (rows, vectors of the readout): what is said after each step.
    """
    count, row = len(blocks) - 1, x.shape[2] // LANES
    between = len(hidden) // batch
    weights, starts, places = pointer(weights), pointer(starts), pointer(places)
    scales = pointer(scales)
    biases, hidden, cells = pointer(biases), pointer(hidden), pointer(cells)
    sums, recurrent, outputs = pointer(sums), pointer(recurrent), pointer(outputs)
    matrices, blocks = pointer(matrices), pointer(blocks)
    for number in range(count):
        block = record(blocks, number)
        units, state, bias = block.units, block.state, block.bias
        i2h, h2h = record(matrices, 2 * number), record(matrices, 2 * number + 1)
        source, target = pointer(x[block.source]), pointer(x[block.target])
        panels = i2h.panels
        for r in range(rows):
            for panel in range(panels):
                store(spec, sums, r * panels + panel, load(spec, biases, bias + panel))
        multiply_rows(
            spec, eights, i2h, weights, starts, places, scales,
            source, 0, row * LANES, rows, sums, 0,
        )  # fmt: skip
        for r in range(0, rows, batch):
            if cell in (GRU, MGU):
                for each in range(batch):
                    for panel in range(panels):
                        value = load(spec, biases, bias + panels + panel)
                        store(spec, recurrent, each * panels + panel, value)
                multiply_rows(
                    spec, eights, h2h, weights, starts, places, scales,
                    hidden, state * LANES, between, batch, recurrent, 0,
                )  # fmt: skip
            else:
                multiply_rows(
                    spec, eights, h2h, weights, starts, places, scales,
                    hidden, state * LANES, between, batch, sums, r * panels,
                )  # fmt: skip
            for each in range(batch):
                first = each * (between // LANES) + state
                _next_state(
                    spec, cell, units, sums, (r + each) * panels, recurrent, each * panels,
                    hidden, cells, first,
                )  # fmt: skip
                for j in range(units):
                    out = load(spec, hidden, first + j)
                    if block.adds:
                        out += load(spec, target, (r + each) * row + j)
                    store(spec, target, (r + each) * row + j, out)
    last, bias = record(matrices, 2 * count), record(blocks, count).bias
    for r in range(rows):
        for panel in range(last.panels):
            store(spec, outputs, r * last.panels + panel, load(spec, biases, bias + panel))
    source = pointer(x[record(blocks, count).source])
    multiply_rows(
        spec, eights, last, weights, starts, places, scales,
        source, 0, row * LANES, rows, outputs, 0,
    )  # fmt: skip


@entry
def product(spec, eights, matrices, weights, starts, places, scales, x, y, times):
    """Multiply the first matrix with a vector some times, to time it."""
    weights, starts, places = pointer(weights), pointer(starts), pointer(places)
    scales, matrices, x, y = pointer(scales), pointer(matrices), pointer(x), pointer(y)
    for _ in range(times):
        multiply(spec, eights, record(matrices, 0), weights, starts, places, scales, x, 0, y, 0)
