"""Plain texts, read as letters: one that comes with the package, and any file that a user names.

A task names its text by a checksum, not by a path: the same text is the same task wherever it lies.
What a user gives is read once, when the task is made, and kept in the process.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Container, Mapping
from functools import cache
from pathlib import Path

import numpy as np

from sparsebench.parts.files import decoded, read_at_most, shown
from sparsebench.values.tasks import LabelledText, TextLetters

FOLDER = Path(__file__).with_name("text_files")

TEXTS = {"declaration": "declaration.txt"}
"""What comes with the package, in the public domain: the Declaration of Independence (1776) and the
Gettysburg Address (1863), 9,277 characters."""

LARGEST = 2**24
"""Bytes of a text."""

MOST_LETTERS = 96
"""Letters that a text is read with; of more, the rarest are read as the most frequent one."""

_FEWEST = 200
"""Characters: of less, nothing can be learned and judged."""


GIVEN: dict[str, str] = {}
"""The texts that tasks of this process were made of, and those that it was sent, by their checksums."""


def name_and_path(source: str | Path, own: Mapping[str, str]) -> tuple[str, Path]:
    """The name of a text and where it lies.

    Parameters
    ----------
    source
        One of the package's, `NAME=PATH`, or a path, of which the name is empty.
    own
        The files in `FOLDER` of those that come with the package, by their names.

    Raises
    ------
    ValueError
        If a user's name is not one, or the package's.
    """
    if source in own:
        return str(source), FOLDER / own[str(source)]
    name, given, path = str(source).partition("=")
    if not given or "/" in name or Path(source).exists():
        return "", Path(source)
    if not re.fullmatch("[a-z0-9_-]+", name) or name in own:
        raise ValueError(
            f"name {shown(name)} of {shown(path)}: give one of lower-case letters, digits, dashes and "
            f"underscores, such as novel={path}, that is not the package's: {', '.join(own)}"
        )
    return name, Path(path)


def read_text(source: str | Path) -> str:
    """A text: one of `TEXTS`, or the file at a path, which may have a name: `NAME=PATH`.

    Raises
    ------
    OSError
        If there is no such file, or it cannot be read.
    ValueError
        If it is no UTF-8, larger than `LARGEST`, has less than 200 characters, or but one letter.
    """
    _, path = name_and_path(source, TEXTS)
    if not path.exists():
        raise FileNotFoundError(
            f"text {shown(str(source))}: no such file; name one, or one of the package's: "
            f"{', '.join(TEXTS)}"
        )
    text = decoded(read_at_most(path, LARGEST), path)
    if len(text) < _FEWEST or len(set(text)) < 2:
        raise ValueError(
            f"{path}: {len(text)} characters, {len(set(text))} of them different: give a text of "
            f"{_FEWEST} or more, of two letters or more"
        )
    return text


@cache
def text_task(source: str | Path, window: int = 50) -> TextLetters:
    """The task of saying a text's next letters; letters are numbered from the most frequent one on.

    Parameters
    ----------
    source
        One of `TEXTS`, the path of a file, or `NAME=PATH`. The name, or else the file's own, stands in
        ids. Only a name that is given is part of the task's identity, and of results.
    window
        Steps of a sequence.

    Raises
    ------
    OSError, ValueError
        See `read_text`.
    """
    name, path = name_and_path(source, TEXTS)
    text = read_text(source)
    counts = Counter(text)
    letters = sorted(counts, key=lambda letter: (-counts[letter], letter))[:MOST_LETTERS]
    return TextLetters(name, "".join(letters), give_text(text), window, stem=stem_of(path))


def stem_of(path: Path, taken: Container[str] = TEXTS) -> str:
    """What a file or folder is called, without what follows a dot; nothing if that name is taken."""
    stem = path.name.partition(".")[0]
    return "" if stem in taken else stem


def give_text(text: str) -> str:
    """Keep a text for the tasks that are made of it, and tell its checksum."""
    checksum = hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]
    GIVEN[checksum] = text
    return checksum


def content_of(task: TextLetters) -> str:
    """The text that a task was made of.

    Raises
    ------
    ValueError
        If this process has never read it.
    """
    if task.text in TEXTS:
        text_task(task.text)
    if task.checksum not in GIVEN:
        raise ValueError(not_given("text", task))
    return GIVEN[task.checksum]


def not_given(what: str, task: TextLetters | LabelledText) -> str:
    """Why a task has no examples: it names its text by a checksum, and nobody has read such a one."""
    return (
        f"the {what} of task {task.called!r}, whose checksum is {task.checksum}, was not read by this "
        f"process: give its path with --sparsebench-text"
    )


def text_of(task: TextLetters) -> np.ndarray:
    """(characters,) uint8: the codes of a task's text.

    Raises
    ------
    ValueError
        See `content_of`.
    """
    codes = {letter: code for code, letter in enumerate(task.alphabet)}
    return np.array([codes.get(letter, 0) for letter in content_of(task)], np.uint8)
