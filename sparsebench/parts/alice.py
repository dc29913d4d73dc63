"""Examples of the letters of Alice's Adventures in Wonderland."""

from __future__ import annotations

import numpy as np

from sparsebench.parts.books import text_of
from sparsebench.parts.examples import Examples, Halves
from sparsebench.values.tasks import Validation
from sparsebench.values.text_tasks import ALICE, HELD_OUT, TRAIN, AliceLetters


def alice_letters(task: AliceLetters) -> Halves:
    """Windows of the training part and of the test part."""
    codes = _codes()
    return Halves(_training(codes, task), _windows(codes[TRAIN + HELD_OUT :], task.window))


def held_out(task: AliceLetters, share: float, seed: int) -> Halves:
    """Windows of the training part and of the validation part, which is always the same.

    Raises
    ------
    ValueError
        If a share or seed is asked for, other than the usual ones.
    """
    if (share, seed) != (Validation.share, Validation.seed):
        raise ValueError(
            f"share is {share} and seed is {seed}: the validation part of Alice is fixed, 5 % of the "
            "text; leave out both"
        )
    codes = _codes()
    return Halves(_training(codes, task), _windows(codes[TRAIN : TRAIN + HELD_OUT], task.window))


def _codes() -> np.ndarray:
    """The codes of the text's letters: (148,480,) uint8."""
    numbers = {letter: code for code, letter in enumerate(ALICE)}
    return np.array([numbers[letter] for letter in text_of("carroll")], np.uint8)


def _training(codes: np.ndarray, task: AliceLetters) -> Examples:
    return _windows(codes[TRAIN - task.train : TRAIN], task.window)


def _windows(codes: np.ndarray, window: int) -> Examples:
    """As many windows as fit, each with the letter that follows each of its letters."""
    count = (len(codes) - 1) // window
    read = codes[: count * window].reshape(count, window)
    answers = codes[1 : count * window + 1].reshape(count, window).astype(np.int64)
    return Examples(read.copy(), np.full(count, window, np.int64), answers)
