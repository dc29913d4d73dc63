"""Files of a folder that change together: whoever reads them sees all of a change or nothing of it,
even if the process that writes is killed.

What is written goes into a folder inside, `.staged`; then that folder gets the name `.update`, which is
the moment of the change; then its files are moved to their places. A file in `.update` is read instead
of the one that it will replace. What a killed process leaves is settled by the next that writes.
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
    """The contents of a folder's files by name, all as they were at one moment.

    Parameters
    ----------
    folder
        Nothing is found if there is none.
    names
        What the files are called.
    most
        How many bytes each may have.

    Raises
    ------
    OSError
        If a file cannot be read, or they are replaced all the time.
    ValueError
        If one is larger.
    """
    for seconds in _WAITS:
        time.sleep(seconds)
        before = _files(folder, names)
        with suppress(FileNotFoundError):  # it has just been moved to its place
            contents = {path.name: read_at_most(path, most) for path, *_ in before}
            if _files(folder, names) == before:
                return contents
    raise OSError(f"{folder} is being written all the time: try again when nobody writes there")


def names_in(folder: Path, names: re.Pattern[str]) -> list[str]:
    """The names of those files, in order, without reading one."""
    return [path.name for path, *_ in _files(folder, names)]


def replace_together(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Write files of a folder, which is made if it is missing; nobody else may write there meanwhile.

    Raises
    ------
    OSError
        If one cannot be written: all are what they were then. If one cannot be moved to its place,
        all are found where they are.
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
    """Move the files of the last change to their places, if they are not there.

    Raises
    ------
    OSError
        If one cannot be moved; it is found where it is.
    """
    committed = folder / COMMITTED
    if not committed.is_dir():
        return
    for path in sorted(committed.iterdir()):
        replace_file(path, folder / path.name)
    committed.rmdir()


_File = tuple[Path, int, int, int]
"""A file, and what changes when another takes its place."""


def _files(folder: Path, names: re.Pattern[str]) -> list[_File]:
    """Those to read, in order of their names."""
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
