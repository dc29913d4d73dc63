"""The trained models of a baseline: a file for each, replaced together with the record that names its
weights.

A model and its record lie in two files, and a run may be killed between them. So a new model is first
*staged* beside the one in use, under a name with the checksum of its weights; then the records are
written; then it takes its place. Until then, whoever has the old record finds the old model, and
whoever has the new record the staged one.
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
    """Where the model of a record lies."""
    return folder / f"{record.digest}{SUFFIX}"


def stage_model(folder: Path, record: Record, weights: Weights) -> None:
    """Write the model of a record that is not written yet.

    Raises
    ------
    OSError
        If it cannot be written; what was there is untouched.
    """
    save_weights(_staged_path(folder, record), weights)


def settle_models(folder: Path, records: Iterable[Record]) -> None:
    """Put the staged models of records, which have been written, into their places.

    Raises
    ------
    OSError
        If one cannot be moved; it is found where it is.
    """
    for record in records:
        with suppress(FileNotFoundError):
            os.replace(_staged_path(folder, record), model_path(folder, record))


def load_model(folder: Path, record: Record, layout: Layout) -> dict[str, np.ndarray]:
    """The weights of a record's model, as they lie in the folder.

    Raises
    ------
    OSError, ValueError
        As `load_weights`.
    """
    if _CHECKSUM.fullmatch(record.weights):  # a file from elsewhere may have any text in its place
        with suppress(FileNotFoundError):
            return load_weights(_staged_path(folder, record), layout)
    return load_weights(model_path(folder, record), layout)


def _staged_path(folder: Path, record: Record) -> Path:
    return folder / f"{record.digest}.{record.weights}{SUFFIX}"
