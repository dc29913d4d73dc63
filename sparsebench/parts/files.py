"""Files: limited reading, and atomic writing."""

from __future__ import annotations

import codecs
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

FilePath = str | os.PathLike[str]
"""A path, as all functions that read a file take it."""

_SHOWN = 80
"""Most characters of a value that an error message repeats."""

NOT_UTF8 = (
    "it is in UTF-16 or UTF-32: save it as UTF-8 (Windows PowerShell writes UTF-16 with >, and UTF-8 "
    "with | Out-File -Encoding utf8)"
)
"""Advice for files from some Windows programs."""

_OTHER_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)
"""UTF-32's little-endian mark begins with UTF-16's."""
_ATTEMPTS = 20
"""Attempts to create a folder that another process may delete while it is empty."""

_WAITS = (0.01, 0.03, 0.1, 0.3, 0.5)
"""Seconds between attempts to replace a file that another process has open; reading takes less."""


def read_at_most(path: FilePath, most: int, pipe: bool = False) -> bytes:
    """Read a file of limited size, which somebody else may have written.

    Parameters
    ----------
    path
        The file.
    most
        Most bytes that it may have; no more than these are read.
    pipe
        Whether a pipe or a device is allowed, which may never end: only if the user names it.

    Raises
    ------
    OSError
        If it cannot be read, or is a pipe or a device that is not allowed.
    ValueError
        If it is larger.
    """
    path = Path(path)
    if not pipe and path.exists() and not (path.is_file() or path.is_dir()):
        raise OSError(f"{path} is a device or a pipe: give the path of a regular file")
    with path.open("rb") as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise ValueError(
            f"{path}: more than {most} bytes, the most that is read: give a smaller file"
        )
    return content


def without_mark(content: bytes) -> bytes:
    """Remove the byte order mark that some editors put before UTF-8.

    Raises
    ------
    ValueError
        If the mark is that of another encoding.
    """
    if content.startswith(_OTHER_MARKS):
        raise ValueError(NOT_UTF8)
    return content.removeprefix(codecs.BOM_UTF8)


def decoded(content: bytes, path: FilePath) -> str:
    """Decode a file's content from UTF-8, with or without a byte order mark.

    Raises
    ------
    ValueError
        With the file and the line, if it is not UTF-8.
    """
    try:
        return without_mark(content).decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ValueError(f"{path}, line {line}: {error.reason}: use UTF-8") from None
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None


def distinct_names(paths: Sequence[Path]) -> list[str]:
    """Names for several files: the file's name or, if that is not unique, its path."""
    names = [path.name for path in paths]
    return [str(path) if names.count(path.name) > 1 else path.name for path in paths]


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
    """A value as error messages show it: ASCII, on one line, at most `_SHOWN` characters.

    Of values other than texts and whole numbers, only the class is shown, because writing out
    nested containers that contain each other several times can take forever.
    """
    if not isinstance(value, str | int | None):
        return type(value).__name__.lower()
    text = ascii(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def while_folders_vanish(act: Callable[[], T]) -> T:
    """Create a folder and a file in it; repeat if another process deletes the empty folder.

    Raises
    ------
    OSError
        If it cannot be made.
    """
    for _ in range(_ATTEMPTS):
        with suppress(FileNotFoundError, FileExistsError):
            return act()
    return act()


def write_atomically(path: Path, content: bytes) -> None:
    """Write a temporary file and move it into place; missing folders are created.

    Raises
    ------
    OSError
        If the folder or the file cannot be written; an existing file is unchanged.
    """
    path = Path(os.path.realpath(path))  # a link stays, and its target is replaced

    def begin() -> tuple[int, str]:
        path.parent.mkdir(parents=True, exist_ok=True)
        return tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")

    descriptor, temporary = while_folders_vanish(begin)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(temporary, 0o666 & ~umask)
        replace_file(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def replace_file(temporary: FilePath, path: Path) -> None:
    """Move a complete file into place; on Windows, waits until no process has the old one open.

    Raises
    ------
    OSError
        If that fails; both files are unchanged.
    """
    for seconds in _WAITS:
        with suppress(PermissionError):
            os.replace(temporary, path)
            return
        time.sleep(seconds)
    try:
        os.replace(temporary, path)
    except PermissionError as error:
        raise PermissionError(
            f"{path} cannot be replaced ({error}): close the program that has it open, or change its "
            "permissions or the folder's"
        ) from None


def check_writable(path: Path) -> None:
    """Check, before hours of work, whether a file can be written later; nothing is created.

    Raises
    ------
    OSError
        With the reason, if it cannot.
    """
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a directory: give the path of a file")
    if path.exists() and not path.is_file():
        raise OSError(f"{path} is a device or a pipe: give the path of a regular file")
    folders = Path(os.path.realpath(path)).parents
    nearest = next(folder for folder in folders if folder.exists())
    if not nearest.is_dir():
        raise NotADirectoryError(f"{nearest} is not a directory: give another path")
    with tempfile.TemporaryFile(dir=nearest):
        pass
    if path.exists() and not os.access(path, os.W_OK):
        raise PermissionError(f"{path} is not writable: change its permissions or the path")
