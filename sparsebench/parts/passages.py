"""Examples of passages of four authors, read by letters, by words or by vectors of words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cache

import numpy as np

from sparsebench.parts.books import words_of
from sparsebench.parts.examples import Examples, Halves
from sparsebench.parts.task_kind import Divider
from sparsebench.parts.word_vectors import word_vectors
from sparsebench.values.seeding import stream
from sparsebench.values.text_tasks import (
    AUTHORS,
    PASSAGES,
    SYMBOLS,
    VECTORS,
    WIDTH,
    WORD_LETTERS,
    WORDS,
    Passages,
)

Passage = tuple[tuple[str, ...], int]
"""The words of a passage, and the number of its author."""


def passages(task: Passages) -> Halves:
    """Split all passages at random, and write them as the task reads them."""
    train, test = split(task)
    return _read(task, train, test)


def held_out(task: Passages, share: float, seed: int) -> Halves:
    """Split the training passages, so that what is known of words comes from the rest of them.

    Raises
    ------
    ValueError
        If a part would be empty.
    """
    train, _ = split(task)
    held = round(share * len(train))
    if not 0 < held < len(train):
        raise ValueError(
            f"share is {share} of {len(train)} training passages: give a share that leaves passages on "
            "both sides"
        )
    order = stream("validation", seed).permutation(len(train))
    out = {*order[:held].tolist()}
    rest = [each for place, each in enumerate(train) if place not in out]
    return _read(task, rest, [each for place, each in enumerate(train) if place in out])


def split(task: Passages) -> tuple[list[Passage], list[Passage]]:
    """The passages to train and to test on."""
    whole = _all()
    order = stream("passages", task.seed, "split").permutation(len(whole))
    chosen = [whole[place] for place in order]
    return chosen[: task.train], chosen[len(chosen) - task.test :]


def words(task: Passages) -> Divider:
    """What divides passages into words as a network reads them."""
    return _written_words if task.read == "letters" else _steps


def _written_words(examples: Examples) -> list[list[bytes]]:
    """The letters between spaces, whose code is 0."""
    pairs = zip(examples.inputs, examples.lengths, strict=True)
    return [row[:length].tobytes().split(b"\0") for row, length in pairs]


def _steps(examples: Examples) -> list[list[bytes]]:
    pairs = zip(examples.inputs, examples.lengths, strict=True)
    return [[step.tobytes() for step in row[:length]] for row, length in pairs]


@cache
def _all() -> list[Passage]:
    """The first passages of each author's book."""
    found = []
    for number, author in enumerate(AUTHORS):
        read = words_of(author)
        found += [
            (tuple(read[place * WORDS : (place + 1) * WORDS]), number) for place in range(PASSAGES)
        ]
    return found


def _read(task: Passages, train: Sequence[Passage], test: Sequence[Passage]) -> Halves:
    if task.read == "letters":
        return Halves(_letters(train), _letters(test))
    if task.read == "words":
        known = frequent(train, SYMBOLS - 1)
        return Halves(_symbols(train, known), _symbols(test, known))
    known = frequent(train, VECTORS)
    vectors = word_vectors(_codes(train, known), VECTORS + 1, WIDTH)
    return Halves(_vectors(train, known, vectors), _vectors(test, known, vectors))


def frequent(chosen: Sequence[Passage], most: int) -> list[str]:
    """The most frequent words, of equally frequent ones those that come first in the alphabet."""
    counts = Counter(word for read, _ in chosen for word in read)
    return sorted(counts, key=lambda word: (-counts[word], word))[:most]


def _letters(chosen: Sequence[Passage]) -> Examples:
    codes = {letter: code for code, letter in enumerate(WORD_LETTERS)}
    texts = [" ".join(read) for read, _ in chosen]
    lengths = np.array([len(text) for text in texts], np.int64)
    inputs = np.zeros((len(texts), lengths.max()), np.uint8)
    for row, text in zip(inputs, texts, strict=True):
        row[: len(text)] = [codes[letter] for letter in text]
    return Examples(inputs, lengths, _authors(chosen))


def _symbols(chosen: Sequence[Passage], known: Sequence[str]) -> Examples:
    return Examples(_codes(chosen, known).astype(np.uint8), _lengths(chosen), _authors(chosen))


def _vectors(chosen: Sequence[Passage], known: Sequence[str], vectors: np.ndarray) -> Examples:
    return Examples(vectors[_codes(chosen, known)], _lengths(chosen), _authors(chosen))


def _codes(chosen: Sequence[Passage], known: Sequence[str]) -> np.ndarray:
    """Codes of words from 1 on, in their order; 0: any other word. (N, T) int64."""
    numbers = {word: code for code, word in enumerate(known, 1)}
    return np.array([[numbers.get(word, 0) for word in read] for read, _ in chosen], np.int64)


def _lengths(chosen: Sequence[Passage]) -> np.ndarray:
    return np.full(len(chosen), WORDS, np.int64)


def _authors(chosen: Sequence[Passage]) -> np.ndarray:
    return np.array([author for _, author in chosen], np.int64)
