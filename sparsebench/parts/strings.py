"""Labelled strings: drawn from the grammar, and encoded as examples with one class each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from sparsebench.parts.author_like import languages
from sparsebench.parts.examples import Examples, Halves
from sparsebench.parts.reber import (
    ALTERED_EDGES,
    ALTERED_EDGES_SHARE,
    OTHER_LETTERS,
    REBER,
    Language,
    draw,
)
from sparsebench.values.protocol import ReberStrings
from sparsebench.values.seeding import stream

PADDING = 0
"""The code that fills strings up to the longest one of a batch; no letter has it."""


def encode(strings: Sequence[str], labels: Sequence[int]) -> Examples:
    """Encode strings as rows of ASCII codes.

    Parameters
    ----------
    strings
        N strings of ASCII letters, none empty.
    labels
        N labels, 0 or 1.

    Returns
    -------
    Examples
        Codes (N, longest), filled with `PADDING`, lengths (N,) and labels (N,).

    Raises
    ------
    ValueError
        If there is no string, a string is empty or has a character that is not ASCII, or the
        numbers of strings and labels differ.
    """
    if not strings:
        raise ValueError("no strings to encode: give at least one")
    if len(strings) != len(labels):
        raise ValueError(f"{len(strings)} strings but {len(labels)} labels: give one for each")
    lengths = np.array([len(string) for string in strings], dtype=np.int64)
    codes = np.full((len(strings), lengths.max()), PADDING, dtype=np.uint8)
    for row, string in enumerate(strings):
        if not string or not string.isascii() or "\0" in string:
            raise ValueError(f"string {row} is {string!r}: use one or more ASCII letters")
        codes[row, : len(string)] = np.frombuffer(string.encode("ascii"), dtype=np.uint8)
    return Examples(codes, lengths, np.asarray(labels, dtype=np.int64))


def decode(encoded: Examples) -> list[str]:
    """The strings of encoded examples: the inverse of `encode`."""
    rows = zip(encoded.inputs, encoded.lengths, strict=True)
    return [row[:length].tobytes().decode("ascii") for row, length in rows]


def generate_strings(spec: ReberStrings) -> tuple[list[tuple[str, int]], list[tuple[str, int]]]:
    """Draw the Reber strings of a specification, shuffled and split.

    Parameters
    ----------
    spec
        The numbers of strings of each class in each half, and the seed.

    Returns
    -------
    train, test : list of (str, int)
        Strings with their labels (1 valid, 0 invalid). All strings of both halves are different.
    """
    valid = draw(Language(REBER), spec.valid, stream("reber", spec.seed, "valid"))
    invalid: list[str] = []
    parts = _altered(spec.invalid) if spec.negatives is None else languages(spec.invalid)
    for language, wanted in parts:
        invalid += draw(language, wanted, stream("reber", spec.seed, language.diagram.name))
    train: list[tuple[str, int]] = []
    test: list[tuple[str, int]] = []
    for strings, label, cut in ((valid, 1, spec.train_valid), (invalid, 0, spec.train_invalid)):
        order = stream("reber", spec.seed, "split", label).permutation(len(strings))
        labelled = [(strings[position], label) for position in order]
        train += labelled[:cut]
        test += labelled[cut:]
    return (
        _shuffled(train, stream("reber", spec.seed, "train")),
        _shuffled(test, stream("reber", spec.seed, "test")),
    )


def _altered(invalid: int) -> Iterator[tuple[Language, int]]:
    """Altered diagrams, and how many strings each gives: equal parts of each kind of alteration."""
    altered_edges = round(ALTERED_EDGES_SHARE * invalid)
    for diagrams, wanted in (
        (ALTERED_EDGES, altered_edges),
        (OTHER_LETTERS, invalid - altered_edges),
    ):
        for index, diagram in enumerate(diagrams):
            share = wanted // len(diagrams) + (index < wanted % len(diagrams))
            yield Language(diagram, without=REBER), share


def generate(spec: ReberStrings) -> Halves:
    """Draw and encode the Reber strings of a specification.

    Parameters
    ----------
    spec
        The numbers of strings of each class in each half, and the seed.

    Returns
    -------
    Halves
        Training and test examples: ASCII codes (N, longest), padded with zeros, and classes (N,): 1
        for valid strings, 0 for others.

    Raises
    ------
    ValueError
        If there are fewer strings than asked for.
    """
    train, test = (encode(*zip(*half, strict=True)) for half in generate_strings(spec))
    return Halves(train, test)


def _shuffled(half: list[tuple[str, int]], random: np.random.RandomState) -> list[tuple[str, int]]:
    return [half[position] for position in random.permutation(len(half))]
