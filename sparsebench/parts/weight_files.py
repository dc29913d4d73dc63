"""Weights on disk, as safetensors: such a file cannot run code."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from sparsebench.parts.files import FilePath, read_at_most, shown, write_atomically
from sparsebench.parts.weights import check_shapes
from sparsebench.values.layout import Layout
from sparsebench.values.masks import Weights

LARGEST = 2**28
"""Largest file in bytes; the largest of the shipped models has 295,608."""

LARGEST_HEADER = 2**20
"""Largest header in bytes, with names and positions of the arrays; a network of the thesis has a
few thousand. The library accepts a hundred million, for which it needs gigabytes."""


def save_weights(path: Path, weights: Weights) -> None:
    """Write named arrays to a safetensors file, atomically."""
    write_atomically(path, save({name: np.ascontiguousarray(weights[name]) for name in weights}))


def load_arrays(path: FilePath) -> dict[str, np.ndarray]:
    """Read named arrays of any shapes.

    Raises
    ------
    OSError
        If the file cannot be read.
    ValueError
        If it is too large, truncated or no safetensors file of float32 arrays.
    """
    content = read_content(path)
    try:
        arrays = load(content)
    except (SafetensorError, KeyError) as error:  # KeyError: a type that numpy does not have
        raise ValueError(
            f"{path}: not a whole safetensors file of float32 arrays ({shown(str(error))}): restore it "
            "from version control"
        ) from None
    for name, array in arrays.items():
        if array.dtype != np.float32:
            raise ValueError(f"{path}: not float32 weights: {shown(name)} is {array.dtype}")
    return arrays


def read_content(path: FilePath) -> bytes:
    """Read a safetensors file of limited size and with a header of limited size, undecoded.

    Raises
    ------
    OSError, ValueError
        As in `load_arrays`.
    """
    content = read_at_most(path, LARGEST)
    header = int.from_bytes(content[:8], "little")
    if header > LARGEST_HEADER:
        raise ValueError(
            f"{path}: not weights: a header of {header} bytes, and no more than {LARGEST_HEADER} are "
            "read: restore it from version control"
        )
    return content


def load_weights(path: FilePath, layout: Layout) -> dict[str, np.ndarray]:
    """Read named arrays and check that they are those of a layout.

    Raises
    ------
    OSError, ValueError
        As in `load_arrays`; ValueError also if the file holds another network.
    """
    weights = load_arrays(path)
    check_shapes(weights, layout, str(path))
    return weights


def checksum(weights: Weights) -> str:
    """32 hexadecimal digits that change with any name, shape or bit of the weights."""
    content = hashlib.sha256()
    for name in sorted(weights):
        array = np.ascontiguousarray(weights[name])
        content.update(f"{name} {array.dtype.str} {array.shape}\n".encode())
        content.update(array.tobytes())
    return content.hexdigest()[:32]
