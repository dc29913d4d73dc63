"""Shorter tracebacks of errors in a project's own criterion, graph family, task, item or experiment.

Such an error passes through many functions of this package, which say nothing about it. They are
left out; `--full-trace` and `--tb=native` show them. An error inside this package keeps them all.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

import pytest

from sparsebench.values.checks import is_refusal

if TYPE_CHECKING:
    from _pytest._code import TracebackEntry

_PACKAGE = Path(__file__).parents[1]

_LIBRARIES = {"site-packages", "dist-packages"}
"""Folders of installed packages, which may lie inside the project (`.venv`)."""


def shorten(item: pytest.Item, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
    """Leave out this package's frames if the error is one of the project's own code.

    What the project's own function gave and was refused is told by the message; what it raised, by
    its own frames and those of the libraries that it called.

    Parameters
    ----------
    item
        The item that failed.
    excinfo
        Its error, whose traceback is replaced.
    """
    if item.config.getoption("fulltrace", False) or item.config.getoption("tbstyle") == "native":
        return
    entries = list(excinfo.traceback)
    own = [place for place, entry in enumerate(entries) if _is_own(entry, item)]
    ours = [place for place, entry in enumerate(entries) if _is_ours(entry, item)]
    if not own or not ours:
        return
    # an error that was held and raised again has been through the test before
    test = entries[own[0]].frame.code
    shown = [
        entries[place] for place in own if place == own[0] or entries[place].frame.code != test
    ]
    if not is_refusal(excinfo.value):
        if own[-1] < ours[0] or len(shown) == 1:
            return
        shown += entries[own[-1] + 1 :]
    excinfo.traceback = type(excinfo.traceback)(_chained(shown))


def _chained(entries: Iterable[TracebackEntry]) -> TracebackType:
    """A traceback of these frames alone; pytest follows its links, not a list of entries."""
    chain = None
    for entry in reversed([*entries]):
        raw = entry._rawentry
        chain = TracebackType(chain, raw.tb_frame, raw.tb_lasti, raw.tb_lineno)
    assert chain is not None
    return chain


def _is_own(entry: TracebackEntry, item: pytest.Item) -> bool:
    """Whether a frame is one of the project's code, as a test of this package's benchmarks is too."""
    path = Path(entry.path)
    roots = (item.config.rootpath, item.config.invocation_params.dir)
    inside = any(path.is_relative_to(root) for root in roots)
    foreign = path.is_relative_to(_PACKAGE) or not _LIBRARIES.isdisjoint(path.parts)
    return path == item.path or (inside and not foreign)


def _is_ours(entry: TracebackEntry, item: pytest.Item) -> bool:
    path = Path(entry.path)
    return path.is_relative_to(_PACKAGE) and path != item.path
