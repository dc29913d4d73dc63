"""Progress of long work: one updated line on a terminal, otherwise one line per stage."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from threading import Lock

import pytest

_SECONDS_BETWEEN_UPDATES = 0.5
"""Interval between updates of the line on a terminal."""

_SECONDS_OF_A_STAGE = 5.0
"""Without a terminal, shorter stages are not reported; most are shorter."""

_SECONDS_BETWEEN_LINES = 10.0
"""Without a terminal, least interval between lines."""

_SECONDS_OF_SILENCE = 600.0
"""Without a terminal, longest silence: some CI services stop a job without output."""


class Progress:
    """Shows the progress of long work, although pytest captures what items print.

    The part of a text before its first colon is the stage, such as `training gru networks`.

    Parameters
    ----------
    config
        Pytest's configuration.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._worker = hasattr(config, "workerinput")
        self._stage = ""
        self._since = self._last = time.monotonic()
        self._told = False
        self._covered: str | None = None
        self._lock = Lock()  # networks are trained by threads

    def tell(self, text: str) -> None:
        """Show the progress of a stage, at most as often as the intervals above allow."""
        with self._lock:
            now, stage = time.monotonic(), text.partition(":")[0]
            if stage != self._stage:
                self._stage, self._since, self._told = stage, now, False
            if self._in_place:
                if now - self._last >= _SECONDS_BETWEEN_UPDATES:
                    self._last = now
                    self._cover(text)
                return
            waits = _SECONDS_OF_A_STAGE if stage != text else 0.0
            due = not self._told and now - self._since >= waits
            quiet = now - self._last >= _SECONDS_BETWEEN_LINES
            if (due and quiet) or now - self._last >= _SECONDS_OF_SILENCE:
                self._last, self._told = now, True
                self.say(f"sparsebench: {text}")

    def say(self, line: str) -> None:
        """Write a permanent line."""
        terminal = self._terminal
        with self._uncaptured():
            if terminal is None or self._worker:
                print(line, file=sys.stderr, flush=True)
            else:
                terminal.ensure_newline()
                terminal.write_line(line)
                terminal.flush()

    def clear(self) -> None:
        """Restore the line of pytest that the progress line covers."""
        with self._lock:
            if self._covered is not None:
                self._write(self._covered)
                self._covered = None

    @property
    def _terminal(self) -> pytest.TerminalReporter | None:
        return self._config.pluginmanager.getplugin("terminalreporter")

    @property
    def _in_place(self) -> bool:
        """Whether there is a terminal on which a line can be updated."""
        terminal = self._terminal
        there = terminal is not None and not self._worker and bool(terminal.isatty)
        return there and os.environ.get("TERM") != "dumb"

    def _cover(self, text: str) -> None:
        """Cover pytest's current line (dots, or the name of a test) with a text."""
        assert self._terminal is not None
        writer = self._terminal._tw
        if self._covered is None:
            self._covered = getattr(writer, "_current_line", "")
        room = writer.fullwidth - 1
        if len(text) > room:
            text = text.partition(": ")[2] or text.partition(" (")[0]
        self._write(text[:room])

    def _write(self, line: str) -> None:
        """Replace the current line."""
        assert self._terminal is not None
        writer = self._terminal._tw
        blank = " " * (writer.fullwidth - 1)
        with self._uncaptured():
            writer._file.write(f"\r{blank}\r{line}")
            writer.flush()

    @contextmanager
    def _uncaptured(self) -> Iterator[None]:
        capture = self._config.pluginmanager.getplugin("capturemanager")
        with capture.global_and_fixture_disabled() if capture else nullcontext():
            yield
