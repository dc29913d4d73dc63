"""The trained models of a baseline: one file each, replaced together with their records.

A model and its record lie in two files, and a run may be killed between writing them. So a new
model is first *staged* beside the one in use, under a name with the checksum of its weights. Then
the records are written, and then the model is moved into place. Until then, a reader of the old
record finds the old model, and a reader of the new record the staged one.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import numpy as np

from sparsebench.parts.records import Record
from sparsebench.parts.weight_files import load_weights, save_weights
from sparsebench.values.layout import Layout
from sparsebench.values.masks import Weights

SUFFIX = ".safetensors"

_CHECKSUM = re.compile("[0-9a-f]{32}")


def model_path(folder: Path, record: Record) -> Path:
    """The path of a record's model."""
    return folder / f"{record.digest}{SUFFIX}"


def stage_model(folder: Path, record: Record, weights: Weights) -> None:
    """Stage the model of a record that is not written yet.

    Raises
    ------
    OSError
        If it cannot be written; existing files are unchanged.
    """
    save_weights(_staged_path(folder, record), weights)


def settle_models(folder: Path, records: Iterable[Record]) -> None:
    """Move the staged models of written records into place.

    Raises
    ------
    OSError
        If one cannot be moved; readers find it where it is.
    """
    for record in records:
        with suppress(FileNotFoundError):
            os.replace(_staged_path(folder, record), model_path(folder, record))


def load_model(folder: Path, record: Record, layout: Layout) -> dict[str, np.ndarray]:
    """Load the weights of a record's model, staged or in place.

    Raises
    ------
    OSError, ValueError
        As in `load_weights`.
    """
    if _CHECKSUM.fullmatch(record.weights):  # a foreign file may have any text there
        with suppress(FileNotFoundError):
            return load_weights(_staged_path(folder, record), layout)
    return load_weights(model_path(folder, record), layout)


def _staged_path(folder: Path, record: Record) -> Path:
    return folder / f"{record.digest}.{record.weights}{SUFFIX}"
