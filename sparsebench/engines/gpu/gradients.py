"""Gradients: sums, over time and strings, of a row's delta times an input.

All values are ready when gradients are computed, so each entry is written once. Four entries are
computed at a time, so that a row's delta is read once for four; if fewer are left, the last one is
repeated, and written again with the same value.
"""

import triton
import triton.language as tl

from sparsebench.engines.gpu.lanes import load, zeros

_STEPS = tl.constexpr(4)
"""Time steps whose loads are in progress at once."""


@triton.jit
def write_gradient(
    steps, starts, columns, first, rows,
    inputs, input_row, input_stride, deltas, delta_row, delta_stride, gradient,
):  # fmt: skip
    """The gradient of a matrix: each row's delta times each column's input, over time and strings.

    `gradient[e] = sum over steps t and lanes of deltas[delta_row + t * delta_stride + r] *
    inputs[input_row + t * input_stride + columns[e]]`, for every entry e of every row r.
    """
    for row in range(rows):
        begin, end = tl.load(starts + first + row), tl.load(starts + first + row + 1)
        for e in range(begin, end, 4):
            e1, e2 = tl.minimum(e + 1, end - 1), tl.minimum(e + 2, end - 1)
            e3 = tl.minimum(e + 3, end - 1)
            column0 = input_row + tl.load(columns + e)
            column1 = input_row + tl.load(columns + e1)
            column2 = input_row + tl.load(columns + e2)
            column3 = input_row + tl.load(columns + e3)
            sum0 = zeros(inputs)
            sum1, sum2, sum3 = sum0, sum0, sum0
            for t in tl.range(steps, loop_unroll_factor=_STEPS):
                delta, source = load(deltas, delta_row + row + t * delta_stride), t * input_stride
                sum0 = tl.fma(delta, load(inputs, column0 + source), sum0)
                sum1 = tl.fma(delta, load(inputs, column1 + source), sum1)
                sum2 = tl.fma(delta, load(inputs, column2 + source), sum2)
                sum3 = tl.fma(delta, load(inputs, column3 + source), sum3)
            tl.store(gradient + e, tl.sum(sum0, 0))
            tl.store(gradient + e1, tl.sum(sum1, 0))
            tl.store(gradient + e2, tl.sum(sum2, 0))
            tl.store(gradient + e3, tl.sum(sum3, 0))


@triton.jit
def delta_sum(steps, deltas, delta_row, delta_stride):
    """The gradient of one bias: a row's deltas, summed over time and strings."""
    total = zeros(deltas)
    for t in range(steps):
        total += load(deltas, delta_row + t * delta_stride)
    return tl.sum(total, 0)


@triton.jit
def write_embedding_gradient(
    steps, letters, letter_count, width, codes, deltas, delta_stride, gradient
):
    """The gradient of the embedding's rows: the deltas of all positions with a letter.

    Only the rows of letters that occur in the strings are written.
    """
    for number in range(letter_count):
        letter = tl.load(letters + number)
        for k in range(0, width, 4):
            k1, k2 = tl.minimum(k + 1, width - 1), tl.minimum(k + 2, width - 1)
            k3 = tl.minimum(k + 3, width - 1)
            zero = zeros(deltas)
            sum0, sum1, sum2, sum3 = zero, zero, zero, zero
            for t in range(steps):
                here, row = load(codes, t) == letter, t * delta_stride
                sum0 += tl.where(here, load(deltas, row + k), zero)
                sum1 += tl.where(here, load(deltas, row + k1), zero)
                sum2 += tl.where(here, load(deltas, row + k2), zero)
                sum3 += tl.where(here, load(deltas, row + k3), zero)
            place = gradient + letter * width
            tl.store(place + k, tl.sum(sum0, 0))
            tl.store(place + k1, tl.sum(sum1, 0))
            tl.store(place + k2, tl.sum(sum2, 0))
            tl.store(place + k3, tl.sum(sum3, 0))
