"""The store: trained networks, and what was measured of them, kept by what was asked and which code
answered.

A network's folder is named after the code digest and the device, its file after the digest of its
case. So a run that was killed goes on where it stopped, two processes never train the same network
twice, and changed code finds nothing. What is damaged is never trusted and never deleted: it is set
aside. A mark in the folder says that it is a store's.
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
    """A network or a record that was kept cannot be read back, or is not what was kept."""


class Store:
    """Trained networks in a folder, each under a name of its own.

    A name is the digest of a case, followed by that of whatever else decides what is trained and is
    no code of ours: a project's own graph family or criterion.

    Parameters
    ----------
    root
        The folder; made when something is kept. Nothing is written through links that lead out of it.
    environment
        What else than the case decides the result: the code digest, torch's version, the device.
    """

    def __init__(self, root: Path, *environment: str) -> None:
        self._root = root
        self.folder = root / folder_name(*environment)

    def weights_path(self, name: str) -> Path:
        """Where the weights of a network lie, or would."""
        return self.folder / f"{name}{WEIGHTS}"

    def load(self, name: str, layout: Layout) -> tuple[StoredModel, Weights] | None:
        """The training's record and the weights, or None where they are absent.

        A damaged entry is set aside, with a `DamagedEntry` warning, and counts as absent. Weights
        without a record are what a killed run leaves, and no damage.
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
                raise ValueError("its weights are not those that its record speaks of")
        except (OSError, ValueError) as error:
            self._set_aside_entry(name, error)
            return None
        return stored, weights

    def save(self, name: str, stored: StoredModel, weights: Weights) -> None:
        """Keep a trained network: weights first, so that a record never lacks them.

        Raises
        ------
        StoreUnusable
            If it cannot be written.
        """
        with self._writing(name):
            save_weights(self.weights_path(name), weights)
            write_stored(self._record_path(name), stored)

    def load_record(self, name: str) -> StoredModel | None:
        """The record of a measurement, or None where there is none.

        A damaged one is set aside, with a `DamagedEntry` warning, and counts as absent.
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
        """Keep the record of a measurement.

        Raises
        ------
        StoreUnusable
            If it cannot be written.
        """
        with self._writing(name):
            write_stored(self._record_path(name), stored)

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
        """The record of that name; a file that was put there under another one is refused."""
        path = self._record_path(name)
        stored = read_stored(path)
        if not is_named_after(stored, name):
            raise ValueError(f"{path}: the record of another case, {shown(stored.record.digest)}")
        return stored

    def _set_aside_entry(self, name: str, reason: Exception) -> None:
        paths = (self._record_path(name), self.weights_path(name))
        self._set_aside(f"the kept network {paths[0]}", paths, reason, "but trained again")

    def _set_aside(self, what: str, paths: Sequence[Path], reason: Exception, remedy: str) -> None:
        folder = self.folder / DAMAGED
        moved = f"set aside in {folder}"
        try:
            check_inside(folder, self._root)
            folder.mkdir(exist_ok=True)
            for path, free in zip(paths, _free(folder, paths), strict=True):
                with suppress(FileNotFoundError):  # another process was quicker
                    os.replace(path, free)
        except OSError as error:
            moved = f"left where it is, for it cannot be moved ({error})"
        warnings.warn(
            f"{what} is damaged ({reason}): {moved}; it is not used, {remedy}",
            DamagedEntry,
            stacklevel=4,
        )

    @contextmanager
    def _writing(self, name: str) -> Iterator[None]:
        """Write files of an entry: not through a link out of the store, and with one error for all."""
        try:
            self._make_folder(name)
            yield
        except OSError as error:
            raise self._unusable(error) from error

    def _make_folder(self, name: str) -> None:
        """Make the folder, with its mark; refuse to write through links that somebody put there."""
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
            f"trained networks cannot be kept in {self.folder}: {error}: make room or give leave to "
            "write there, or choose another folder with --sparsebench-store"
        )

    def _record_path(self, name: str) -> Path:
        return self.folder / f"{name}.json"


def _free(folder: Path, paths: Sequence[Path]) -> list[Path]:
    """Where files can be put beside each other in a folder: under their names, or with a number."""
    endings = chain([""], (f"-{number}" for number in count(2)))
    named = ([folder / f"{each.stem}{end}{each.suffix}" for each in paths] for end in endings)
    return next(places for places in named if not any(place.exists() for place in places))
