"""Gradients of matrices and biases: sums over time and strings of a row's delta times an input.

A block's steps are all there when its gradients are taken, so every entry is written once. Where fewer
than four columns are left, the last one stands in for those that are missing.
"""

from sparsebench.engines.fused.simd import (
    at,
    fma,
    four_sums,
    jit,
    lane,
    load,
    splat,
    store_four_sums,
    sum_lanes,
)


@jit
def write_gradient(
    species, steps, starts, columns, first, rows, full,
    inputs, input_row, input_stride, deltas, delta_row, delta_stride, gradient,
):  # fmt: skip
    """The gradient of a matrix: row's delta times column's input, over time and strings.

    `gradient[e] = sum over steps t and lanes of deltas[delta_row + t * delta_stride + r] *
    inputs[input_row + t * input_stride + columns[e]]`, for every entry e of every row r.
    """
    row = 0
    if full:
        while row + 2 <= rows:
            begin, end = at(starts, first + row), at(starts, first + row + 1)
            delta = delta_row + row
            e = begin
            while e + 2 <= end:
                _two_by_four(
                    species, steps, e, end, end - begin, input_row + at(columns, e), inputs,
                    input_stride, deltas, delta, delta_stride, gradient,
                )  # fmt: skip
                e += 4
            if e < end:
                _two_by_one(
                    species, steps, e, end - begin, input_row + at(columns, e), inputs,
                    input_stride, deltas, delta, delta_stride, gradient,
                )  # fmt: skip
            row += 2
    while row < rows:
        end = at(starts, first + row + 1)
        for e in range(at(starts, first + row), end, 4):
            _one_by_four(
                species, steps, e, end, columns, inputs, input_row, input_stride,
                deltas, delta_row + row, delta_stride, gradient,
            )  # fmt: skip
        row += 1


@jit
def _two_by_four(
    species, steps, e, end, length, column, inputs, input_stride,
    deltas, delta_row, delta_stride, gradient,
):  # fmt: skip
    """Up to four entries of each of two full rows, whose columns follow each other."""
    zero = splat(species, 0.0)
    sum0, sum1, sum2, sum3 = zero, zero, zero, zero
    sum4, sum5, sum6, sum7 = zero, zero, zero, zero
    last = end - e - 1
    column2, column3 = min(2, last), min(3, last)
    for t in range(steps):
        source, delta = column + t * input_stride, delta_row + t * delta_stride
        one, other = load(species, deltas, delta), load(species, deltas, delta + 1)
        value = load(species, inputs, source)
        sum0, sum4 = fma(one, value, sum0), fma(other, value, sum4)
        value = load(species, inputs, source + 1)
        sum1, sum5 = fma(one, value, sum1), fma(other, value, sum5)
        value = load(species, inputs, source + column2)
        sum2, sum6 = fma(one, value, sum2), fma(other, value, sum6)
        value = load(species, inputs, source + column3)
        sum3, sum7 = fma(one, value, sum3), fma(other, value, sum7)
    _write(gradient, e, end, sum0, sum1, sum2, sum3)
    _write(gradient, e + length, end + length, sum4, sum5, sum6, sum7)


@jit
def _two_by_one(
    species, steps, e, length, column, inputs, input_stride,
    deltas, delta_row, delta_stride, gradient,
):  # fmt: skip
    """One entry of each of two full rows."""
    sum0 = splat(species, 0.0)
    sum1 = sum0
    for t in range(steps):
        delta = delta_row + t * delta_stride
        value = load(species, inputs, column + t * input_stride)
        sum0 = fma(load(species, deltas, delta), value, sum0)
        sum1 = fma(load(species, deltas, delta + 1), value, sum1)
    gradient[e] = sum_lanes(sum0)
    gradient[e + length] = sum_lanes(sum1)


@jit
def _one_by_four(
    species, steps, e, end, columns, inputs, input_row, input_stride,
    deltas, delta_row, delta_stride, gradient,
):  # fmt: skip
    """Up to four entries of one row, full or not."""
    sum0 = splat(species, 0.0)
    column0 = input_row + at(columns, e)
    if e + 1 == end:
        for t in range(steps):
            delta = load(species, deltas, delta_row + t * delta_stride)
            sum0 = fma(delta, load(species, inputs, column0 + t * input_stride), sum0)
        gradient[e] = sum_lanes(sum0)
        return
    sum1, sum2, sum3 = sum0, sum0, sum0
    column1 = input_row + at(columns, e + 1)
    column2 = input_row + at(columns, min(e + 2, end - 1))
    column3 = input_row + at(columns, min(e + 3, end - 1))
    for t in range(steps):
        source = t * input_stride
        delta = load(species, deltas, delta_row + t * delta_stride)
        sum0 = fma(delta, load(species, inputs, column0 + source), sum0)
        sum1 = fma(delta, load(species, inputs, column1 + source), sum1)
        sum2 = fma(delta, load(species, inputs, column2 + source), sum2)
        sum3 = fma(delta, load(species, inputs, column3 + source), sum3)
    _write(gradient, e, end, sum0, sum1, sum2, sum3)


@jit
def _write(gradient, e, end, sum0, sum1, sum2, sum3):
    """Write the sums of the lanes of up to four vectors to `gradient[e:end]`, two at the least."""
    if e + 4 <= end:
        store_four_sums(gradient, e, sum0, sum1, sum2, sum3)
        return
    sums = four_sums(sum0, sum1, sum2, sum3)
    gradient[e] = lane(sums, 0)
    gradient[e + 1] = lane(sums, 1)
    if e + 2 < end:
        gradient[e + 2] = lane(sums, 2)


@jit
def write_bias_gradient(species, steps, rows, deltas, delta_row, delta_stride, gradient, bias):
    """The gradient of a bias: each row's deltas, summed over time and strings."""
    row = 0
    while row + 2 <= rows:
        sum0 = splat(species, 0.0)
        sum1, sum2, sum3 = sum0, sum0, sum0
        row2, row3 = min(row + 2, rows - 1), min(row + 3, rows - 1)
        for t in range(steps):
            delta = delta_row + t * delta_stride
            sum0 += load(species, deltas, delta + row)
            sum1 += load(species, deltas, delta + row + 1)
            sum2 += load(species, deltas, delta + row2)
            sum3 += load(species, deltas, delta + row3)
        _write(gradient, bias + row, bias + rows, sum0, sum1, sum2, sum3)
        row += 4
    if row < rows:
        total = splat(species, 0.0)
        for t in range(steps):
            total += load(species, deltas, delta_row + t * delta_stride + row)
        gradient[bias + row] = sum_lanes(total)
