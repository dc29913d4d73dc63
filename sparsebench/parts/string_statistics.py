"""What labelled strings are made of: classes, lengths, letters, and letters at places."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sparsebench.parts.examples import Examples

CLASSES = ("invalid", "valid")
"""Names of the classes 0 and 1."""

PLACES = 12
"""Places, from the first, at which letters are counted; the shortest strings have 11 letters."""


def of_class(strings: Examples, name: str) -> Examples:
    """The strings of one class."""
    chosen = strings.answers == CLASSES.index(name)
    return Examples(strings.inputs[chosen], strings.lengths[chosen], strings.answers[chosen])


def length_counts(strings: Examples) -> list[int]:
    """Number of strings of each length, from 0 to the longest."""
    return np.bincount(strings.lengths).tolist()


def letter_counts(strings: Examples) -> dict[str, int]:
    """How often each letter occurs in all strings together, in the order of the alphabet."""
    return _by_letter(strings.inputs[_inside(strings)])


def letters_at(strings: Examples, place: int) -> dict[str, int]:
    """How many strings have each letter at a place, counted from 0; shorter strings do not count."""
    if place >= strings.inputs.shape[1]:
        return {}
    return _by_letter(strings.inputs[strings.lengths > place, place])


def _inside(strings: Examples) -> np.ndarray:
    return np.arange(strings.inputs.shape[1]) < strings.lengths[:, None]


def _by_letter(codes: np.ndarray) -> dict[str, int]:
    counts = np.bincount(codes, minlength=128)
    return {chr(code): int(counts[code]) for code in np.flatnonzero(counts)}


def apart(one: Sequence[float], other: Sequence[float]) -> float:
    """Total variation distance, 0-1, of two histograms of counts over the same bins from the first on.

    Raises
    ------
    ValueError
        If one of them has no counts.
    """
    longest = max(len(one), len(other))
    first, second = (
        np.array([*counts, *[0] * (longest - len(counts))], float) for counts in (one, other)
    )
    if not first.sum() or not second.sum():
        raise ValueError("a histogram without counts has no distance from another: give counts")
    return float(np.abs(first / first.sum() - second / second.sum()).sum() / 2)
