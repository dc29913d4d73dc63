"""What lies in a store: looking at it, clearing it out, and taking it elsewhere.

Only files are looked at, and deleted, that have the names which a store gives, in folders that are a
store's: they bear its mark, or are from before there was one, and prove it by what lies in them.
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
from sparsebench.values.identity import restore

_SECONDS_TO_WRITE = 3600
"""How old a file that is being written may be; milliseconds are usual."""


@dataclass(frozen=True)
class Entry:
    """A kept network or measurement.

    Attributes
    ----------
    path
        Of its record, beside which a network's weights lie.
    model
        The record; None where it cannot be read, or was set aside.
    size
        Bytes of its files.
    """

    path: Path
    model: StoredModel | None
    size: int

    @property
    def environment(self) -> str:
        """The folder's name: code digest, torch's version and device, with dashes between."""
        return self.path.parent.name

    @property
    def code(self) -> str:
        """The digest of the code that trained it."""
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
        """All that goes when it is removed: what is there of its files, and its lock."""
        paths = dict.fromkeys((self.path, self.weights, self.lock))
        return [path for path in paths if path.is_file()]

    @property
    def measured(self) -> bool:
        """Whether it is a measurement, which has no weights of its own."""
        if self.model is None:
            return False
        try:
            return not isinstance(restore(self.model.record.case), TrainedCase)
        except ValueError:  # of an experiment that is not installed
            return not self.weights.is_file()

    @property
    def whole(self) -> bool:
        """Whether it is what was kept: of this case, with the weights that the record speaks of."""
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
    """Everything that is kept in a store, what was set aside too.

    What somebody has linked into it from elsewhere is passed over: it is not for us to delete.
    """
    files = _files(root)
    for path in filter(is_record, files):
        size = _size(path) + _size(path.with_suffix(WEIGHTS))
        yield Entry(path, None if path.parent.name == DAMAGED else _record(path), size)


def remove(chosen: Iterable[Entry]) -> list[Entry]:
    """Delete entries, and say which are gone; one that a process holds for training stays.

    Folders that are empty then go too.

    Raises
    ------
    OSError
        If a file cannot be deleted, or a lock is a link to somewhere else.
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
                    entry.lock.unlink()  # while it is held: who waits for it will see that it is gone
        except Timeout:
            continue
        gone.append(entry)
        _remove_if_empty(entry.path.parent)
    return gone


def begun(root: Path) -> list[Path]:
    """What writers left that were killed: files of more than an hour ago that have no name yet."""
    now, old = time.time(), []
    for path in filter(is_begun, _files(root)):
        with suppress(FileNotFoundError):  # it is written now
            if now - path.stat().st_mtime > _SECONDS_TO_WRITE:
                old.append(path)
    return old


def sweep(chosen: Iterable[Path]) -> int:
    """Delete what `begun` found, and say how many files are gone."""
    swept = 0
    for path in chosen:
        with suppress(OSError):  # another process was quicker
            path.unlink()
            swept += 1
    return swept


def pack(chosen: Iterable[Entry], archive: Path) -> list[Entry]:
    """Write whole entries into a ZIP archive, atomically, and say which.

    Unpacked into another store's folder, they are found there by the same code on the same kind of
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
    """The files in a store's folders, in order, without those that lie elsewhere."""
    found = []
    for folder in _contents(root, root):
        if folder.is_dir() and _is_of_a_store(folder, root):
            found += _contents(folder, root)
            if (folder / DAMAGED).is_dir():
                found += _contents(folder / DAMAGED, root)
    return [path for path in found if not path.is_dir()]


def _contents(folder: Path, root: Path) -> list[Path]:
    """What lies in a folder and not, by a link, outside the root."""
    inside = []
    with suppress(OSError):
        check_inside(folder, root)
        for path in sorted(folder.iterdir()):
            with suppress(OSError):
                check_inside(path, root)
                inside.append(path)
    return inside


def _is_of_a_store(folder: Path, root: Path) -> bool:
    """Whether a store made a folder: it has the mark, or is from before there was one.

    Such a folder has a name that a store gives, and in it a record under its own name, with the
    checksum that a store writes.
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
    """What a record's file holds; None where it is damaged."""
    with suppress(OSError, ValueError):
        return read_stored(path)
    return None


def _size(path: Path) -> int:
    """Bytes of a file; 0 where there is none."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _remove_if_empty(folder: Path) -> None:
    """Delete a store's folder that holds nothing but its mark, or that of damaged entries."""
    with suppress(OSError):
        if folder.name == DAMAGED:
            folder.rmdir()
            folder = folder.parent
        if [path.name for path in folder.iterdir()] == [MARK]:
            (folder / MARK).unlink()
        folder.rmdir()
