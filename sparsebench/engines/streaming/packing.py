"""Weights of a network, packed for vectors over hidden units.

The rows of a matrix are those of its gates, each padded with zeros to whole vectors of `LANES` rows, so
that a vector holds rows of one gate: a *panel*. A full matrix lists the vectors of all its columns; one
in blocks lists those that have a weight, with their columns, for panels of 16 rows or for their halves.
Panels of a full matrix come in groups of 8, 4 and 1, whose vectors of the same column lie side by side,
because a group is multiplied at a time.

As int8, a weight is a whole number of -127 to 127 times the scale of its row.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sparsebench.engines.fused.memory import aligned_zeros, padded
from sparsebench.values.layout import GATES, Layout
from sparsebench.values.masks import Weights

LANES = 16
"""Units in a vector."""

GROUPS = (8, 4, 1)
"""Panels of a full matrix that are multiplied together."""

FORMATS = ("full", "16x1", "8x1")
"""All vectors, or blocks of so many rows by one column that have a weight."""

ROWS = {"full": LANES, "16x1": LANES, "8x1": LANES // 2}
"""The rows of a vector in each format."""

DTYPES = ("float32", "int8")
"""How weights are stored; sums are float32."""

LARGEST = 127
"""The largest int8 of a row."""

MATRIX = np.dtype(
    [
        (name, np.int64)
        for name in ("format", "columns", "panels", "weights", "starts", "places", "scales")
    ]
)
"""A matrix: the number of its format; columns; panels; its first vector; the first of its `starts`, of
its `columns` and of its panels of `scales`."""

BLOCK = np.dtype(
    [(name, np.int64) for name in ("units", "state", "bias", "source", "target", "adds")]
)
"""A block: vectors of its units; its first vector of the state, and of the biases; the layers that it
reads and adds to, from 1, where 0 is the input; whether another block wrote there before."""


@dataclass(frozen=True, eq=False)
class Packed:
    """Packed matrices.

    Attributes
    ----------
    matrices
        (matrices,) of `MATRIX`.
    weights
        Vectors, float32 or int8, aligned.
    starts
        int64: for each panel of a matrix in blocks, its first vector, counted from the matrix's own;
        after its last panel, the end.
    columns
        int32: the column of each vector of a matrix in blocks.
    scales
        float32: for each row of a panel, what its weights and so its sum are to be multiplied with.
        One vector, unused, if weights are float32.
    """

    matrices: np.ndarray
    weights: np.ndarray
    starts: np.ndarray
    columns: np.ndarray
    scales: np.ndarray


def panels_of(layout: Layout, units: int) -> int:
    """The number of panels of a matrix that leads into so many units."""
    return GATES[layout.variant] * padded(units, LANES) // LANES


def by_panels(matrix: np.ndarray, gates: int) -> np.ndarray:
    """A matrix as (panels, columns, LANES), each gate's rows padded with zeros."""
    rows, columns = matrix.shape
    units = rows // gates
    whole = np.zeros((gates, padded(units, LANES), columns), np.float32)
    whole[:, :units] = matrix.reshape(gates, units, columns)
    return np.ascontiguousarray(whole.reshape(-1, LANES, columns).transpose(0, 2, 1))


def vector_by_panels(vector: np.ndarray, gates: int) -> np.ndarray:
    """A bias, padded as the rows of a matrix."""
    return by_panels(vector[:, None], gates).reshape(-1)


def pack(
    matrices: list[np.ndarray], formats: list[str], gates: list[int], dtype: str = "float32"
) -> Packed:
    """Pack matrices, each in its format.

    Parameters
    ----------
    matrices
        (rows, columns) each, zero where there is no weight.
    formats
        For each, a name in `FORMATS`.
    gates
        For each, the gates that its rows are divided among; 1 for a readout.
    dtype
        A name in `DTYPES`.
    """
    records = np.zeros(len(matrices), MATRIX)
    weights: list[np.ndarray] = []
    starts, columns = [np.zeros(0, np.int64)], [np.zeros(0, np.int32)]
    scales = [np.zeros((0, LANES), np.float32)]
    values = panels_before = 0
    for record, matrix, form, count in zip(records, matrices, formats, gates, strict=True):
        panels, rows = by_panels(matrix, count), ROWS[form]
        record["format"], record["columns"] = FORMATS.index(form), matrix.shape[1]
        record["panels"], record["weights"] = len(panels), values // rows
        record["starts"] = sum(map(len, starts))
        record["places"], record["scales"] = sum(map(len, columns)), panels_before
        if dtype == "int8":
            panels, own_scales = _whole_numbers(panels, 1)
            scales.append(own_scales[:, 0])
            panels_before += len(panels)
        if form == "full":
            own = _grouped(panels)
        else:
            split = panels.reshape(len(panels), -1, LANES // rows, rows).transpose(0, 2, 1, 3)
            parts = split.reshape(-1, matrix.shape[1], rows)
            there = (parts != 0).any(2)
            own = parts[there]
            starts.append(np.concatenate([[0], np.cumsum(there.sum(1))]))
            columns.append(np.nonzero(there)[1].astype(np.int32))
        padding = np.zeros(-own.size % LANES, own.dtype)
        weights += [own.reshape(-1), padding]
        values += own.size + padding.size
    flat = aligned_zeros(max(LANES, values), np.dtype(dtype))
    flat[:values] = np.concatenate(weights)
    return Packed(
        records,
        flat,
        np.concatenate(starts),
        np.concatenate(columns),
        np.concatenate(scales).reshape(-1) if dtype == "int8" else np.zeros(LANES, np.float32),
    )


def rounded_to_int8(matrix: np.ndarray) -> np.ndarray:
    """The weights of a matrix (rows, columns) as they are when they are stored as int8."""
    numbers, scales = _whole_numbers(matrix, 1)
    return numbers * scales


def _whole_numbers(weights: np.ndarray, axis: int) -> tuple[np.ndarray, np.ndarray]:
    """Weights as int8, and what they are to be multiplied with along an axis, float32."""
    scales = np.abs(weights).max(axis, keepdims=True, initial=0) / np.float32(LARGEST)
    divisors = np.where(scales == 0, np.float32(1), scales)
    numbers = np.clip(np.rint(weights / divisors), -LARGEST, LARGEST)  # subnormal scales round up
    return numbers.astype(np.int8), scales


def _grouped(panels: np.ndarray) -> np.ndarray:
    """Vectors of full panels, group by group, column by column."""
    parts, first = [], 0
    for size in GROUPS:
        while first + size <= len(panels):
            parts.append(panels[first : first + size].transpose(1, 0, 2).reshape(-1, LANES))
            first += size
    return np.concatenate(parts)


def network_matrices(
    layout: Layout, weights: Weights
) -> tuple[list[str], list[np.ndarray], list[int]]:
    """Names, arrays and gates of a network's matrices: i2h and h2h of each block, then the readout."""
    names = [f"{block.name}.{kind}" for block in layout.blocks for kind in ("i2h", "h2h")]
    gates = [GATES[layout.variant]] * len(names)
    return (
        [*names, "readout.weight"],
        [
            *(weights[name] for name in names),
            weights["readout.weight"],
        ],
        [*gates, 1],
    )
