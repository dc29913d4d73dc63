"""Reading no more of a file than is bearable, and writing so that a reader never sees half of it."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

_SHOWN = 80
"""Characters of a value that an error repeats."""


def read_at_most(path: Path, most: int, pipe: bool = False) -> bytes:
    """The content of a file that somebody else may have written.

    Parameters
    ----------
    path
        The file.
    most
        How many bytes it may have; of a larger one no more than these are read.
    pipe
        Whether a pipe or a device will do, whose end may never come: only where the user names it.

    Raises
    ------
    OSError
        If it cannot be read, or is a pipe or a device where none will do.
    ValueError
        If it is larger.
    """
    if not pipe and path.exists() and not (path.is_file() or path.is_dir()):
        raise OSError(f"{path} is a device or a pipe: give the path of a regular file")
    with path.open("rb") as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise ValueError(
            f"{path}: more than {most} bytes, the most that is read: give a smaller file"
        )
    return content


def decoded(content: bytes, path: Path) -> str:
    """A file's content as text, with or without a byte order mark.

    Raises
    ------
    ValueError
        Naming the file and the line, if it is not UTF-8.
    """
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ValueError(f"{path}, line {line}: {error.reason}: use UTF-8") from None


def check_inside(path: Path, folder: Path) -> None:
    """Refuse to write or delete through a link that somebody put into a folder.

    Raises
    ------
    OSError
        If the path leads out of the folder.
    """
    real = Path(os.path.realpath(path))
    if not real.is_relative_to(os.path.realpath(folder)):
        raise OSError(f"{path} leads out of {folder}: remove the link, or name another folder")


def shown(value: object) -> str:
    """A value as an error repeats it: in ASCII, on one line, and no longer than that.

    Of anything but texts and whole numbers only the kind is said: what holds something twice, which
    holds something twice, and so on, takes for ever to write out.
    """
    if not isinstance(value, str | int | None):
        return type(value).__name__.lower()
    text = ascii(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


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
    """Try, before hours of work, whether a file could be written later; nothing is made.

    Raises
    ------
    OSError
        With the reason, if it could not.
    """
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a directory: give the path of a file")
    if path.exists() and not path.is_file():
        raise OSError(f"{path} is a device or a pipe: give the path of a regular file")
    folders = Path(os.path.realpath(path)).parents
    nearest = next(folder for folder in folders if folder.exists())
    if not nearest.is_dir():
        raise NotADirectoryError(f"{nearest} is no directory: give another path")
    with tempfile.TemporaryFile(dir=nearest):
        pass
    if path.exists() and not os.access(path, os.W_OK):
        raise PermissionError(f"{path} may not be written: change its permissions or the path")
