"""Products with sparse matrices, where most time of a sparse network is spent.

A matrix is given by its rows: `starts` says where each row's entries begin and end in `weights`,
`columns` with which vector each entry is multiplied. A *full* matrix has all its entries, so its
rows can share memory accesses.
"""

from sparsebench.engines.fused.simd import at, fma, jit, load, store


@jit
def add_row(spec, weights, starts, columns, row, inputs, input_row, total):
    """`total` plus the product of one row with its inputs."""
    for e in range(at(starts, row), at(starts, row + 1)):
        total = fma(at(weights, e), load(spec, inputs, input_row + at(columns, e)), total)
    return total


@jit
def add_two_pairs_of_rows(
    spec, weights, starts, columns, row, apart, full, inputs, input_row, sum0, sum1, sum2, sum3
):
    """`add_row` for a row and its next, and for two at a distance of `apart` from these.

    Full rows share memory accesses.
    """
    if full:
        entry = at(starts, row)
        length = at(starts, row + 1) - entry
        gap = apart * length
        for k in range(length):
            value = load(spec, inputs, input_row + k)
            sum0 = fma(at(weights, entry + k), value, sum0)
            sum1 = fma(at(weights, entry + length + k), value, sum1)
            sum2 = fma(at(weights, entry + gap + k), value, sum2)
            sum3 = fma(at(weights, entry + gap + length + k), value, sum3)
    else:
        other = row + apart
        sum0 = add_row(spec, weights, starts, columns, row, inputs, input_row, sum0)
        sum1 = add_row(spec, weights, starts, columns, row + 1, inputs, input_row, sum1)
        sum2 = add_row(spec, weights, starts, columns, other, inputs, input_row, sum2)
        sum3 = add_row(spec, weights, starts, columns, other + 1, inputs, input_row, sum3)
    return sum0, sum1, sum2, sum3


@jit
def add_three_rows(
    spec, weights, starts, columns, row, apart, full, inputs, input_row, sum0, sum1, sum2
):
    """`add_row` for three rows at distances of `apart`; full rows share memory accesses."""
    if full:
        entry = at(starts, row)
        length = at(starts, row + 1) - entry
        gap = apart * length
        for k in range(length):
            value = load(spec, inputs, input_row + k)
            sum0 = fma(at(weights, entry + k), value, sum0)
            sum1 = fma(at(weights, entry + gap + k), value, sum1)
            sum2 = fma(at(weights, entry + 2 * gap + k), value, sum2)
    else:
        row1, row2 = row + apart, row + 2 * apart
        sum0 = add_row(spec, weights, starts, columns, row, inputs, input_row, sum0)
        sum1 = add_row(spec, weights, starts, columns, row1, inputs, input_row, sum1)
        sum2 = add_row(spec, weights, starts, columns, row2, inputs, input_row, sum2)
    return sum0, sum1, sum2


@jit
def add_four_rows(
    spec, weights, starts, columns, row, apart, full, inputs, input_row, sum0, sum1, sum2, sum3
):
    """`add_row` for four rows at distances of `apart`; full rows share memory accesses."""
    if full:
        entry = at(starts, row)
        length = at(starts, row + 1) - entry
        gap = apart * length
        for k in range(length):
            value = load(spec, inputs, input_row + k)
            sum0 = fma(at(weights, entry + k), value, sum0)
            sum1 = fma(at(weights, entry + gap + k), value, sum1)
            sum2 = fma(at(weights, entry + 2 * gap + k), value, sum2)
            sum3 = fma(at(weights, entry + 3 * gap + k), value, sum3)
    else:
        row1, row2, row3 = row + apart, row + 2 * apart, row + 3 * apart
        sum0 = add_row(spec, weights, starts, columns, row, inputs, input_row, sum0)
        sum1 = add_row(spec, weights, starts, columns, row1, inputs, input_row, sum1)
        sum2 = add_row(spec, weights, starts, columns, row2, inputs, input_row, sum2)
        sum3 = add_row(spec, weights, starts, columns, row3, inputs, input_row, sum3)
    return sum0, sum1, sum2, sum3


@jit
def add_output(spec, block, units, target, value):
    """Write a unit's new output, or add it if another block has already written there."""
    if block.adds:
        value += load(spec, units, target)
    store(spec, units, target, value)


@jit
def add_products(
    spec, weights, starts, columns, first, rows, full, inputs, input_row, outputs, output_row
):
    """Add the product of a whole matrix, rows `first` to `first + rows`, to as many output rows."""
    row = 0
    if full:
        begin = at(starts, first)
        length = at(starts, first + 1) - begin
        while row + 4 <= rows:
            e0, e1 = begin + row * length, begin + (row + 1) * length
            e2, e3 = begin + (row + 2) * length, begin + (row + 3) * length
            out = output_row + row
            sum0, sum1 = load(spec, outputs, out), load(spec, outputs, out + 1)
            sum2, sum3 = load(spec, outputs, out + 2), load(spec, outputs, out + 3)
            for k in range(length):
                value = load(spec, inputs, input_row + at(columns, begin + k))
                sum0 = fma(at(weights, e0 + k), value, sum0)
                sum1 = fma(at(weights, e1 + k), value, sum1)
                sum2 = fma(at(weights, e2 + k), value, sum2)
                sum3 = fma(at(weights, e3 + k), value, sum3)
            store(spec, outputs, out, sum0)
            store(spec, outputs, out + 1, sum1)
            store(spec, outputs, out + 2, sum2)
            store(spec, outputs, out + 3, sum3)
            row += 4
    while row < rows:
        total = load(spec, outputs, output_row + row)
        total = add_row(spec, weights, starts, columns, first + row, inputs, input_row, total)
        store(spec, outputs, output_row + row, total)
        row += 1
