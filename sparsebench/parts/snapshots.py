"""Trainings that are not finished, on disk: all that it takes to go on as if nothing had happened.

A file is written while a network is trained and read when its training was cut short. It is
safetensors throughout, so nothing in it can run code.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from sparsebench.parts.files import read_at_most, write_atomically
from sparsebench.parts.weight_files import LARGEST, checksum
from sparsebench.parts.weights import check_shapes
from sparsebench.values.layout import Layout
from sparsebench.values.masks import Weights

_NETWORK = ("weights", "means", "squares")
_CHECKSUM, _COUNTS, _HISTORY = "checksum", "counts", "history"


@dataclass(frozen=True, eq=False)
class Snapshot:
    """A training between two epochs.

    Attributes
    ----------
    epoch
        How many epochs are done, from 1.
    steps
        How many steps the optimiser has taken.
    weights, means, squares
        Named float32 arrays: the network's weights, and Adam's running means of their gradients and
        of the gradients' squares.
    history
        Figures per epoch, under their names.
    """

    epoch: int
    steps: int
    weights: Weights
    means: Weights
    squares: Weights
    history: Mapping[str, list[float]]


def save_snapshot(path: Path, name: str, snapshot: Snapshot) -> None:
    """Write a snapshot, with a checksum, atomically.

    Parameters
    ----------
    path
        The file.
    name
        Which network's training it is; the checksum covers it.
    snapshot
        What to write.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    arrays = {
        f"{group}/{key}": np.ascontiguousarray(array)
        for group in _NETWORK
        for key, array in getattr(snapshot, group).items()
    }
    for key, series in snapshot.history.items():
        arrays[f"{_HISTORY}/{key}"] = np.array(series, np.float64)
    arrays[_COUNTS] = np.array([snapshot.epoch, snapshot.steps], np.int64)
    arrays[_CHECKSUM] = _checksum(name, arrays)
    write_atomically(path, save(arrays))


def load_snapshot(path: Path, name: str, layout: Layout | None = None) -> Snapshot:
    """Read a snapshot and check that it is what was written.

    Parameters
    ----------
    path, name
        The file, and which network's training it must be of.
    layout
        What its arrays must fit; None: anything.

    Raises
    ------
    OSError
        If the file cannot be read.
    ValueError
        If it is damaged, is no snapshot, or is one of another training.
    """
    try:
        arrays = load(read_at_most(path, LARGEST))
    except (SafetensorError, KeyError) as error:  # KeyError: a type that numpy does not have
        raise ValueError(f"{path}: not a whole safetensors file ({error})") from None
    written = arrays.pop(_CHECKSUM, None)
    if written is None or not np.array_equal(written, _checksum(name, arrays)):
        raise ValueError(f"{path}: not what was written of the training {name}")
    counts = arrays.pop(_COUNTS, np.empty(0))
    if counts.dtype != np.int64 or counts.shape != (2,) or counts.min() < 1:
        raise ValueError(f"{path}: not a snapshot: {_COUNTS} is {counts}, not epochs and steps")
    epoch, steps = map(int, counts)
    groups: dict[str, dict[str, np.ndarray]] = {group: {} for group in (*_NETWORK, _HISTORY)}
    for key, array in arrays.items():
        group, _, inside = key.partition("/")
        if group not in groups:
            raise ValueError(f"{path}: not a snapshot: {key} is not expected")
        if array.dtype != (np.float64 if group == _HISTORY else np.float32):
            raise ValueError(f"{path}: not a snapshot: {key} is {array.dtype}")
        groups[group][inside] = array
    history = groups.pop(_HISTORY)
    for key, series in history.items():
        if series.shape != (epoch,):
            raise ValueError(f"{path}: {key} has shape {series.shape} after {epoch} epochs")
    if layout is not None:
        for group, found in groups.items():
            check_shapes(found, layout, f"{path}, {group}")
    figures = {key: series.tolist() for key, series in history.items()}
    return Snapshot(epoch, steps, groups["weights"], groups["means"], groups["squares"], figures)


def _checksum(name: str, arrays: Weights) -> np.ndarray:
    """(16,) bytes that change whenever the name or anything in the arrays does."""
    digest = hashlib.sha256(f"{name} {checksum(arrays)}".encode()).digest()
    return np.frombuffer(digest[:16], np.uint8)
