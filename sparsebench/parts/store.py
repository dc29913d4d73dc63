"""The store: trained models kept by what was asked and which code answered.

A model's folder is named after the code digest and the device, its file after the case's digest.
So a run that was killed goes on where it stopped, two processes never train the same model twice,
and changed code finds nothing.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from filelock import FileLock

from sparsebench.parts.files import write_atomically
from sparsebench.parts.records import Provenance, Record
from sparsebench.parts.weight_files import checksum, load_weights, save_weights
from sparsebench.values.case import BaseCase, digest
from sparsebench.values.masks import Weights


class StoredModel(msgspec.Struct, frozen=True):
    """The record of a training, with its provenance spelled out."""

    record: Record
    provenance: Provenance


class Store:
    """Trained models in a folder.

    Parameters
    ----------
    root
        The folder; made when something is kept.
    environment
        What else than the case decides the result: the code digest, torch's version, the device.
    """

    def __init__(self, root: Path, *environment: str) -> None:
        self.folder = root / "-".join(environment)

    def weights_path(self, case: BaseCase) -> Path:
        """Where the weights of a case lie, or would."""
        return self.folder / f"{digest(case)}.safetensors"

    def load(self, case: BaseCase) -> tuple[StoredModel, Weights] | None:
        """The training's record and the weights, or None where they are absent or damaged."""
        try:
            stored = msgspec.json.decode(self._record_path(case).read_bytes(), type=StoredModel)
            weights = load_weights(self.weights_path(case), case.architecture)
        except (OSError, ValueError, RecursionError, msgspec.DecodeError):
            return None
        return (stored, weights) if checksum(weights) == stored.record.weights else None

    def save(self, case: BaseCase, stored: StoredModel, weights: Weights) -> None:
        """Keep a trained model: weights first, so that a record never lacks them."""
        save_weights(self.weights_path(case), weights)
        write_atomically(self._record_path(case), msgspec.json.encode(stored))

    @contextmanager
    def training(self, case: BaseCase) -> Iterator[None]:
        """Hold a case for training; another process that wants it waits until it is done."""
        os.makedirs(self.folder, exist_ok=True)
        with FileLock(self._record_path(case).with_suffix(".lock")):
            yield

    def _record_path(self, case: BaseCase) -> Path:
        return self.folder / f"{digest(case)}.json"
