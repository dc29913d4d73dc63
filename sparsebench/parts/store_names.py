"""The names that a store gives to its folders and files: nothing else in it is listed or deleted."""

from __future__ import annotations

import re
from pathlib import Path

MARK = ".sparsebench-store"
"""The empty file that a store puts into its folders: what lies in others is not its own."""

DAMAGED = "damaged"
"""The folder inside a store's where damaged entries are set aside."""

WEIGHTS = ".safetensors"
"""How the files of weights end."""

_NAME = r"[0-9a-f]{32}(-[0-9a-f]{12})?"
_RECORD = re.compile(rf"{_NAME}\.json")
_RECORD_ASIDE = re.compile(rf"{_NAME}(-[0-9]+)?\.json")
_BEGUN = re.compile(rf"\.{_NAME}(\.json|\.safetensors)\.[a-z0-9_]{{8}}")
_ENVIRONMENT = re.compile(r"[0-9a-f]{12}-\S+")
_FORBIDDEN = re.compile(r'[\x00-\x20<>:"/\\|?*]')


def folder_name(*environment: str) -> str:
    """The name of the folder for an environment, which every system allows.

    Parameters
    ----------
    environment
        The code digest, versions of libraries, and the processor, under whatever name its driver gives.
    """
    name = _FORBIDDEN.sub("_", "-".join(environment))
    return name[:-1] + "_" if name.endswith(".") else name


def is_environment(name: str) -> bool:
    """Whether a store would give this name to a folder."""
    return _ENVIRONMENT.fullmatch(name) is not None


def is_record(path: Path) -> bool:
    """Whether a store would give this name to a record, here or set aside."""
    return (_RECORD_ASIDE if _aside(path) else _RECORD).fullmatch(path.name) is not None


def is_begun(path: Path) -> bool:
    """Whether a file is named like those that are being written."""
    return _BEGUN.fullmatch(path.name) is not None


def name_of(path: Path) -> str:
    """The name of the network or measurement that a file of a store is of: it has no dot."""
    return path.name.partition(".")[0]


def _aside(path: Path) -> bool:
    return path.parent.name == DAMAGED
