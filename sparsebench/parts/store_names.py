"""Names of a store's folders and files; nothing else in its folder is listed or deleted."""

from __future__ import annotations

import re
from pathlib import Path

MARK = ".sparsebench-store"
"""The empty file that marks a store's folders; other folders are left alone."""

DAMAGED = "damaged"
"""The subfolder for damaged entries."""

WEIGHTS = ".safetensors"
"""Ending of the names of files of weights."""

_NAME = r"[0-9a-f]{32}(-[0-9a-f]{12})?"
_RECORD = re.compile(rf"{_NAME}\.json")
_RECORD_ASIDE = re.compile(rf"{_NAME}(-[0-9]+)?\.json")
_BEGUN = re.compile(rf"\.{_NAME}(\.json|\.safetensors)\.[a-z0-9_]{{8}}")
_ENVIRONMENT = re.compile(r"[0-9a-f]{12}-\S+")
_FORBIDDEN = re.compile(r'[\x00-\x20<>:"/\\|?*]')


def folder_name(*environment: str) -> str:
    """The folder's name for an environment, without characters that some systems forbid.

    Parameters
    ----------
    environment
        Code fingerprint, versions of libraries, and the processor as its driver names it.
    """
    name = _FORBIDDEN.sub("_", "-".join(environment))
    return name[:-1] + "_" if name.endswith(".") else name


def is_environment(name: str) -> bool:
    """Whether a folder's name has the form that a store gives."""
    return _ENVIRONMENT.fullmatch(name) is not None


def is_record(path: Path) -> bool:
    """Whether a file has the name of a record, in place or moved aside."""
    return (_RECORD_ASIDE if _aside(path) else _RECORD).fullmatch(path.name) is not None


def is_begun(path: Path) -> bool:
    """Whether a file has the name of an unfinished file."""
    return _BEGUN.fullmatch(path.name) is not None


def name_of(path: Path) -> str:
    """The name of the network or measurement that a store's file belongs to; it has no dot."""
    return path.name.partition(".")[0]


def _aside(path: Path) -> bool:
    return path.parent.name == DAMAGED
