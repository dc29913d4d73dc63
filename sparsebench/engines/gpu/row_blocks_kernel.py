"""The kernel of `row_blocks`: all steps and layers of some strings, products by tensor cores.

Products are of float32 numbers; each is split into three of the tensor cores' shorter numbers, whose
sum is as accurate. States lie in scratch, a row of lanes for each unit, and a program waits for all its
threads after each layer.
"""

import triton
import triton.language as tl

from sparsebench.engines.gpu.activations import logistic, tanh


@triton.jit(do_not_specialize=["strings", "steps", "layers", "hidden", "groups"])
def by_row_blocks(
    table, codes, biases, values, columns, starts, ends, states, cells, last,
    strings, steps, layers, hidden, groups,
    variant: tl.constexpr, sums: tl.constexpr, rows: tl.constexpr, together: tl.constexpr,
    columns_of_matrix: tl.constexpr, lanes: tl.constexpr,
):  # fmt: skip
    """Write each string's last hidden state of the highest layer to `last` (strings, hidden).

    Parameters
    ----------
    table
        (letters, sums, hidden) what a letter adds to the lowest layer's sums, biases included.
    codes
        (steps, strings) places of letters in `table`.
    biases, values, columns, starts
        See `row_blocks.RowBlocks`.
    ends
        (strings,) after how many steps a string is read.
    states, cells
        (programs, 1 + 2 * layers * hidden, lanes) and (programs, layers * hidden, lanes), zeros. Row 0
        of the states stays zero; then each layer has its units' states after even steps, then after odd
        ones.
    """
    program = tl.program_id(0)
    lane = tl.arange(0, lanes)
    string = tl.minimum(program * lanes + lane, strings - 1)
    present = program * lanes + lane < strings
    end = tl.load(ends + string)
    states += program.to(tl.int64) * (1 + 2 * layers * hidden) * lanes
    cells += program.to(tl.int64) * layers * hidden * lanes
    within = tl.arange(0, together)[:, None] * rows + tl.arange(0, rows)[None, :]
    for step in range(steps):
        code = tl.load(codes + step * strings + string)
        for layer in range(layers):
            now = (2 * layer + step % 2) * hidden
            before = (2 * layer + 1 - step % 2) * hidden
            below = now - 2 * hidden
            for group in range(groups):
                unit = group * together * rows + within
                inside = (unit < hidden)[:, None, :] & (lane >= 0)[None, :, None]
                row = unit[:, None, :] * lanes + lane[None, :, None]
                first = starts + layer * sums * groups + group
                here = table, code, biases, values, columns, first, states, lane, unit, layer
                old = tl.load(states + (1 + before) * lanes + row, mask=inside, other=0.0)
                a = _sum(
                    here, 0, below, before, hidden, groups, sums, rows, together, columns_of_matrix
                )
                if variant == "rnn_tanh":
                    new = tanh(a)
                elif variant == "rnn_relu":
                    new = tl.where(a <= 0.0, 0.0, a)
                else:
                    b = _sum(
                        here, 1, below, before, hidden, groups, sums, rows, together,
                        columns_of_matrix,
                    )  # fmt: skip
                    c = _sum(
                        here, 2, below, before, hidden, groups, sums, rows, together,
                        columns_of_matrix,
                    )  # fmt: skip
                    if variant == "mgu":
                        forget = logistic(a)
                        new = tl.fma(forget, tanh(tl.fma(forget, c, b)) - old, old)
                    else:
                        d = _sum(
                            here, 3, below, before, hidden, groups, sums, rows, together,
                            columns_of_matrix,
                        )  # fmt: skip
                        if variant == "gru":
                            candidate = tanh(tl.fma(logistic(a), d, c))
                            new = tl.fma(logistic(b), old - candidate, candidate)
                        else:
                            kept = cells + layer * hidden * lanes + row
                            cell = tl.load(kept, mask=inside, other=0.0)
                            cell = tl.fma(logistic(b), cell, logistic(a) * tanh(c))
                            tl.store(kept, cell, mask=inside)
                            new = logistic(d) * tanh(cell)
                tl.store(states + (1 + now) * lanes + row, new, mask=inside)
                if layer == layers - 1:
                    reads = inside & ((end == step + 1) & present)[None, :, None]
                    place = string[None, :, None] * hidden + unit[:, None, :]
                    tl.store(last + place, new, mask=reads)
            tl.debug_barrier()


@triton.jit
def _sum(
    here, number: tl.constexpr, below, own, hidden, groups, sums: tl.constexpr,
    rows: tl.constexpr, together: tl.constexpr, width: tl.constexpr,
):  # fmt: skip
    """One sum of a group's units, (together, lanes, rows)."""
    table, code, biases, values, columns, first, states, lane, unit, layer = here
    inside = unit < hidden
    if layer == 0:
        place = code[None, :, None] * (sums * hidden) + number * hidden + unit[:, None, :]
        everywhere = inside[:, None, :] & (lane >= 0)[None, :, None]
        total = tl.load(table + place, mask=everywhere, other=0.0)
    else:
        bias = biases + (layer * sums + number) * hidden + unit
        alike = tl.load(bias, mask=inside, other=0.0)
        total = tl.zeros([together, lane.shape[0], rows], tl.float32) + alike[:, None, :]
    k, r = tl.arange(0, width), tl.arange(0, rows)
    begin, end = tl.load(first + number * groups), tl.load(first + number * groups + 1)
    for matrix in range(begin, end, together):
        each = matrix + tl.arange(0, together)
        place = each[:, None] * width + k[None, :]
        weight = tl.load(values + place[:, :, None] * rows + r[None, None, :])
        column = tl.load(columns + place)
        row = tl.where(column > hidden, own + column - hidden, below + column)
        row = tl.where(column == 0, 0, row)
        read = tl.load(states + row[:, None, :] * lane.shape[0] + lane[None, :, None])
        total = tl.dot(read, weight, total, input_precision="tf32x3")
    return total
