"""Writing files so that a reader sees the old content or the new, never half of it."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file beside its place, then move it there; missing folders are made.

    Raises
    ------
    OSError
        If the folder or the file cannot be written; what was there before is untouched.
    """
    path = Path(os.path.realpath(path))  # a link stays a link, to a file that is new
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(temporary, 0o666 & ~umask)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def check_writable(path: Path) -> None:
    """Try, before hours of work, whether a file could be written later.

    Raises
    ------
    OSError
        With the reason, if it could not.
    """
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a directory: give the path of a file")
    if path.exists() and not path.is_file():
        raise OSError(f"{path} is a device or a pipe: give the path of a regular file")
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=path.parent):
        pass
    if path.exists() and not os.access(path, os.W_OK):
        raise PermissionError(f"{path} may not be written: change its permissions or the path")
