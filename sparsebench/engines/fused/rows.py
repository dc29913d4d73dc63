"""Products with sparse matrices: what the time of a sparse network goes into.

A matrix is given by rows: those numbered `first` to `first + rows` in `starts` say where their entries
begin and end in `weights`, and `columns` says which vector each entry is multiplied with. `full`
matrices have every entry; four of their rows, or two rows by four columns, then share what they load.
"""

from __future__ import annotations

from sparsebench.engines.fused.simd import at, fma, jit, load, splat, store, sum_lanes


@jit
def add_products(
    species,
    weights,
    starts,
    first,
    rows,
    full,
    columns,
    inputs,
    input_row,
    initial,
    initial_at,
    outputs,
    output_row,
):
    """Multiply a matrix with one vector per column, for every string of a tile.

    `outputs[output_row + r] += sum(weights[e] * inputs[input_row + columns[e]])` over the entries e
    of row r; where `initial_at` is not negative, the sum begins at `initial[initial_at + r]` instead
    of what is there.
    """
    row = 0
    if full and rows >= 4:
        begin = at(starts, first)
        length = at(starts, first + 1) - begin
        while row + 4 <= rows:
            e0 = begin + row * length
            e1, e2, e3 = e0 + length, e0 + 2 * length, e0 + 3 * length
            if initial_at >= 0:
                sum0 = splat(species, at(initial, initial_at + row))
                sum1 = splat(species, at(initial, initial_at + row + 1))
                sum2 = splat(species, at(initial, initial_at + row + 2))
                sum3 = splat(species, at(initial, initial_at + row + 3))
            else:
                sum0 = load(species, outputs, output_row + row)
                sum1 = load(species, outputs, output_row + row + 1)
                sum2 = load(species, outputs, output_row + row + 2)
                sum3 = load(species, outputs, output_row + row + 3)
            for k in range(length):
                value = load(species, inputs, input_row + at(columns, begin + k))
                sum0 = fma(at(weights, e0 + k), value, sum0)
                sum1 = fma(at(weights, e1 + k), value, sum1)
                sum2 = fma(at(weights, e2 + k), value, sum2)
                sum3 = fma(at(weights, e3 + k), value, sum3)
            store(species, outputs, output_row + row, sum0)
            store(species, outputs, output_row + row + 1, sum1)
            store(species, outputs, output_row + row + 2, sum2)
            store(species, outputs, output_row + row + 3, sum3)
            row += 4
    while row < rows:
        if initial_at >= 0:
            sum0 = splat(species, at(initial, initial_at + row))
        else:
            sum0 = load(species, outputs, output_row + row)
        for e in range(at(starts, first + row), at(starts, first + row + 1)):
            sum0 = fma(at(weights, e), load(species, inputs, input_row + at(columns, e)), sum0)
        store(species, outputs, output_row + row, sum0)
        row += 1


@jit
def write_gradient(
    species,
    steps,
    starts,
    first,
    rows,
    full,
    columns,
    inputs,
    input_row,
    input_stride,
    deltas,
    delta_row,
    delta_stride,
    gradient,
):
    """The gradient of a matrix: for each entry, row's delta times column's input, over time and strings.

    `gradient[e] = sum over steps t and lanes of deltas[delta_row + t * delta_stride + r] *
    inputs[input_row + t * input_stride + columns[e]]`.
    """
    row = 0
    if full:
        while row + 2 <= rows:
            _two_full_rows(
                species, steps, at(starts, first + row), at(starts, first + row + 1), columns, inputs,
                input_row, input_stride, deltas, delta_row + row, delta_stride, gradient,
            )  # fmt: skip
            row += 2
    while row < rows:
        _entries(
            species, steps, at(starts, first + row), at(starts, first + row + 1), columns, inputs,
            input_row, input_stride, deltas, delta_row + row, delta_stride, gradient,
        )  # fmt: skip
        row += 1


