"""One process at a time: reading, changing and writing files that several processes may write."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from sparsebench.parts.files import check_inside, write_atomically

LOCK = ".lock"
"""The folder of the lock, inside the one that is locked. Git ignores it because of a file in it, as it
does pytest's cache, so nobody commits it. It stays there: if locks were deleted, two processes could
each hold one. It is not kept in the user's cache, because two users, or two machines that share a disk,
have two of these."""

PATIENCE = 600.0
"""Seconds: what is done under the lock takes one or two."""


@contextmanager
def locked(folder: Path, patience: float = PATIENCE) -> Iterator[None]:
    """Hold a folder against all other processes that ask for it; one that dies lets go of it.

    Parameters
    ----------
    folder
        Made if it is missing.
    patience
        Seconds to wait while another process holds it.

    Raises
    ------
    OSError
        If the lock cannot be written or had, or another process holds it all that time.
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
