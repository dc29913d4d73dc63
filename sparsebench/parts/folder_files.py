"""Files of a folder that are replaced together: readers see all of a change or none of it.

This holds even if the writing process is killed. New files are written into the subfolder
`.staged`. Renaming it to `.update` is the moment of the change; then its files are moved into
place. Until then, a file in `.update` is read instead of the one that it replaces. The next writer
finishes what a killed one left.
"""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from sparsebench.parts.files import check_inside, read_at_most, replace_file

STAGED, COMMITTED = ".staged", ".update"

_WAITS = (0.0, 0.01, 0.03, 0.1, 0.3, 0.5, 1.0, 1.0, 1.0)
"""Seconds before each attempt to read files while none is replaced; moving them takes less."""


def read_together(folder: Path, names: re.Pattern[str], most: int) -> dict[str, bytes]:
    """Read the files of a folder as they were at one moment.

    Parameters
    ----------
    folder
        The folder; may be missing, then there are no files.
    names
        Pattern of the files' names.
    most
        Most bytes of each file.

    Returns
    -------
    dict
        Contents by name.

    Raises
    ------
    OSError
        If a file cannot be read, or the files are replaced all the time.
    ValueError
        If one is larger.
    """
    for seconds in _WAITS:
        time.sleep(seconds)
        before = _files(folder, names)
        with suppress(FileNotFoundError):  # it has just been moved into place
            contents = {path.name: read_at_most(path, most) for path, *_ in before}
            if _files(folder, names) == before:
                return contents
    raise OSError(f"{folder} is written to all the time: try again when no process writes there")


def names_in(folder: Path, names: re.Pattern[str]) -> list[str]:
    """The sorted names of the matching files; their contents are not read."""
    return [path.name for path, *_ in _files(folder, names)]


def replace_together(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Replace files of a folder together; creates the folder; the caller holds its lock.

    Raises
    ------
    OSError
        If a file cannot be written; all are unchanged then. If a file cannot be moved into place;
        readers find it where it is.
    """
    staged, committed = folder / STAGED, folder / COMMITTED
    for place in (staged, committed):
        check_inside(place, folder)
    settle(folder)
    with suppress(FileNotFoundError):
        shutil.rmtree(staged)
    staged.mkdir(parents=True)
    for name, content in contents.items():
        with (staged / name).open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    os.replace(staged, committed)
    settle(folder)


def settle(folder: Path) -> None:
    """Move the files of the last change into place, if they are not there yet.

    Raises
    ------
    OSError
        If a file cannot be moved; readers find it where it is.
    """
    committed = folder / COMMITTED
    if not committed.is_dir():
        return
    for path in sorted(committed.iterdir()):
        replace_file(path, folder / path.name)
    committed.rmdir()


_File = tuple[Path, int, int, int]
"""A file, and values that change when another takes its place."""


def _files(folder: Path, names: re.Pattern[str]) -> list[_File]:
    """The matching files, sorted by name."""
    found: dict[str, _File] = {}
    for place in (folder, folder / COMMITTED):
        with suppress(FileNotFoundError, NotADirectoryError), os.scandir(place) as entries:
            for entry in entries:
                if names.fullmatch(entry.name):
                    found[entry.name] = (Path(entry.path), *_state(entry.path))
    return [found[name] for name in sorted(found)]


def _state(path: str) -> tuple[int, int, int]:
    try:
        state = os.stat(path)
    except FileNotFoundError:
        return 0, 0, 0
    return state.st_ino, state.st_mtime_ns, state.st_size
