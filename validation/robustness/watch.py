"""Watches readers of foreign files: no access to other files, no code, processes or sockets."""

from __future__ import annotations

import os
import resource
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SECONDS, MEMORY = 5.0, 2**30
"""Limits for one input: processor time in seconds, and bytes."""

_IMPORTING = ("compile", "exec", "import", "code.__new__", "function.__new__", "marshal.")

_FORBIDDEN = (
    *(
        "os.system",
        "os.exec",
        "os.fork",
        "os.posix_spawn",
        "os.spawn",
        "os.startfile",
        "subprocess.",
    ),
    *("socket.", "ctypes.", "urllib.", "webbrowser.", "os.kill", "pickle.", "builtins.input"),
)

_TOUCHING = ("os.", "shutil.", "tempfile.", "open")

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class Forbidden(BaseException):
    """A reader did something forbidden; a BaseException, so that no reader catches it by mistake."""


class Overdue(BaseException):
    """A reader took too long."""


class Watch:
    """Audits Python's actions while a reader runs, and stops forbidden ones.

    Parameters
    ----------
    folder
        The only folder whose files may be accessed.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = os.path.realpath(folder)
        self._forbidden: tuple[str, ...] | None = None
        sys.addaudithook(self._hear)

    @contextmanager
    def watching(self, imports: bool = False) -> Iterator[None]:
        """Audit meanwhile; imports may be allowed, other actions are not."""
        self._forbidden = _FORBIDDEN if imports else (*_FORBIDDEN, *_IMPORTING)
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            self._forbidden = None

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self._forbidden is None:
            return
        if event.startswith(self._forbidden):
            self._stop(event, arguments)
        if event in ("os.listdir", "os.scandir") or not event.startswith(_TOUCHING):
            return
        if event == "open" and not arguments[2] & _WRITING:
            return
        touched = (
            arguments[:2] if event in ("os.rename", "os.link", "os.symlink") else arguments[:1]
        )
        for path in touched:
            if isinstance(path, str | bytes | os.PathLike):
                real = os.path.realpath(os.fsdecode(path))
                if os.path.commonpath([real, self._folder]) != self._folder:
                    self._stop(event, arguments)

    def _stop(self, event: str, arguments: tuple[Any, ...]) -> None:
        self._forbidden = None
        raise Forbidden(f"{event} {arguments!r:.300}")


def overdue(number: int, frame: object) -> None:
    """Handler of SIGPROF: stop a reader that takes too long."""
    raise Overdue(f"more than {SECONDS:g} s")


def limit_memory() -> None:
    """Limit this process to `MEMORY` bytes more than it has now."""
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[0]
    limit = int(pages) * os.sysconf("SC_PAGE_SIZE") + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (limit, resource.RLIM_INFINITY))
