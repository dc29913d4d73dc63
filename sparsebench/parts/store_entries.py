"""The contents of a store: list, clean up, and export entries.

Only files with a store's names, in a store's folders, are listed or deleted. A store's folder has
the mark file or, if it is older than that, contains a valid record.
"""

from __future__ import annotations

import time
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from filelock import FileLock, Timeout

from sparsebench.parts.files import check_inside, write_atomically
from sparsebench.parts.store_names import (
    DAMAGED,
    MARK,
    WEIGHTS,
    is_begun,
    is_environment,
    is_record,
    name_of,
)
from sparsebench.parts.stored_models import StoredModel, is_named_after, read_stored
from sparsebench.parts.weight_files import checksum, load_arrays
from sparsebench.values.case import TrainedCase

_SECONDS_TO_WRITE = 3600
"""Age in seconds from which an unfinished file is taken as abandoned; writing takes milliseconds."""


@dataclass(frozen=True)
class Entry:
    """A cached network or measurement.

    Attributes
    ----------
    path
        The file of its record; a network's weights lie beside it.
    model
        The record; None if it cannot be read, or was moved aside.
    size
        Bytes of its files.
    """

    path: Path
    model: StoredModel | None
    size: int

    @property
    def environment(self) -> str:
        """The folder's name: code fingerprint, torch's version and device, separated by dashes."""
        return self.path.parent.name

    @property
    def code(self) -> str:
        """The fingerprint of the code that made it."""
        return self.environment.partition("-")[0]

    @property
    def weights(self) -> Path:
        """The file of its weights."""
        return self.path.with_suffix(WEIGHTS)

    @property
    def lock(self) -> Path:
        """The file that is locked while it is trained."""
        return self.path.with_name(f"{name_of(self.path)}.lock")

    @property
    def files(self) -> list[Path]:
        """Its files, the record last."""
        return [self.path] if self.measured else [self.weights, self.path]

    @property
    def everything(self) -> list[Path]:
        """All existing files that belong to it, including the lock."""
        paths = dict.fromkeys((self.path, self.weights, self.lock))
        return [path for path in paths if path.is_file()]

    @property
    def measured(self) -> bool:
        """Whether it is a measurement, which has no weights of its own."""
        if self.model is None:
            return False
        try:
            return not isinstance(self.model.record.restored, TrainedCase)
        except ValueError:  # its experiment is not installed
            return not self.weights.is_file()

    @property
    def whole(self) -> bool:
        """Whether it is intact: named after its case, with weights that match the record's checksum."""
        if self.model is None or not is_named_after(self.model, name_of(self.path)):
            return False
        if self.measured:
            return True
        try:
            arrays = load_arrays(self.weights)
        except (OSError, ValueError):
            return False
        return checksum(arrays) == self.model.record.weights


def entries(root: Path) -> Iterator[Entry]:
    """All entries of a store, including those that were moved aside.

    Links that lead out of the store are skipped, because their targets must not be deleted.
    """
    files = _files(root)
    for path in filter(is_record, files):
        size = _size(path) + _size(path.with_suffix(WEIGHTS))
        yield Entry(path, None if path.parent.name == DAMAGED else _record(path), size)


def remove(chosen: Iterable[Entry]) -> list[Entry]:
    """Delete entries and return those that were deleted; entries locked for training stay.

    Folders that become empty are deleted too.

    Raises
    ------
    OSError
        If a file cannot be deleted, or a lock is a link out of its folder.
    """
    gone = []
    for entry in chosen:
        check_inside(entry.lock, entry.path.parent)
        lock = FileLock(entry.lock)
        try:
            with lock.acquire(timeout=0):
                entry.path.unlink(missing_ok=True)  # first: a record never lacks its weights
                entry.weights.unlink(missing_ok=True)
                with suppress(
                    OSError
                ):  # Windows deletes no open file, and filelock deletes it there
                    entry.lock.unlink()  # while held: whoever waits for it notices
        except Timeout:
            continue
        gone.append(entry)
        _remove_if_empty(entry.path.parent)
    return gone


def begun(root: Path) -> list[Path]:
    """Unfinished files of killed writers, more than an hour old."""
    now, old = time.time(), []
    for path in filter(is_begun, _files(root)):
        with suppress(FileNotFoundError):  # it has just been finished
            if now - path.stat().st_mtime > _SECONDS_TO_WRITE:
                old.append(path)
    return old


def sweep(chosen: Iterable[Path]) -> int:
    """Delete what `begun` found; return the number of deleted files."""
    swept = 0
    for path in chosen:
        with suppress(OSError):  # another process deleted it first
            path.unlink()
            swept += 1
    return swept


def pack(chosen: Iterable[Entry], archive: Path) -> list[Entry]:
    """Write intact entries into a ZIP archive, atomically, and return them.

    Unpacked in another store's folder, they are found there by the same code on the same kind of
    device.

    Raises
    ------
    OSError
        If the archive cannot be written.
    """
    buffer, packed = BytesIO(), []
    with zipfile.ZipFile(buffer, "w") as file:
        for entry in chosen:
            if entry.whole:
                for path in entry.files:
                    file.write(path, f"{entry.environment}/{path.name}")
                packed.append(entry)
    write_atomically(archive, buffer.getvalue())
    return packed


def _files(root: Path) -> list[Path]:
    """The files in a store's folders, in order, without links that lead out of it."""
    found = []
    for folder in _contents(root, root):
        if folder.is_dir() and _is_of_a_store(folder, root):
            found += _contents(folder, root)
            if (folder / DAMAGED).is_dir():
                found += _contents(folder / DAMAGED, root)
    return [path for path in found if not path.is_dir()]


def _contents(folder: Path, root: Path) -> list[Path]:
    """The contents of a folder, without links that lead out of the root."""
    inside = []
    with suppress(OSError):
        check_inside(folder, root)
        for path in sorted(folder.iterdir()):
            with suppress(OSError):
                check_inside(path, root)
                inside.append(path)
    return inside


def _is_of_a_store(folder: Path, root: Path) -> bool:
    """Whether a store made a folder: it has the mark, or is older than the mark.

    An older folder has a store's name and contains a record under its own name with a valid
    checksum.
    """
    if (folder / MARK).is_file():
        return True
    return is_environment(folder.name) and any(map(_is_proof, _contents(folder, root)))


def _is_proof(path: Path) -> bool:
    if not is_record(path):
        return False
    model = _record(path)
    return model is not None and is_named_after(model, name_of(path))


def _record(path: Path) -> StoredModel | None:
    """The record in a file; None if it is damaged."""
    with suppress(OSError, ValueError):
        return read_stored(path)
    return None


def _size(path: Path) -> int:
    """Bytes of a file; 0 if there is none."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _remove_if_empty(folder: Path) -> None:
    """Delete a store's folder that contains nothing but its mark, or the folder of damaged entries."""
    with suppress(OSError):
        if folder.name == DAMAGED:
            folder.rmdir()
            folder = folder.parent
        if [path.name for path in folder.iterdir()] == [MARK]:
            (folder / MARK).unlink()
        folder.rmdir()
