"""Plain texts, read as letters: one that comes with the package, and any file that a user names."""

from __future__ import annotations

import hashlib
from collections import Counter
from functools import cache
from pathlib import Path

import numpy as np

from sparsebench.parts.files import decoded, read_at_most, shown
from sparsebench.values.tasks import TextLetters

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


def read_text(name: str) -> str:
    """A text: one of `TEXTS`, or the file at a path.

    Raises
    ------
    OSError
        If there is no such file, or it cannot be read.
    ValueError
        If it is no UTF-8, larger than `LARGEST`, has less than 200 characters, or but one letter.
    """
    path = FOLDER / TEXTS[name] if name in TEXTS else Path(name)
    if not path.exists():
        raise FileNotFoundError(
            f"text {shown(name)}: no such file; name one, or one of the package's: {', '.join(TEXTS)}"
        )
    text = decoded(read_at_most(path, LARGEST), path)
    if len(text) < _FEWEST or len(set(text)) < 2:
        raise ValueError(
            f"{path}: {len(text)} characters, {len(set(text))} of them different: give a text of "
            f"{_FEWEST} or more, of two letters or more"
        )
    return text


@cache
def text_task(name: str, window: int = 50) -> TextLetters:
    """The task of saying a text's next letters; see `read_text` for what may go wrong.

    Letters are numbered from the most frequent one on.
    """
    text = read_text(name)
    counts = Counter(text)
    letters = sorted(counts, key=lambda letter: (-counts[letter], letter))[:MOST_LETTERS]
    return TextLetters(name, "".join(letters), _checksum(text), window)


def text_of(task: TextLetters) -> np.ndarray:
    """(characters,) uint8: the codes of a task's text.

    Raises
    ------
    ValueError
        If it is not the text that the task was made of; see `read_text` for what else may go wrong.
    """
    text = read_text(task.text)
    if _checksum(text) != task.checksum:
        raise ValueError(
            f"text {task.text!r} has changed since the task was made of it: start the run again"
        )
    codes = {letter: code for code, letter in enumerate(task.alphabet)}
    return np.array([codes.get(letter, 0) for letter in text], np.uint8)


def _checksum(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]
