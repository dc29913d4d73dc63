"""A lock on a folder: one process at a time reads, changes and writes its files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from sparsebench.parts.files import check_inside, write_atomically

LOCK = ".lock"
"""The folder of the lock, inside the locked one. A file in it makes Git ignore it, as with pytest's
cache. It is not deleted, because two processes could then each hold a lock. It does not lie in the
user's cache, because two users, or two machines that share a disk, have two caches."""

PATIENCE = 600.0
"""Seconds to wait; work under the lock takes one or two."""


@contextmanager
def locked(folder: Path, patience: float = PATIENCE) -> Iterator[None]:
    """Lock a folder against all other processes that lock it; the lock ends with its process.

    Parameters
    ----------
    folder
        Created if it is missing.
    patience
        Seconds to wait while another process holds the lock.

    Raises
    ------
    OSError
        If the lock cannot be written or taken, or another process holds it for all that time.
    """
    place = folder / LOCK
    ignored, held = place / ".gitignore", place / "held"
    for path in (ignored, held):
        check_inside(path, folder)
    if not ignored.exists():
        write_atomically(ignored, b"*\n")
    lock = FileLock(held)
    try:
        lock.acquire(timeout=patience)
    except Timeout:
        raise TimeoutError(
            f"{folder}: another process has been writing there for {patience:.0f} seconds: wait until "
            "it has finished, or end it, and run the update again"
        ) from None
    except NotImplementedError as error:  # a file system without locks
        raise OSError(
            f"{held} cannot be locked ({error}): choose a folder on another disk"
        ) from None
    try:
        yield
    finally:
        lock.release()
