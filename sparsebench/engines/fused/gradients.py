"""Gradients of matrices and biases: sums, over time and strings, of a row's delta times an input.

All steps of a block are finished when its gradients are computed, so each entry is written once.
"""

from sparsebench.engines.fused.simd import (
    at,
    fma,
    jit,
    load,
    splat,
    store_four_sums,
    sum_lanes,
)


@jit
def write_gradient(
    spec, steps, starts, columns, first, rows, full,
    inputs, input_row, input_stride, deltas, delta_row, delta_stride, gradient,
):  # fmt: skip
    """The gradient of a matrix: each row's delta times each column's input, over time and strings.

    `gradient[e] = sum over steps t and lanes of deltas[delta_row + t * delta_stride + r] *
    inputs[input_row + t * input_stride + columns[e]]`, for every entry e of every row r.
    """
    row = 0
    while full and row + 2 <= rows:
        e, end = at(starts, first + row), at(starts, first + row + 1)
        length, delta, column = end - e, delta_row + row, input_row
        while e + 4 <= end:
            _two_by_four(
                spec, steps, e, length, inputs, column, input_stride,
                deltas, delta, delta_stride, gradient,
            )  # fmt: skip
            e += 4
            column += 4
        while e < end:
            _two_by_one(
                spec, steps, e, length, inputs, column, input_stride,
                deltas, delta, delta_stride, gradient,
            )  # fmt: skip
            e += 1
            column += 1
        row += 2
    while row < rows:
        e, end, delta = at(starts, first + row), at(starts, first + row + 1), delta_row + row
        while e + 4 <= end:
            _one_by_four(
                spec, steps, e, columns, inputs, input_row, input_stride,
                deltas, delta, delta_stride, gradient,
            )  # fmt: skip
            e += 4
        while e < end:
            column = input_row + at(columns, e)
            total = splat(spec, 0.0)
            for t in range(steps):
                value = load(spec, inputs, column + t * input_stride)
                total = fma(load(spec, deltas, delta + t * delta_stride), value, total)
            gradient[e] = sum_lanes(total)
            e += 1
        row += 1


@jit
def _two_by_four(
    spec, steps, e, length, inputs, column, input_stride, deltas, delta_row, delta_stride, gradient
):  # fmt: skip
    """Four entries in consecutive columns of each of two full rows."""
    zero = splat(spec, 0.0)
    sum0, sum1, sum2, sum3 = zero, zero, zero, zero
    sum4, sum5, sum6, sum7 = zero, zero, zero, zero
    for t in range(steps):
        source, delta = column + t * input_stride, delta_row + t * delta_stride
        one, other = load(spec, deltas, delta), load(spec, deltas, delta + 1)
        value = load(spec, inputs, source)
        sum0, sum4 = fma(one, value, sum0), fma(other, value, sum4)
        value = load(spec, inputs, source + 1)
        sum1, sum5 = fma(one, value, sum1), fma(other, value, sum5)
        value = load(spec, inputs, source + 2)
        sum2, sum6 = fma(one, value, sum2), fma(other, value, sum6)
        value = load(spec, inputs, source + 3)
        sum3, sum7 = fma(one, value, sum3), fma(other, value, sum7)
    store_four_sums(gradient, e, sum0, sum1, sum2, sum3)
    store_four_sums(gradient, e + length, sum4, sum5, sum6, sum7)


@jit
def _two_by_one(
    spec, steps, e, length, inputs, column, input_stride, deltas, delta_row, delta_stride, gradient
):  # fmt: skip
    """One entry of each of two full rows."""
    sum0 = splat(spec, 0.0)
    sum1 = sum0
    for t in range(steps):
        delta = delta_row + t * delta_stride
        value = load(spec, inputs, column + t * input_stride)
        sum0 = fma(load(spec, deltas, delta), value, sum0)
        sum1 = fma(load(spec, deltas, delta + 1), value, sum1)
    gradient[e] = sum_lanes(sum0)
    gradient[e + length] = sum_lanes(sum1)


@jit
def _one_by_four(
    spec, steps, e, columns, inputs, input_row, input_stride,
    deltas, delta_row, delta_stride, gradient,
):  # fmt: skip
    """Four entries of one row, full or not."""
    sum0 = splat(spec, 0.0)
    sum1, sum2, sum3 = sum0, sum0, sum0
    column0, column1 = input_row + at(columns, e), input_row + at(columns, e + 1)
    column2, column3 = input_row + at(columns, e + 2), input_row + at(columns, e + 3)
    for t in range(steps):
        source = t * input_stride
        delta = load(spec, deltas, delta_row + t * delta_stride)
        sum0 = fma(delta, load(spec, inputs, column0 + source), sum0)
        sum1 = fma(delta, load(spec, inputs, column1 + source), sum1)
        sum2 = fma(delta, load(spec, inputs, column2 + source), sum2)
        sum3 = fma(delta, load(spec, inputs, column3 + source), sum3)
    store_four_sums(gradient, e, sum0, sum1, sum2, sum3)


@jit
def write_bias_gradient(spec, steps, rows, deltas, delta_row, delta_stride, gradient, bias):
    """The gradient of a bias: each row's deltas, summed over time and strings."""
    row = 0
    while row + 4 <= rows:
        sum0 = splat(spec, 0.0)
        sum1, sum2, sum3 = sum0, sum0, sum0
        for t in range(steps):
            delta = delta_row + t * delta_stride + row
            sum0 += load(spec, deltas, delta)
            sum1 += load(spec, deltas, delta + 1)
            sum2 += load(spec, deltas, delta + 2)
            sum3 += load(spec, deltas, delta + 3)
        store_four_sums(gradient, bias + row, sum0, sum1, sum2, sum3)
        row += 4
    while row < rows:
        total = splat(spec, 0.0)
        for t in range(steps):
            total += load(spec, deltas, delta_row + t * delta_stride + row)
        gradient[bias + row] = sum_lanes(total)
        row += 1
