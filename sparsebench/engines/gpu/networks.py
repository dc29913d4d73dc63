"""Many sparse layouts as one set of arrays, so that one launch processes a whole population.

The arrays of the layouts are concatenated, and indices into them are shifted: a network's rows,
columns and positions in the flat vector count from the start of the common arrays. Positions on its
own unit axis, and the numbers of its stored rows and hidden units, are not shifted.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from sparsebench.parts.sparse_layout import BLOCK, SparseLayout

NETWORK_FIELDS = (
    "parameters",  # where its flat vector begins in that of all networks
    "size",  # entries of its flat vector
    "width",  # of its embedding, which comes first
    "classes",
    "units",  # length of its unit axis
    "last",  # first unit of its last layer
    "last_size",  # units of its last layer
    "readout_weight",  # position in the flat vector of all networks
    "readout_bias",
    "first_block",  # number of its first block, among those of all networks
    "blocks",
    "stored",  # rows of activations per step that its backward pass needs
    "hidden",  # hidden units of all its blocks
    "widest",  # units of its largest layer
    "first_hole",  # number of its first hole, among those of all networks
    "holes",
)
"""What a program needs to know of its network besides the blocks."""

BLOCK_FIELDS = tuple(BLOCK.names or ())
"""The fields of a block, as in a sparse layout."""

_MOVED = {
    "rows": ("i2h", "h2h"),
    "columns": ("i2h_back", "h2h_back"),
    "parameters": ("i2h_bias", "h2h_bias"),
}


class Networks(NamedTuple):
    """The structure of many networks, all int32: NumPy arrays, or their copies on a device.

    Attributes
    ----------
    records
        (networks, fields) of `NETWORK_FIELDS`.
    blocks
        (blocks, fields) of `BLOCK_FIELDS`.
    starts, columns, back_starts, back_rows, back_entries, holes
        As in a sparse layout, concatenated over all networks.
    """

    records: Any
    blocks: Any
    starts: Any
    columns: Any
    back_starts: Any
    back_rows: Any
    back_entries: Any
    holes: Any


def join(plans: Sequence[SparseLayout]) -> Networks:
    """Concatenate sparse layouts.

    Raises
    ------
    ValueError
        If together they have more entries than a 32-bit index can count.
    """
    parameters, entries = _firsts(plans, "columns"), _firsts(plans, "back_entries")
    moves = {
        "rows": _firsts(plans, "starts"),
        "columns": _firsts(plans, "back_starts"),
        "parameters": parameters,
    }
    first_block, first_hole = _firsts(plans, "blocks"), _firsts(plans, "holes")
    blocks = []
    for number, plan in enumerate(plans):
        own = plan.blocks.copy()
        for what, names in _MOVED.items():
            for name in names:
                own[name] += moves[what][number]
        blocks.append(np.stack([own[name] for name in BLOCK_FIELDS], axis=1))
    records = [
        _record(plan, int(parameters[number]), int(first_block[number]), int(first_hole[number]))
        for number, plan in enumerate(plans)
    ]
    return Networks(
        records=np.array(records, np.int32),
        blocks=np.concatenate(blocks).astype(np.int32),
        starts=_moved([plan.starts for plan in plans], parameters),
        columns=_moved([plan.columns for plan in plans], np.zeros_like(parameters)),
        back_starts=_moved([plan.back_starts for plan in plans], entries),
        back_rows=_moved([plan.back_rows for plan in plans], np.zeros_like(entries)),
        back_entries=_moved([plan.back_entries for plan in plans], parameters),
        holes=_moved([plan.holes for plan in plans], parameters),
    )


def scratch_rows(plan: SparseLayout, steps: int) -> int:
    """Rows of scratch that a program needs for a network and strings of `steps` letters.

    The kernels' `lay_out` divides them up.
    """
    layout = plan.layout
    stored, hidden = int(plan.blocks["stored"].sum()), int(plan.blocks["hidden"].sum())
    over_time = steps * (1 + 2 * plan.units + stored) + 2 * (steps + 1) * hidden
    return over_time + 2 * max(layout.sizes) + layout.classes


def _record(plan: SparseLayout, parameters: int, first_block: int, first_hole: int) -> list[int]:
    layout = plan.layout
    values = {
        "parameters": parameters,
        "size": plan.size,
        "width": layout.width,
        "classes": layout.classes,
        "units": plan.units,
        "last": plan.units - layout.sizes[-1],
        "last_size": layout.sizes[-1],
        "readout_weight": parameters + plan.readout_weight,
        "readout_bias": parameters + plan.readout_bias,
        "first_block": first_block,
        "blocks": len(plan.blocks),
        "stored": int(plan.blocks["stored"].sum()),
        "hidden": int(plan.blocks["hidden"].sum()),
        "widest": max(layout.sizes),
        "first_hole": first_hole,
        "holes": len(plan.holes),
    }
    return [values[name] for name in NETWORK_FIELDS]


def _firsts(plans: Sequence[SparseLayout], name: str) -> np.ndarray:
    """Where each sparse layout's part of an array begins after concatenation."""
    ends = np.cumsum([len(getattr(plan, name)) for plan in plans])
    if ends[-1] > np.iinfo(np.int32).max:
        raise ValueError(
            f"the {name} of {len(plans)} networks have {ends[-1]} entries: at most "
            f"{np.iinfo(np.int32).max} can be counted; split the population"
        )
    return np.concatenate([[0], ends[:-1]]).astype(np.int64)


def _moved(parts: Sequence[np.ndarray], moves: np.ndarray) -> np.ndarray:
    return np.concatenate(
        [part + move for part, move in zip(parts, moves, strict=True)], dtype=np.int32,
        casting="unsafe",
    )  # fmt: skip
