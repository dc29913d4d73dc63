"""Products with sparse matrices: what the time of a sparse network goes into.

A matrix is given by its rows: `starts` says where the entries of each begin and end in `weights`, and
`columns` says which row of scratch an entry is multiplied with. Entries are numbers that all lanes
share, so a warp reads each once.
"""

import triton
import triton.language as tl

from sparsebench.engines.gpu.lanes import load, store

_ROW, _OVER_TIME = (
    (tl.constexpr(2), tl.constexpr(2))
    if triton.knobs.runtime.interpret
    else (tl.constexpr(8), tl.constexpr(4))
)
"""Entries of a row that are taken at a time, so that as many loads are under way at once: a warp
mostly waits for memory. Where fewer are left, the last stands in for the others, with a weight of 0.
An interpreter takes each by itself, and has no use for more than it takes to have some left over."""


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
    """`add_products` at every step, where no step needs another's result.

    The rows of one step lie `input_stride` and `output_stride` rows after those of the step before.
    Four steps are taken at a time, so that an entry is looked up once for four; where fewer are left,
    the last one stands in for those that are missing.
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
    """Write a unit's new output, or add it where another block has written before."""
    if block.adds:
        value += load(units, target)
    store(units, target, value)
