"""Sparse layouts: one network's structure for a fast engine, as flat arrays.

A sparse layout lists the weights that a network keeps in one flat vector: the embedding, then for
each block the kept entries of i2h row by row, those of h2h, and the two biases, then the readout. A
pruned weight has no entry, so neither the optimiser nor any loop processes it. Only if a mask keeps
most of a matrix are the few others listed too, as zeros whose gradient is set to zero, because a
full matrix is multiplied faster than one with a few holes. Pruned entries of other arrays, such as
the readout, are always listed so: loops process these arrays whole.

Two index structures refer to the vector: by rows for the forward pass, by columns for the backward
pass, both in compressed-sparse-row form.

Activations have positions on one *unit axis*: the embedding's values first, then the units of each
layer. A block says where the layers that it reads and adds to begin on it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import DTypeLike

from sparsebench.parts.weights import check_shapes, is_recurrent
from sparsebench.values.layout import GATES, Layout
from sparsebench.values.masks import Masks, Weights, check_mask

BLOCK = np.dtype(
    [
        (name, np.int64)
        for name in (
            "hidden",  # units
            "inputs",  # values read at each step
            "source",  # first of them on the unit axis
            "target",  # first unit, on the unit axis, of the layer that it leads into
            "adds",  # 1, or 0 for the first block that leads into the layer
            "rows",  # of i2h and of h2h: hidden units times gates
            "shared",  # of these, rows with one sum for i2h and h2h, as `SHARED` says
            "stored",  # rows of activations per step that the backward pass needs
            "i2h",  # number of its first i2h row
            "h2h",
            "i2h_back",  # number of the first column of its i2h
            "h2h_back",
            "i2h_bias",  # position in the flat vector
            "h2h_bias",
            "i2h_full",  # 1 if every entry is listed
            "h2h_full",
            "gates",  # its first stored row, among those of all blocks
            "states",  # its first hidden unit, among those of all blocks
        )
    ]
)
"""One block: sizes, and where its weights and activations begin."""

SHARED = {"rnn_tanh": 1, "rnn_relu": 1, "lstm": 4, "gru": 2, "mgu": 1}
"""Number of gates, from the first, whose sums over inputs and hidden units are one sum. Those of
GRU's and MGU's candidate are separate sums, with separate gradients."""

STORED = {"rnn_tanh": 1, "rnn_relu": 1, "lstm": 5, "gru": 4, "mgu": 3}
"""Rows per hidden unit and step that a backward pass needs besides the states: the gates or the
gradients of their sums; for GRU and MGU also the recurrent half of the candidate, which has its own
gradient; for LSTM also the tanh of its cell."""

FULL_FROM = 0.6
"""Density from which a matrix is multiplied as a full one: then entries that share memory accesses
take less time than fewer entries that do not (measured with AVX-512)."""


@dataclass(frozen=True, eq=False)
class SparseLayout:
    """The structure of one network, for an engine.

    Attributes
    ----------
    layout
        The network's layout.
    masks
        Its masks.
    size
        Entries of the flat parameter vector.
    units
        Length of the unit axis.
    blocks
        (blocks,) of `BLOCK`.
    starts
        (rows + 1,) int64: where each row of a matrix begins in the flat vector; after each matrix,
        one more entry says where its last row ends.
    columns
        (size,) int32: each entry's column in its matrix; 0 for biases, embedding and readout.
    back_starts
        Where each column of a matrix begins in the two arrays below, with ends as in `starts`.
    back_rows
        int32: the row of gate gradients that each entry is multiplied with in the backward pass.
    back_entries
        int32: the entry's position in the flat vector.
    holes
        int32: positions in the flat vector whose values and gradients are zero.
    readout_weight, readout_bias
        Positions in the flat vector. The embedding is at 0.
    places
        Name -> where the array begins in the flat vector, and a mask of its listed entries (None:
        all).
    """

    layout: Layout
    masks: Masks
    size: int
    units: int
    blocks: np.ndarray
    starts: np.ndarray
    columns: np.ndarray
    back_starts: np.ndarray
    back_rows: np.ndarray
    back_entries: np.ndarray
    holes: np.ndarray
    readout_weight: int
    readout_bias: int
    places: dict[str, tuple[int, np.ndarray | None]]

    @property
    def kept(self) -> int:
        """Listed entries of the recurrent matrices: multiply-adds per step and string."""
        return len(self.back_entries)

    def pack(self, weights: Weights, dtype: DTypeLike = np.float32) -> np.ndarray:
        """The kept weights as a flat vector.

        Raises
        ------
        ValueError
            If the weights are not those of the layout.
        """
        check_shapes(weights, self.layout, "the given weights")
        flat = np.zeros(self.size, dtype)
        for name, (start, kept) in self.places.items():
            values = weights[name].reshape(-1) if kept is None else weights[name][kept]
            flat[start : start + values.size] = values
        flat[self.holes] = 0
        return flat

    def unpack(self, flat: np.ndarray, pruned: Weights | None = None) -> dict[str, np.ndarray]:
        """Named arrays from a flat vector: the inverse of `pack`.

        Parameters
        ----------
        flat
            (size,) values.
        pruned
            Values for pruned entries; by default zeros.

        Raises
        ------
        ValueError
            If the vector has another length, or `pruned` does not fit the layout.
        """
        if flat.shape != (self.size,):
            raise ValueError(f"flat vector of shape {flat.shape}: this plan's is ({self.size},)")
        if pruned is not None:
            check_shapes(pruned, self.layout, "the given weights")
        arrays = {}
        for name, shape in self.layout.shapes().items():
            start, kept = self.places[name]
            count = math.prod(shape) if kept is None else int(kept.sum())
            values = flat[start : start + count]
            array = np.zeros(shape, flat.dtype)
            array[... if kept is None else kept] = values.reshape(shape) if kept is None else values
            if name in self.masks and (kept is None or pruned is not None):
                others = array.dtype.type(0) if pruned is None else pruned[name].astype(flat.dtype)
                array = np.where(self.masks[name], array, others)
            arrays[name] = array
        return arrays


def sparse_layout(layout: Layout, masks: Masks | None = None) -> SparseLayout:
    """Compute a network's sparse layout, which engines need.

    Parameters
    ----------
    layout
        The network.
    masks
        Boolean masks of some of its arrays, true where a weight is kept; other arrays keep every
        weight. The fused engine evaluates a network with a masked embedding, but does not train it:
        it adds the embedding's gradient after it has zeroed those of pruned entries.

    Returns
    -------
    SparseLayout
        The network's structure.

    Raises
    ------
    ValueError
        If a mask names no array of the network, is not boolean, or has another shape than its array.
    """
    if not masks:
        return _dense(layout)
    return _made(layout, {name: mask.copy() for name, mask in masks.items()})


@lru_cache(maxsize=32)
def _dense(layout: Layout) -> SparseLayout:
    """The sparse layout of a dense network, shared by all networks of the layout."""
    return _made(layout, {})


def _made(layout: Layout, masks: dict[str, np.ndarray]) -> SparseLayout:
    shapes = layout.shapes()
    _check_masks(masks, layout)
    places: dict[str, tuple[int, np.ndarray | None]] = {}
    size = 0
    holes = [np.zeros(0, np.int64)]
    for name, shape in shapes.items():
        mask = masks.get(name)
        if mask is not None and (mask.mean() >= FULL_FROM or not is_recurrent(name)):
            holes.append(size + np.flatnonzero(~mask))
            mask = None
        places[name] = (size, mask)
        size += math.prod(shape) if mask is None else int(mask.sum())
    first_unit = np.cumsum([layout.width, *layout.sizes])
    rows = _Rows(np.zeros(size, np.int32))
    blocks = np.zeros(len(layout.blocks), BLOCK)
    gates = states = 0
    for record, block in zip(blocks, layout.blocks, strict=True):
        hidden = layout.sizes[block.target]
        record["hidden"], record["inputs"] = hidden, layout.inputs(block)
        record["source"] = 0 if block.source < 0 else first_unit[block.source]
        record["target"] = first_unit[block.target]
        record["adds"] = block.skips
        record["rows"] = GATES[layout.variant] * hidden
        record["shared"] = SHARED[layout.variant] * hidden
        record["stored"] = STORED[layout.variant] * hidden
        for kind in ("i2h", "h2h"):
            name = f"{block.name}.{kind}"
            start, mask = places[name]
            matrix = np.ones(shapes[name], bool) if mask is None else mask
            gradient_rows = np.arange(record["rows"])
            if kind == "h2h":  # gradients of rows with sums of their own come after all others
                gradient_rows[record["shared"] :] += record["rows"] - record["shared"]
            record[kind], record[f"{kind}_back"] = rows.add(matrix, start, gradient_rows)
            record[f"{kind}_full"] = mask is None
            record[f"{kind}_bias"] = places[f"{name}_bias"][0]
        record["gates"], record["states"] = gates, states
        gates += record["stored"]
        states += hidden
    starts, columns, back_starts, back_rows, back_entries = rows.arrays()
    return SparseLayout(
        layout=layout,
        masks=masks,
        size=size,
        units=int(first_unit[-1]),
        blocks=blocks,
        starts=starts,
        columns=columns,
        back_starts=back_starts,
        back_rows=back_rows,
        back_entries=back_entries,
        holes=np.concatenate(holes).astype(np.int32),
        readout_weight=places["readout.weight"][0],
        readout_bias=places["readout.bias"][0],
        places=places,
    )


class _Rows:
    """The index structures of all matrices, one after another."""

    def __init__(self, columns: np.ndarray) -> None:
        self._columns = columns
        self._starts: list[np.ndarray] = []
        self._back_starts: list[np.ndarray] = []
        self._back_rows: list[np.ndarray] = []
        self._back_entries: list[np.ndarray] = []

    def add(self, kept: np.ndarray, start: int, gradient_rows: np.ndarray) -> tuple[int, int]:
        """Add a matrix whose kept entries begin at `start`; return its first row and column."""
        firsts = sum(map(len, self._starts)), sum(map(len, self._back_starts))
        rows, columns = kept.shape
        row, column = np.divmod(np.flatnonzero(kept), columns)
        by_column = np.argsort(column.astype(np.min_scalar_type(columns)), kind="stable")
        self._columns[start : start + len(column)] = column
        self._starts.append(start + _ends(row, rows))
        done = sum(map(len, self._back_rows))
        self._back_starts.append(done + _ends(column, columns))
        self._back_rows.append(gradient_rows[row[by_column]].astype(np.int32))
        self._back_entries.append((start + by_column).astype(np.int32))
        return firsts

    def arrays(self) -> tuple[np.ndarray, ...]:
        """`starts`, `columns`, `back_starts`, `back_rows` and `back_entries` of the sparse layout."""
        parts = (self._starts, [self._columns])
        back = (self._back_starts, self._back_rows, self._back_entries)
        return tuple(np.concatenate(part) for part in (*parts, *back))


def _ends(places: np.ndarray, count: int) -> np.ndarray:
    """Where the entries of each of `count` rows or columns begin and end, from where each lies."""
    ends = np.zeros(count + 1, np.int64)
    np.cumsum(np.bincount(places, minlength=count), out=ends[1:])
    return ends


def _check_masks(masks: Masks, layout: Layout) -> None:
    shapes = layout.shapes()
    for name, mask in masks.items():
        if name not in shapes:
            raise ValueError(f"mask for {name!r}: the network has only {', '.join(shapes)}")
        check_mask(name, mask, shapes[name])
