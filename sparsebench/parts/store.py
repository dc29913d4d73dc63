"""The store: a cache of trained networks and records, keyed by case digest and code fingerprint.

A folder is named after the code fingerprint and the device, a file after the digest of its case. So
a killed run continues where it stopped, two processes never train the same network, and changing
training code invalidates the cache. Damaged files are neither used nor deleted, but moved into a
folder of their own. A mark file identifies the folders of a store.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import chain, count
from pathlib import Path

from filelock import FileLock, Timeout

from sparsebench.parts.files import (
    check_inside,
    shown,
    while_folders_vanish,
)
from sparsebench.parts.store_names import DAMAGED, MARK, WEIGHTS, folder_name
from sparsebench.parts.stored_models import StoredModel, is_named_after, read_stored, write_stored
from sparsebench.parts.weight_files import checksum, load_weights, save_weights
from sparsebench.values.layout import Layout
from sparsebench.values.masks import Weights


class StoreUnusable(OSError):
    """The store's folder cannot be written."""


class DamagedEntry(UserWarning):
    """A cached network or record cannot be read, or differs from what was written."""


class Store:
    """A cache of trained networks and records in one folder.

    An entry is named after the digest of its case and a digest of whatever else decides the result
    but is not our code: a project's own graph family or criterion.

    Parameters
    ----------
    root
        The folder; created when something is saved. Links that lead out of it are not followed.
    environment
        What decides the result besides the case: code fingerprint, torch's version, device.
    """

    def __init__(self, root: Path, *environment: str) -> None:
        self._root = root
        self.folder = root / folder_name(*environment)

    def weights_path(self, name: str) -> Path:
        """The path of a network's weights, whether it exists or not."""
        return self.folder / f"{name}{WEIGHTS}"

    def load(self, name: str, layout: Layout) -> tuple[StoredModel, Weights] | None:
        """Load a network's training record and weights; None if they are absent.

        A damaged entry is moved aside with a `DamagedEntry` warning and counts as absent. Weights
        without a record were left by a killed run and are not reported.
        """
        try:
            stored = self._read(name)
        except OSError:
            return None
        except ValueError as error:
            self._set_aside_entry(name, error)
            return None
        try:
            weights = load_weights(self.weights_path(name), layout)
            if checksum(weights) != stored.record.weights:
                raise ValueError("its weights do not match the checksum in its record")
        except (OSError, ValueError) as error:
            self._set_aside_entry(name, error)
            return None
        return stored, weights

    def save(self, name: str, stored: StoredModel, weights: Weights) -> None:
        """Save a trained network: the weights first, so that a record never lacks them.

        Raises
        ------
        StoreUnusable
            If it cannot be written.
        """
        with self._writing(name):
            save_weights(self.weights_path(name), weights)
            write_stored(self._record_path(name), stored)

    def load_record(self, name: str) -> StoredModel | None:
        """Load the record of a measurement; None if there is none.

        A damaged record is moved aside with a `DamagedEntry` warning and counts as absent.
        """
        path = self._record_path(name)
        try:
            return self._read(name)
        except OSError:
            return None
        except ValueError as error:
            self._set_aside(f"the record {path}", (path,), error, "but measured again")
            return None

    def save_record(self, name: str, stored: StoredModel) -> None:
        """Save the record of a measurement.

        Raises
        ------
        StoreUnusable
            If it cannot be written.
        """
        with self._writing(name):
            write_stored(self._record_path(name), stored)

    @contextmanager
    def training(self, name: str, wait: bool = True) -> Iterator[bool]:
        """Lock a network for training; other processes that want it wait until it is released.

        Parameters
        ----------
        name
            The network's name.
        wait
            Whether to wait while another process holds the lock.

        Yields
        ------
        bool
            Whether the lock is held; always true with `wait`.

        Raises
        ------
        StoreUnusable
            If the folder cannot be written.
        """
        lock = FileLock(self._record_path(name).with_suffix(".lock"))

        def acquire() -> None:
            self._make_folder(name)
            lock.acquire(timeout=-1 if wait else 0)

        try:
            while_folders_vanish(acquire)
        except Timeout:
            yield False
            return
        except OSError as error:
            raise self._unusable(error) from error
        try:
            yield True
        finally:
            lock.release()

    def _read(self, name: str) -> StoredModel:
        """Read the record of a name; a file that belongs to another name is refused."""
        path = self._record_path(name)
        stored = read_stored(path)
        if not is_named_after(stored, name):
            raise ValueError(f"{path}: the record of another case, {shown(stored.record.digest)}")
        return stored

    def _set_aside_entry(self, name: str, reason: Exception) -> None:
        paths = (self._record_path(name), self.weights_path(name))
        self._set_aside(f"the cached network {paths[0]}", paths, reason, "but trained again")

    def _set_aside(self, what: str, paths: Sequence[Path], reason: Exception, remedy: str) -> None:
        folder = self.folder / DAMAGED
        moved = f"set aside in {folder}"
        try:
            check_inside(folder, self._root)
            folder.mkdir(exist_ok=True)
            for path, free in zip(paths, _free(folder, paths), strict=True):
                with suppress(FileNotFoundError):  # another process moved it first
                    os.replace(path, free)
        except OSError as error:
            moved = f"left in place, because it cannot be moved ({error})"
        warnings.warn(
            f"{what} is damaged ({reason}): {moved}; it is not used, {remedy}",
            DamagedEntry,
            stacklevel=4,
        )

    @contextmanager
    def _writing(self, name: str) -> Iterator[None]:
        """Write the files of an entry, with one error for all; links out of the store are refused."""
        try:
            self._make_folder(name)
            yield
        except OSError as error:
            raise self._unusable(error) from error

    def _make_folder(self, name: str) -> None:
        """Create the folder and its mark; refuse links that lead out of the store."""
        record, mark = self._record_path(name), self.folder / MARK
        paths = (record, self.weights_path(name), mark)
        for path in (*paths, record.with_suffix(".lock")):
            check_inside(path, self._root)

        def make() -> None:
            self.folder.mkdir(parents=True, exist_ok=True)
            mark.touch()

        if not mark.exists():
            while_folders_vanish(make)

    def _unusable(self, error: OSError) -> StoreUnusable:
        return StoreUnusable(
            f"trained networks cannot be cached in {self.folder}: {error}: free disk space or allow "
            "writing there, or choose another folder with --sparsebench-store"
        )

    def _record_path(self, name: str) -> Path:
        return self.folder / f"{name}.json"


def _free(folder: Path, paths: Sequence[Path]) -> list[Path]:
    """Free paths in a folder for some files: under their own names, or all with the same number."""
    endings = chain([""], (f"-{number}" for number in count(2)))
    named = ([folder / f"{each.stem}{end}{each.suffix}" for each in paths] for end in endings)
    return next(places for places in named if not any(place.exists() for place in places))