@jit
def _two_full_rows(
    species,
    steps,
    begin,
    end,
    columns,
    inputs,
    input_row,
    input_stride,
    deltas,
    delta_row,
    delta_stride,
    gradient,
):
    length = end - begin
    e = begin
    while e + 4 <= end:
        sum0, sum1, sum2, sum3 = (
            splat(species, 0.0), splat(species, 0.0), splat(species, 0.0), splat(species, 0.0)
        )  # fmt: skip
        sum4, sum5, sum6, sum7 = sum0, sum0, sum0, sum0
        column = input_row + at(columns, e)  # those of a full row follow each other
        for t in range(steps):
            one = load(species, deltas, delta_row + t * delta_stride)
            other = load(species, deltas, delta_row + t * delta_stride + 1)
            source = column + t * input_stride
            value = load(species, inputs, source)
            sum0, sum4 = fma(one, value, sum0), fma(other, value, sum4)
            value = load(species, inputs, source + 1)
            sum1, sum5 = fma(one, value, sum1), fma(other, value, sum5)
            value = load(species, inputs, source + 2)
            sum2, sum6 = fma(one, value, sum2), fma(other, value, sum6)
            value = load(species, inputs, source + 3)
            sum3, sum7 = fma(one, value, sum3), fma(other, value, sum7)
        gradient[e] = sum_lanes(sum0)
        gradient[e + 1] = sum_lanes(sum1)
        gradient[e + 2] = sum_lanes(sum2)
        gradient[e + 3] = sum_lanes(sum3)
        gradient[e + length] = sum_lanes(sum4)
        gradient[e + length + 1] = sum_lanes(sum5)
        gradient[e + length + 2] = sum_lanes(sum6)
        gradient[e + length + 3] = sum_lanes(sum7)
        e += 4
    while e < end:
        sum0 = splat(species, 0.0)
        sum4 = sum0
        column = input_row + at(columns, e)
        for t in range(steps):
            value = load(species, inputs, column + t * input_stride)
            sum0 = fma(load(species, deltas, delta_row + t * delta_stride), value, sum0)
            sum4 = fma(load(species, deltas, delta_row + t * delta_stride + 1), value, sum4)
        gradient[e] = sum_lanes(sum0)
        gradient[e + length] = sum_lanes(sum4)
        e += 1


@jit
def _entries(
    species,
    steps,
    begin,
    end,
    columns,
    inputs,
    input_row,
    input_stride,
    deltas,
    delta_row,
    delta_stride,
    gradient,
):
    e = begin
    while e + 4 <= end:
        sum0, sum1, sum2, sum3 = (
            splat(species, 0.0), splat(species, 0.0), splat(species, 0.0), splat(species, 0.0)
        )  # fmt: skip
        column0, column1 = input_row + at(columns, e), input_row + at(columns, e + 1)
        column2, column3 = input_row + at(columns, e + 2), input_row + at(columns, e + 3)
        for t in range(steps):
            delta = load(species, deltas, delta_row + t * delta_stride)
            sum0 = fma(delta, load(species, inputs, column0 + t * input_stride), sum0)
            sum1 = fma(delta, load(species, inputs, column1 + t * input_stride), sum1)
            sum2 = fma(delta, load(species, inputs, column2 + t * input_stride), sum2)
            sum3 = fma(delta, load(species, inputs, column3 + t * input_stride), sum3)
        gradient[e] = sum_lanes(sum0)
        gradient[e + 1] = sum_lanes(sum1)
        gradient[e + 2] = sum_lanes(sum2)
        gradient[e + 3] = sum_lanes(sum3)
        e += 4
    while e < end:
        sum0 = splat(species, 0.0)
        column = input_row + at(columns, e)
        for t in range(steps):
            delta = load(species, deltas, delta_row + t * delta_stride)
            sum0 = fma(delta, load(species, inputs, column + t * input_stride), sum0)
        gradient[e] = sum_lanes(sum0)
        e += 1


@jit
def write_bias_gradient(
    species,
    steps,
    rows,
    deltas,
    delta_row,
    delta_stride,
    gradient,
    bias,
):
    """The gradient of a bias: each row's deltas, summed over time and strings."""
    for row in range(rows):
        total = splat(species, 0.0)
        for t in range(steps):
            total += load(species, deltas, delta_row + t * delta_stride + row)
        gradient[bias + row] = sum_lanes(total)
