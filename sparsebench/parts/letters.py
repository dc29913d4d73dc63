"""Letter by letter: grammatical strings and texts, for networks that predict the next letter."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sparsebench.parts.embedded_reber import EmbeddedLanguage
from sparsebench.parts.examples import NO_ANSWER, Examples, Halves
from sparsebench.parts.reber import REBER, Language, draw
from sparsebench.parts.texts import text_of
from sparsebench.values.seeding import stream
from sparsebench.values.tasks import VALID_LETTERS, NextLetters, TextLetters


def next_letters(task: NextLetters) -> Halves:
    """Draw grammatical strings, all different, in the numbers that the task asks for in each half."""
    language = Language(REBER) if task.grammar == "reber" else EmbeddedLanguage()
    wanted = task.train + task.test
    strings = draw(language, wanted, stream("letters", task.grammar, task.seed))
    order = stream("letters", task.grammar, task.seed, "split").permutation(wanted)
    shuffled = [strings[position] for position in order]
    return Halves(
        letter_by_letter(shuffled[: task.train], VALID_LETTERS),
        letter_by_letter(shuffled[task.train :], VALID_LETTERS),
    )


def letter_by_letter(strings: Sequence[str], alphabet: str) -> Examples:
    """Strings as examples that ask for the next letter after each step; the last is not read.

    Raises
    ------
    ValueError
        If there is no string, one has fewer than two letters, or a letter is not in the alphabet.
    """
    codes = {letter: code for code, letter in enumerate(alphabet)}
    for number, string in enumerate(strings):
        others = sorted(set(string) - codes.keys())
        if len(string) < 2 or others:
            raise ValueError(
                f"string {number} is {string!r}: give two letters or more of {alphabet!r}"
            )
    if not strings:
        raise ValueError("no strings: give at least one")
    lengths = np.array([len(string) - 1 for string in strings], np.int64)
    inputs = np.zeros((len(strings), lengths.max()), np.uint8)
    answers = np.full(inputs.shape, NO_ANSWER, np.int64)
    for row, string in enumerate(strings):
        letters = [codes[letter] for letter in string]
        inputs[row, : lengths[row]] = letters[:-1]
        answers[row, : lengths[row]] = letters[1:]
    return Examples(inputs, lengths, answers)


def text_letters(task: TextLetters) -> Halves:
    """Cut a text into windows; those at its end are for testing.

    Raises
    ------
    ValueError
        If this process has not read the text, or it is too short for two windows.
    """
    codes = text_of(task)
    windows = (len(codes) - 1) // task.window
    test = min(max(1, round(task.test_share * windows)), windows - 1)
    if windows < 2:
        raise ValueError(
            f"text {task.called!r} has {len(codes)} letters, but two windows of {task.window} need "
            f"{2 * task.window + 1}: give a longer text, or a shorter window"
        )
    inputs = codes[: windows * task.window].reshape(windows, task.window)
    answers = codes[1 : windows * task.window + 1].reshape(windows, task.window).astype(np.int64)
    whole = Examples(inputs.copy(), np.full(windows, task.window, np.int64), answers)
    return Halves(whole.part(0, windows - test), whole.part(windows - test, windows))
