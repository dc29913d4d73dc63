"""The store: trained networks kept by what was asked and which code answered.

A network's folder is named after the code digest and the device, its file after the digest of its
case. So a run that was killed goes on where it stopped, two processes never train the same network
twice, and changed code finds nothing.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from filelock import FileLock, Timeout

from sparsebench.parts.files import write_atomically
from sparsebench.parts.records import Provenance, Record
from sparsebench.parts.weight_files import checksum, load_weights, save_weights
from sparsebench.values.layout import Layout
from sparsebench.values.masks import Weights


class StoreUnusable(OSError):
    """The store's folder cannot be written."""


class StoredModel(msgspec.Struct, frozen=True):
    """The record of a training, with its provenance spelled out."""

    record: Record
    provenance: Provenance


class Store:
    """Trained networks in a folder, each under a name of its own.

    A name is the digest of a case, followed by that of whatever else decides what is trained and is
    no code of ours: a project's own graph family or criterion.

    Parameters
    ----------
    root
        The folder; made when something is kept.
    environment
        What else than the case decides the result: the code digest, torch's version, the device.
    """

    def __init__(self, root: Path, *environment: str) -> None:
        self.folder = root / "-".join(environment)

    def weights_path(self, name: str) -> Path:
        """Where the weights of a network lie, or would."""
        return self.folder / f"{name}.safetensors"

    def load(self, name: str, layout: Layout) -> tuple[StoredModel, Weights] | None:
        """The training's record and the weights, or None where they are absent or damaged."""
        try:
            stored = msgspec.json.decode(self._record_path(name).read_bytes(), type=StoredModel)
            weights = load_weights(self.weights_path(name), layout)
        except (OSError, ValueError, RecursionError, msgspec.DecodeError):
            return None
        return (stored, weights) if checksum(weights) == stored.record.weights else None

    def save(self, name: str, stored: StoredModel, weights: Weights) -> None:
        """Keep a trained network: weights first, so that a record never lacks them.

        Raises
        ------
        StoreUnusable
            If it cannot be written.
        """
        try:
            save_weights(self.weights_path(name), weights)
            write_atomically(self._record_path(name), msgspec.json.encode(stored))
        except OSError as error:
            raise self._unusable(error) from error

    @contextmanager
    def training(self, name: str, wait: bool = True) -> Iterator[bool]:
        """Hold a network for training; another process that wants it waits until it is done.

        Parameters
        ----------
        name
            Which network.
        wait
            Whether to wait while another process holds it.

        Yields
        ------
        bool
            Whether it is held; true wherever it was waited for.

        Raises
        ------
        StoreUnusable
            If the folder cannot be written.
        """
        lock = FileLock(self._record_path(name).with_suffix(".lock"))
        try:
            os.makedirs(self.folder, exist_ok=True)
            lock.acquire(timeout=-1 if wait else 0)
        except Timeout:
            yield False
            return
        except OSError as error:
            raise self._unusable(error) from error
        try:
            yield True
        finally:
            lock.release()

    def _unusable(self, error: OSError) -> StoreUnusable:
        return StoreUnusable(
            f"trained networks cannot be kept in {self.folder}: {error}: make room or give leave to "
            "write there, or choose another folder with --sparsebench-store"
        )

    def _record_path(self, name: str) -> Path:
        return self.folder / f"{name}.json"
