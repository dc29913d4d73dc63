"""Products with sparse matrices: what the time of a sparse network goes into.

A matrix is given by its rows: `starts` says where the entries of each begin and end in `weights`, and
`columns` says which vector an entry is multiplied with. The entries of a *full* matrix are all there,
so rows of it can share what they load.
"""

from sparsebench.engines.fused.simd import at, fma, jit, load, store


@jit
def add_row(species, weights, starts, columns, row, inputs, input_row, total):
    """`total` plus the product of one row with its inputs."""
    for e in range(at(starts, row), at(starts, row + 1)):
        total = fma(at(weights, e), load(species, inputs, input_row + at(columns, e)), total)
    return total


@jit
def add_three_rows(species, weights, entry, apart, length, inputs, input_row, sum0, sum1, sum2):
    """`add_row` for three full rows whose entries begin at `entry` and lie `apart` from each other."""
    for k in range(length):
        value = load(species, inputs, input_row + k)
        sum0 = fma(at(weights, entry + k), value, sum0)
        sum1 = fma(at(weights, entry + apart + k), value, sum1)
        sum2 = fma(at(weights, entry + 2 * apart + k), value, sum2)
    return sum0, sum1, sum2


@jit
def add_four_rows(
    species, weights, entry, apart, length, inputs, input_row, sum0, sum1, sum2, sum3
):
    """`add_row` for four full rows whose entries begin at `entry` and lie `apart` from each other."""
    for k in range(length):
        value = load(species, inputs, input_row + k)
        sum0 = fma(at(weights, entry + k), value, sum0)
        sum1 = fma(at(weights, entry + apart + k), value, sum1)
        sum2 = fma(at(weights, entry + 2 * apart + k), value, sum2)
        sum3 = fma(at(weights, entry + 3 * apart + k), value, sum3)
    return sum0, sum1, sum2, sum3


@jit
def add_output(species, block, units, target, value):
    """Write a unit's new output, or add it where another block has written before."""
    if block.adds:
        value += load(species, units, target)
    store(species, units, target, value)


@jit
def add_products(
    species, weights, starts, columns, first, rows, full, inputs, input_row, outputs, output_row
):
    """Add the product of a whole matrix, rows `first` to `first + rows`, to as many output rows."""
    row = 0
    if full:
        begin = at(starts, first)
        length = at(starts, first + 1) - begin
        while row + 2 <= rows:
            # where fewer than four rows are left, the last one stands in for those that are missing
            row2, row3 = min(row + 2, rows - 1), min(row + 3, rows - 1)
            e0, e1 = begin + row * length, begin + (row + 1) * length
            e2, e3 = begin + row2 * length, begin + row3 * length
            sum0 = load(species, outputs, output_row + row)
            sum1 = load(species, outputs, output_row + row + 1)
            sum2 = load(species, outputs, output_row + row2)
            sum3 = load(species, outputs, output_row + row3)
            for k in range(length):
                value = load(species, inputs, input_row + at(columns, begin + k))
                sum0 = fma(at(weights, e0 + k), value, sum0)
                sum1 = fma(at(weights, e1 + k), value, sum1)
                sum2 = fma(at(weights, e2 + k), value, sum2)
                sum3 = fma(at(weights, e3 + k), value, sum3)
            store(species, outputs, output_row + row, sum0)
            store(species, outputs, output_row + row + 1, sum1)
            store(species, outputs, output_row + row2, sum2)
            store(species, outputs, output_row + row3, sum3)
            row += 4
    while row < rows:
        total = load(species, outputs, output_row + row)
        total = add_row(species, weights, starts, columns, first + row, inputs, input_row, total)
        store(species, outputs, output_row + row, total)
        row += 1


@jit
def add_products_over_time(
    species, steps, weights, starts, columns, first, rows, full,
    inputs, input_row, input_stride, outputs, output_row, output_stride,
):  # fmt: skip
    """`add_products` at every step, where no step needs another's result.

    The rows of one step lie `input_stride` and `output_stride` rows after those of the step before.
    A sparse row takes four steps at a time, so that an entry is looked up once for four.
    """
    if full and rows >= 4:
        for t in range(steps):
            add_products(
                species, weights, starts, columns, first, rows, full,
                inputs, input_row + t * input_stride, outputs, output_row + t * output_stride,
            )  # fmt: skip
        return
    for row in range(rows):
        begin, end = at(starts, first + row), at(starts, first + row + 1)
        t = 0
        while t + 4 <= steps:
            out0 = output_row + row + t * output_stride
            out1, out2, out3 = (
                out0 + output_stride,
                out0 + 2 * output_stride,
                out0 + 3 * output_stride,
            )
            sum0, sum1 = load(species, outputs, out0), load(species, outputs, out1)
            sum2, sum3 = load(species, outputs, out2), load(species, outputs, out3)
            for e in range(begin, end):
                weight = at(weights, e)
                source = input_row + at(columns, e) + t * input_stride
                sum0 = fma(weight, load(species, inputs, source), sum0)
                sum1 = fma(weight, load(species, inputs, source + input_stride), sum1)
                sum2 = fma(weight, load(species, inputs, source + 2 * input_stride), sum2)
                sum3 = fma(weight, load(species, inputs, source + 3 * input_stride), sum3)
            store(species, outputs, out0, sum0)
            store(species, outputs, out1, sum1)
            store(species, outputs, out2, sum2)
            store(species, outputs, out3, sum3)
            t += 4
        while t < steps:
            out0 = output_row + row + t * output_stride
            total = load(species, outputs, out0)
            for e in range(begin, end):
                source = input_row + at(columns, e) + t * input_stride
                total = fma(at(weights, e), load(species, inputs, source), total)
            store(species, outputs, out0, total)
            t += 1
