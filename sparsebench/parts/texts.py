"""Plain texts, read letter by letter: one of the package, and any file that a user names.

A task identifies its text by a checksum, not by a path, so the same text is the same task wherever
the file is. A user's text is read once, when the task is made, and stays in memory.
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
"""The package's own texts, in the public domain: the Declaration of Independence (1776) and the
Gettysburg Address (1863), 9,277 characters."""

LARGEST = 2**24
"""Largest text in bytes."""

MOST_LETTERS = 96
"""Letters of an alphabet at most; the rarest others are read as the most frequent letter."""

_FEWEST = 200
"""Fewest characters of a text; with fewer, there is too little to learn and test."""


GIVEN: dict[str, str] = {}
"""Texts that this process has read, or that were sent to it, by checksum."""


def name_and_path(source: str | Path, own: Mapping[str, str]) -> tuple[str, Path]:
    """The name and path of a text.

    Parameters
    ----------
    source
        The name of one of the package's, `NAME=PATH`, or a path; the name of a path is empty.
    own
        Files in `FOLDER`, by the names of the package's texts.

    Raises
    ------
    ValueError
        If a user's name is not allowed, or is that of one of the package's.
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
    """Read a text: one of `TEXTS`, or a file, which may be given a name: `NAME=PATH`.

    Raises
    ------
    OSError
        If there is no such file, or it cannot be read.
    ValueError
        If it is not UTF-8, is larger than `LARGEST`, or has fewer than 200 characters or only one
        letter.
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
    """The task of predicting the next letters of a text; letters are numbered by falling frequency.

    Parameters
    ----------
    source
        One of `TEXTS`, the path of a file, or `NAME=PATH`. Ids contain the name, or else the file's
        own. Only a given name is part of the task's identity, and of results.
    window
        Steps of a sequence.

    Returns
    -------
    sparsebench.values.tasks.TextLetters
        The task, which identifies the text by its checksum.

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
    """The name of a file or folder up to its first dot; empty if that name is taken."""
    stem = path.name.partition(".")[0]
    return "" if stem in taken else stem


def give_text(text: str) -> str:
    """Register a text for the tasks that refer to it, and return its checksum."""
    checksum = hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]
    GIVEN[checksum] = text
    return checksum


def content_of(task: TextLetters) -> str:
    """The text of a task.

    Raises
    ------
    ValueError
        If this process has not read it.
    """
    if task.text in TEXTS:
        text_task(task.text)
    if task.checksum not in GIVEN:
        raise ValueError(not_given("text", task))
    return GIVEN[task.checksum]


def not_given(what: str, task: TextLetters | LabelledText) -> str:
    """The error for a task whose text this process has not read: the task knows only its checksum."""
    return (
        f"the {what} of task {task.called!r}, whose checksum is {task.checksum}, was not read by this "
        f"process: give its path with --sparsebench-text"
    )


def text_of(task: TextLetters) -> np.ndarray:
    """The codes of a task's text, (characters,) uint8.

    Raises
    ------
    ValueError
        See `content_of`.
    """
    codes = {letter: code for code, letter in enumerate(task.alphabet)}
    return np.array([codes.get(letter, 0) for letter in content_of(task)], np.uint8)
