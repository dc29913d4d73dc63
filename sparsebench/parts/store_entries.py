"""What lies in a store: looking at it, clearing it out, and taking it elsewhere."""

from __future__ import annotations

import time
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from filelock import FileLock, Timeout

from sparsebench.parts.code_digest import ROOTS
from sparsebench.parts.files import check_inside, write_atomically
from sparsebench.parts.snapshots import load_snapshot
from sparsebench.parts.store import (
    DAMAGED,
    SNAPSHOT,
    StoredModel,
    is_named_after,
    read_stored,
)
from sparsebench.parts.weight_files import checksum, load_arrays

_SECONDS_TO_WRITE = 3600
"""How old a file that is being written may be; milliseconds are usual."""


@dataclass(frozen=True)
class Entry:
    """A kept network or measurement, or a network whose training is not finished.

    Attributes
    ----------
    path
        Of its record, beside which a network's weights lie, or of the snapshot of its training.
    model
        The record; None where it cannot be read, or was set aside, or is not there yet.
    size
        Bytes of its files.
    epoch
        Of a training that is not finished, how many epochs are kept.
    """

    path: Path
    model: StoredModel | None
    size: int
    epoch: int | None = None

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
        """The file of its weights; of a snapshot, the same file."""
        return self.path.with_suffix(".safetensors")

    @property
    def lock(self) -> Path:
        """The file that is locked while it is trained."""
        return self.path.with_name(f"{_name(self.path)}.lock")

    @property
    def files(self) -> list[Path]:
        """Its files, the record last."""
        return [self.path] if self.measured else [self.weights, self.path]

    @property
    def measured(self) -> bool:
        """Whether it is a measurement, which has no weights of its own."""
        return self.model is not None and self.model.record.experiment in ROOTS

    @property
    def whole(self) -> bool:
        """Whether it is what was kept: of this case, with the weights that the record speaks of."""
        if self.model is None or not is_named_after(self.model, _name(self.path)):
            return False
        if self.measured:
            return True
        try:
            arrays = load_arrays(self.weights)
        except (OSError, ValueError):
            return False
        return checksum(arrays) == self.model.record.weights


def entries(root: Path) -> Iterator[Entry]:
    """Everything that is kept in a store, those set aside too: networks, then unfinished ones.

    What somebody has linked into it from elsewhere is passed over: it is not for us to delete.
    """
    for path in _inside(root, "*/*.json", f"*/{DAMAGED}/*.json"):
        model = None
        with suppress(OSError, ValueError):
            model = read_stored(path)
        files = (path, path.with_suffix(".safetensors"))
        size = sum(file.stat().st_size for file in files if file.is_file())
        yield Entry(path, None if path.parent.name == DAMAGED else model, size)
    ending = SNAPSHOT.replace(".safetensors", "*.safetensors")  # set aside, it may have a number
    for path in _inside(root, f"*/*{SNAPSHOT}", f"*/{DAMAGED}/*{ending}"):
        if path.is_file():  # a training may have been finished meanwhile
            yield Entry(path, None, path.stat().st_size, _epoch(path))


def remove(chosen: Iterable[Entry]) -> list[Entry]:
    """Delete entries, and say which are gone; one that a process holds for training stays.

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
        except Timeout:
            continue
        Path(lock.lock_file).unlink(missing_ok=True)
        gone.append(entry)
        with suppress(OSError):  # not empty
            entry.path.parent.rmdir()
    return gone


def sweep(root: Path) -> int:
    """Delete what writers left that were killed: hidden files of more than an hour ago; how many."""
    swept = 0
    for path in _inside(root, "*/.*", f"*/{DAMAGED}/.*"):
        with suppress(OSError):  # another process was quicker
            if path.is_file() and time.time() - path.stat().st_mtime > _SECONDS_TO_WRITE:
                path.unlink()
                swept += 1
    return swept


def pack(chosen: Iterable[Entry], archive: Path) -> int:
    """Write whole entries into a ZIP archive, atomically, and say how many.

    Unpacked into another store's folder, they are found there by the same code on the same kind of
    device. Unfinished trainings are left out.

    Raises
    ------
    OSError
        If the archive cannot be written.
    """
    buffer, packed = BytesIO(), 0
    with zipfile.ZipFile(buffer, "w") as file:
        for entry in chosen:
            if entry.whole:
                for path in entry.files:
                    file.write(path, f"{entry.environment}/{path.name}")
                packed += 1
    write_atomically(archive, buffer.getvalue())
    return packed


def _inside(root: Path, *patterns: str) -> Iterator[Path]:
    """The files of some patterns, in order, without those that lie elsewhere."""
    for path in sorted(path for pattern in patterns for path in root.glob(pattern)):
        with suppress(OSError):
            check_inside(path, root)
            yield path


def _epoch(path: Path) -> int | None:
    """How far the training of a snapshot has come; None where it is damaged, or was set aside."""
    if path.parent.name != DAMAGED:
        with suppress(OSError, ValueError):
            return load_snapshot(path, _name(path)).epoch
    return None


def _name(path: Path) -> str:
    """The name of the network that a file in a store is of: it has no dot."""
    return path.name.partition(".")[0]
