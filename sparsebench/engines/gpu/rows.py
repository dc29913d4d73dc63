"""Products with sparse matrices, where most time of a sparse network is spent.

A matrix is given by its rows: `starts` says where each row's entries begin and end in `weights`,
`columns` with which row of scratch each entry is multiplied. All lanes share an entry, so a warp
reads it once.
"""

import triton
import triton.language as tl

from sparsebench.engines.gpu.lanes import load, store

_ROW, _OVER_TIME = (
    (tl.constexpr(2), tl.constexpr(2))
    if triton.knobs.runtime.interpret
    else (tl.constexpr(8), tl.constexpr(4))
)
"""Entries of a row that are processed at a time, and so loads in progress at once, because a warp
mostly waits for memory. If fewer are left, the last one is repeated with a weight of 0. An
interpreter processes each by itself; two are enough to test what is left over."""


@triton.jit
def add_row(weights, starts, columns, row, inputs, input_row, total):
    """`total` plus the product of one row with its inputs."""
    end = tl.load(starts + row + 1)
    for first in range(tl.load(starts + row), end, _ROW):
        for k in tl.static_range(_ROW):
            e = tl.minimum(first + k, end - 1)
            source = input_row + tl.load(columns + e)
            weight = tl.where(first + k < end, tl.load(weights + e), 0.0)
            total = tl.fma(weight, load(inputs, source), total)
    return total


@triton.jit
def add_products(weights, starts, columns, first, rows, inputs, input_row, outputs, output_row):
    """Add the product of a whole matrix, rows `first` to `first + rows`, to as many output rows."""
    for row in range(rows):
        total = load(outputs, output_row + row)
        total = add_row(weights, starts, columns, first + row, inputs, input_row, total)
        store(outputs, output_row + row, total)


@triton.jit
def add_products_over_time(
    steps, weights, starts, columns, first, rows,
    inputs, input_row, input_stride, outputs, output_row, output_stride,
):  # fmt: skip
    """`add_products` at every step, if no step needs another's result.

    The rows of consecutive steps are `input_stride` and `output_stride` rows apart. Four steps are
    processed at a time, so that an entry is read once for four; if fewer are left, the last one is
    repeated.
    """
    for row in range(rows):
        begin, end = tl.load(starts + first + row), tl.load(starts + first + row + 1)
        for t in range(0, steps, 4):
            t1, t2 = tl.minimum(t + 1, steps - 1), tl.minimum(t + 2, steps - 1)
            t3 = tl.minimum(t + 3, steps - 1)
            output = output_row + row
            sum0 = load(outputs, output + t * output_stride)
            sum1 = load(outputs, output + t1 * output_stride)
            sum2 = load(outputs, output + t2 * output_stride)
            sum3 = load(outputs, output + t3 * output_stride)
            for some in range(begin, end, _OVER_TIME):
                for k in tl.static_range(_OVER_TIME):
                    e = tl.minimum(some + k, end - 1)
                    weight = tl.where(some + k < end, tl.load(weights + e), 0.0)
                    source = input_row + tl.load(columns + e)
                    sum0 = tl.fma(weight, load(inputs, source + t * input_stride), sum0)
                    sum1 = tl.fma(weight, load(inputs, source + t1 * input_stride), sum1)
                    sum2 = tl.fma(weight, load(inputs, source + t2 * input_stride), sum2)
                    sum3 = tl.fma(weight, load(inputs, source + t3 * input_stride), sum3)
            store(outputs, output + t * output_stride, sum0)
            store(outputs, output + t1 * output_stride, sum1)
            store(outputs, output + t2 * output_stride, sum2)
            store(outputs, output + t3 * output_stride, sum3)


@triton.jit
def add_output(block, units, target, value):
    """Write a unit's new output, or add it if another block has already written there."""
    if block.adds:
        value += load(units, target)
    store(units, target, value)
