"""Pages of the guide as a reader uses them: their files and commands, in a folder of the reader's own.

Its files are its ``python`` blocks, each of which begins with a comment that names the file, such as
``# conftest.py``; its commands are the lines of its ``console`` blocks.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests import processes

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs" / "guide"

PROGRAMS = {
    "python": [sys.executable],
    "pytest": [sys.executable, "-m", "pytest"],
    "sparsebench": [
        sys.executable,
        "-c",
        "from sparsebench.shell.command import main; raise SystemExit(main())",
    ],
}
"""The programs of a page's commands, as this environment has them."""


@dataclass(frozen=True)
class Block:
    """A fenced block of a page.

    Attributes
    ----------
    language
        What follows the fence; empty if nothing does.
    text
        Its lines, each with its end.
    """

    language: str
    text: str


def blocks(page: str) -> list[Block]:
    """The fenced blocks in the text of a page, in order.

    Raises
    ------
    ValueError
        If a fence is not closed.
    """
    parts = re.split(r"^```(.*)\n", page, flags=re.MULTILINE)
    if len(parts) % 4 != 1:
        raise ValueError("a fence is not closed: end each block with a line of ``` alone")
    return [Block(*pair) for pair in zip(parts[1::4], parts[2::4], strict=True)]


def files(page: str) -> dict[str, str]:
    """The files in the text of a page, by name.

    Raises
    ------
    ValueError
        If a block of Python does not name its file, or names that of another one.
    """
    found: dict[str, str] = {}
    for block in blocks(page):
        if block.language != "python":
            continue
        named = re.match(r"# ([\w/]+\.py)\n", block.text)
        if named is None or named[1] in found:
            first = block.text.partition("\n")[0]
            raise ValueError(
                f"a block of Python begins with {first!r}: begin each with a comment that names a "
                "file of its own, such as '# conftest.py'"
            )
        found[named[1]] = block.text
    return found


def commands(page: str) -> list[str]:
    """The commands in the text of a page, without what their comments say."""
    lines = "".join(block.text for block in blocks(page) if block.language == "console")
    plain = (line.partition(" #")[0].strip() for line in lines.splitlines())
    return [line for line in plain if line and not line.startswith("#")]


@dataclass(frozen=True)
class Reader:
    """Somebody who has a folder and follows pages in it, each command in a process of its own.

    Attributes
    ----------
    folder
        Empty at first.
    options
        What pytest is told beside what a page says, such as where trained models are kept.
    """

    folder: Path
    options: list[str] = field(default_factory=list)

    def write(self, sources: Mapping[str, str]) -> None:
        """Write files into the folder."""
        for name, text in sources.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")

    def edit(self, name: str, old: str, new: str) -> None:
        """Put something else where a file has a text once.

        Raises
        ------
        ValueError
            If the text stands there more often, or not at all.
        """
        path = self.folder / name
        text = path.read_text(encoding="utf-8")
        if text.count(old) != 1:
            raise ValueError(f"{old!r} stands {text.count(old)} times in {name}, not once")
        path.write_text(text.replace(old, new), encoding="utf-8")

    def command(self, line: str) -> list[str]:
        """A page's command as this environment runs it.

        Raises
        ------
        ValueError
            If its program is none that a page may use.
        """
        program, *arguments = shlex.split(line)
        if program not in PROGRAMS:
            raise ValueError(f"{line}: use one of {', '.join(PROGRAMS)}, or add {program} to them")
        return [*PROGRAMS[program], *arguments]

    @property
    def environment(self) -> dict[str, str]:
        """That of the processes: this checkout, the reader's options, and nothing of these tests."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
        options = ["-p", "no:cacheprovider", *self.options]
        return {**kept, "PYTHONPATH": str(ROOT), "PYTEST_ADDOPTS": shlex.join(options)}

    def run(self, line: str) -> subprocess.CompletedProcess[str]:
        """Run a page's command to its end; what it printed is its `stdout`, errors too."""
        return processes.run(self.command(line)[1:], self.folder, self.environment)

    def start(self, line: str) -> subprocess.Popen[bytes]:
        """Start a page's command in a group of processes, which may be killed together."""
        return subprocess.Popen(
            self.command(line),
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
