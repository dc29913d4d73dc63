"""Weights of a network, packed for vectors over hidden units.

The rows of a matrix are those of its gates, each padded with zeros to whole vectors of `LANES` rows, so
that a vector holds rows of one gate: a *panel*. A full matrix lists the vectors of all its columns, a
sparse one those that have a weight, with their columns. Panels of a full matrix come in groups of 8, 4
and 1, whose vectors of the same column lie side by side, because a group is multiplied at a time.
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

FORMATS = ("full", "blocks")

MATRIX = np.dtype([(name, np.int64) for name in ("full", "columns", "panels", "weights", "starts")])
"""A matrix: whether it is full; columns; panels; its first vector, and the first of its `starts`."""

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
        float32, `LANES` values a vector, aligned.
    starts
        int64: for each panel of a sparse matrix, its first vector; after its last panel, the end.
    columns
        int32: the column of each vector of a sparse matrix.
    """

    matrices: np.ndarray
    weights: np.ndarray
    starts: np.ndarray
    columns: np.ndarray


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


def pack(matrices: list[np.ndarray], formats: list[str], gates: list[int]) -> Packed:
    """Pack matrices, each in its format.

    Parameters
    ----------
    matrices
        (rows, columns) each, zero where there is no weight.
    formats
        For each, a name in `FORMATS`.
    gates
        For each, the gates that its rows are divided among; 1 for a readout.
    """
    records = np.zeros(len(matrices), MATRIX)
    weights: list[np.ndarray] = []
    starts: list[np.ndarray] = []
    columns: list[np.ndarray] = []
    vectors = places = 0
    for record, matrix, form, count in zip(records, matrices, formats, gates, strict=True):
        panels = by_panels(matrix, count)
        record["full"], record["columns"] = form == "full", matrix.shape[1]
        record["panels"], record["weights"], record["starts"] = len(panels), vectors, places
        if form == "full":
            own = _grouped(panels)
        else:
            there = (panels != 0).any(2)
            own = panels[there]
            starts.append(vectors + np.concatenate([[0], np.cumsum(there.sum(1))]))
            places += len(panels) + 1
        columns.append(
            np.zeros(len(own), np.int32)
            if form == "full"
            else np.nonzero(there)[1].astype(np.int32)
        )
        weights.append(own)
        vectors += len(own)
    flat = aligned_zeros(max(1, vectors) * LANES, np.float32)
    flat[: vectors * LANES] = np.concatenate([each.reshape(-1) for each in weights])
    return Packed(
        records,
        flat,
        np.concatenate([np.zeros(0), *starts]).astype(np.int64),
        np.concatenate([np.zeros(0), *columns]).astype(np.int32),
    )


def _grouped(panels: np.ndarray) -> np.ndarray:
    """Vectors of full panels, group by group, column by column."""
    parts, first = [], 0
    for size in GROUPS:
        while first + size <= len(panels):
            parts.append(panels[first : first + size].transpose(1, 0, 2).reshape(-1, LANES))
            first += size
    return np.concatenate(parts)


def vectors_of(matrix: np.ndarray, gates: int, form: str) -> int:
    """How many vectors a product with a matrix reads in a format."""
    panels = by_panels(matrix, gates)
    return panels.shape[0] * panels.shape[1] if form == "full" else int((panels != 0).any(2).sum())


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
