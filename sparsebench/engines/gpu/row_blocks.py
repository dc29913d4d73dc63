"""The forward pass of a pruned stack in one launch, by blocks of rows that share their columns.

A tensor core multiplies small dense matrices. So the rows of a gate are taken 8 or 16 at a time, and
of each such block the columns that have a weight in any of its rows, 16 at a time: a mask of 16 x 1 or
8 x 4 blocks fills these matrices, another one leaves zeros in them. Each program runs its strings
through all layers and steps; no other launch waits in between.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from sparsebench.engines.batches import check_classified_letters
from sparsebench.engines.gpu.triton_kernels import prepare_triton
from sparsebench.parts.examples import Examples
from sparsebench.parts.sparse_layout import SHARED, SparseLayout
from sparsebench.values.layout import GATES
from sparsebench.values.masks import Weights

BLOCK_ROWS = (16, 8)
"""Rows that a block may have: as many as an operand of a tensor core has on either side."""

COLUMNS = 16
"""Columns of a matrix: the fewest that Triton multiplies by tensor cores."""

LANES = 16
"""Strings of a program, for the same reason."""

ROWS_TOGETHER = 64
"""Most rows that a program multiplies at a time, with `WARPS` warps."""

WARPS = 4


@dataclass(frozen=True, eq=False)
class RowBlocks:
    """The recurrent weights of a stack as small dense matrices.

    *Sums* are what a cell needs of a unit: one for each gate or, where its inputs' and its recurrent
    part stay apart (a candidate's, of GRU and MGU), two. *Groups* are the blocks of rows that are
    multiplied at a time; the last group of a sum is filled up with empty blocks.

    Attributes
    ----------
    together
        Blocks of a group.
    groups
        Groups of each sum.
    values
        (matrices, COLUMNS, rows) float32, transposed.
    columns
        (matrices, COLUMNS) int32: 0 for none, 1 to `hidden` for a unit of the layer below, from
        `hidden` + 1 on for one of the layer itself.
    starts
        (layers * sums * groups + 1,) int32: where the matrices of each group begin; one of each of its
        blocks, then the next of each.
    biases
        (layers, sums, hidden) float32.
    """

    together: int
    groups: int
    values: np.ndarray
    columns: np.ndarray
    starts: np.ndarray
    biases: np.ndarray


def row_blocks(plan: SparseLayout, weights: Weights, rows: int) -> RowBlocks:
    """Collect the weights of a stack of layers of one size.

    Parameters
    ----------
    plan, weights
        The network.
    rows
        Rows of a block, 8 or 16.
    """
    hidden, gates = plan.layout.sizes[0], GATES[plan.layout.variant]
    joint = SHARED[plan.layout.variant]
    sums: list[tuple[int | None, int | None]] = [(gate, gate) for gate in range(joint)]
    for gate in range(joint, gates):
        sums += [(gate, None), (None, gate)]
    blocks = -(-hidden // rows)
    together = min(ROWS_TOGETHER // rows, 1 << (blocks - 1).bit_length())
    groups = -(-blocks // together)
    values: list[np.ndarray] = []
    columns: list[np.ndarray] = []
    starts = [0]
    biases = np.zeros((len(plan.layout.sizes), len(sums), hidden), np.float32)
    for layer in range(len(plan.layout.sizes)):
        arrays = {
            kind: _by_gate(weights[f"layers.{layer}.{kind}"], gates)
            for kind in ("i2h", "h2h", "i2h_bias", "h2h_bias")
        }
        for number, (below, own) in enumerate(sums):
            parts = np.zeros((hidden, 2 * hidden), np.float32)
            if below is not None:
                biases[layer, number] += arrays["i2h_bias"][below]
                if layer:
                    parts[:, :hidden] = arrays["i2h"][below]
            if own is not None:
                biases[layer, number] += arrays["h2h_bias"][own]
                parts[:, hidden:] = arrays["h2h"][own]
            for group in range(groups):
                first = group * together * rows
                found = _group(parts[first : first + together * rows], together, rows)
                values.append(found[0])
                columns.append(found[1])
                starts.append(starts[-1] + len(found[0]))
    return RowBlocks(
        together, groups, np.concatenate(values), np.concatenate(columns),
        np.array(starts, np.int32), biases,
    )  # fmt: skip


def _by_gate(array: np.ndarray, gates: int) -> np.ndarray:
    return array.reshape(gates, len(array) // gates, *array.shape[1:])


def _group(parts: np.ndarray, together: int, rows: int) -> tuple[np.ndarray, np.ndarray]:
    """The matrices of a group's blocks, and their columns; `parts` (rows left, columns)."""
    full = np.zeros((together * rows, parts.shape[1]), np.float32)
    full[: len(parts)] = parts
    blocks = full.reshape(together, rows, -1)
    kept = [np.flatnonzero(block.any(0)) for block in blocks]
    times = -(-max(map(len, kept)) // COLUMNS)
    values = np.zeros((together, times * COLUMNS, rows), np.float32)
    columns = np.zeros((together, times * COLUMNS), np.int32)
    for number, (block, own) in enumerate(zip(blocks, kept, strict=True)):
        values[number, : len(own)] = block[:, own].T
        columns[number, : len(own)] = own + 1
    in_turn = values.reshape(together, times, COLUMNS, rows).swapaxes(0, 1)
    return (
        in_turn.reshape(-1, COLUMNS, rows),
        columns.reshape(together, times, COLUMNS).swapaxes(0, 1).reshape(-1, COLUMNS),
    )


def pass_by_blocks(
    plan: SparseLayout,
    weights: Weights,
    readout: str,
    examples: Examples,
    device: str,
    rows: int,
) -> Callable[[], Tensor]:
    """What computes the logits (B, classes) of some strings from tensors that lie on the device.

    Parameters
    ----------
    plan, weights, readout
        The network: a stack of layers of one size that reads letters.
    examples
        The batch, of one answer for each string.
    device
        Torch's name of the GPU.
    rows
        Rows of a block, one of `BLOCK_ROWS`.

    Raises
    ------
    ValueError
        If the examples are no classified letters.
    RuntimeError
        If Triton or the GPU is missing.
    """
    check_classified_letters(examples, "blocks of rows", "take batched products for others")
    on = torch.device(device)
    prepare_triton(on)
    from sparsebench.engines.gpu.row_blocks_kernel import by_row_blocks

    layout, steps = plan.layout, int(examples.lengths.max())
    blocks = row_blocks(plan, weights, rows)
    layers, sums, hidden = blocks.biases.shape
    programs = -(-len(examples) // LANES)
    ends = np.full(len(examples), steps) if readout == "padded" else examples.lengths

    def put(array: np.ndarray, kind: type = np.float32) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(array, kind)).to(on)

    codes, table = examples.inputs[:, :steps].T, _of_letters(plan, weights, blocks)
    given = [put(table), put(codes, np.int32), put(blocks.biases), put(blocks.values)]
    given += [put(array, np.int32) for array in (blocks.columns, blocks.starts, ends)]
    states = torch.zeros(programs, 1 + 2 * layers * hidden, LANES, device=on)
    cells = torch.zeros(programs, layers * hidden, LANES, device=on)
    last = torch.zeros(len(examples), hidden, device=on)
    weight, bias = put(weights["readout.weight"]), put(weights["readout.bias"])

    def run() -> Tensor:
        states.zero_()
        cells.zero_()
        by_row_blocks[(programs,)](
            *given, states, cells, last, len(examples), steps, layers, hidden, blocks.groups,
            variant=layout.variant, sums=sums, rows=rows, together=blocks.together,
            columns_of_matrix=COLUMNS, lanes=LANES, num_warps=WARPS, num_stages=1,
        )  # fmt: skip
        return torch.addmm(bias, last, weight.T)

    return run


def _of_letters(plan: SparseLayout, weights: Weights, blocks: RowBlocks) -> np.ndarray:
    """What letters and biases add to the sums of the lowest layer, (letters, sums, hidden)."""
    read = weights["embedding"] @ weights["layers.0.i2h"].T
    by_gate = read.reshape(len(read), GATES[plan.layout.variant], -1)
    joint = SHARED[plan.layout.variant]
    table = np.repeat(blocks.biases[:1], len(read), 0)
    table[:, :joint] += by_gate[:, :joint]
    table[:, joint::2] += by_gate[:, joint:]
    return table
