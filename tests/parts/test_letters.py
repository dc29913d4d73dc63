"""Letter by letter: what is read and what is asked are one string, or one text, a letter apart."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparsebench.parts import letters
from sparsebench.parts.examples import CLASSES, NO_ANSWER, Examples, Halves
from sparsebench.parts.letters import letter_by_letter, next_letters, text_letters
from sparsebench.parts.texts import text_of, text_task
from sparsebench.values.tasks import VALID_LETTERS, NextLetters, TextLetters
from tests import strategies

AUTOMATA = {"reber": strategies.REBER_REGEX, "embedded_reber": strategies.EMBEDDED_REGEX}
words = st.lists(st.text(VALID_LETTERS, min_size=2, max_size=9), min_size=1, max_size=8)


def strings_of(sequences: Examples, alphabet: str = VALID_LETTERS) -> list[str]:
    """The strings, of which the last letter was only asked for."""
    rows = zip(sequences.inputs, sequences.answers, sequences.lengths, strict=True)
    return [
        "".join(alphabet[code] for code in [*read[:length], answers[length - 1]])
        for read, answers, length in rows
    ]


def windows_of(codes: np.ndarray, window: int, share: float = 0.1) -> Halves:
    """The windows of a text that is nothing but these codes."""
    task = TextLetters("text", "abcdef", "0123456789abcdef", window, share)
    with patch.object(letters, "text_of", lambda asked: codes):
        return text_letters(task)


@st.composite
def texts(draw: st.DrawFn) -> tuple[np.ndarray, int]:
    """The codes of a text, and a window of which it has two or more."""
    window = draw(st.integers(2, 9))
    size = draw(st.integers(2 * window + 1, 120))
    random = np.random.RandomState(draw(st.integers(0, 2**32 - 1)))
    return random.randint(0, 6, size).astype(np.uint8), window


@given(strings=words)
def test_every_letter_but_the_last_is_read_and_asked_for_the_next(strings: list[str]) -> None:
    sequences = letter_by_letter(strings, VALID_LETTERS)
    assert strings_of(sequences) == strings
    for read, answers, length in zip(
        sequences.inputs, sequences.answers, sequences.lengths, strict=True
    ):
        assert np.array_equal(read[1:length], answers[: length - 1])


@given(strings=words)
def test_after_the_end_of_a_string_nothing_is_read_or_asked(strings: list[str]) -> None:
    sequences = letter_by_letter(strings, VALID_LETTERS)
    longest = max(map(len, strings)) - 1
    assert (sequences.inputs.dtype, sequences.answers.dtype) == (np.uint8, np.int64)
    assert sequences.inputs.shape == sequences.answers.shape == (len(strings), longest)
    assert (sequences.asked, sequences.outputs(7)) == (CLASSES, 7 * longest)
    after = np.arange(longest) >= sequences.lengths[:, None]
    assert not sequences.inputs[after].any()
    assert np.array_equal(sequences.answers == NO_ANSWER, after)


@given(strings=words, data=st.data())
def test_letters_are_numbered_as_in_the_alphabet(strings: list[str], data: st.DataObject) -> None:
    alphabet = "".join(data.draw(st.permutations(VALID_LETTERS)))
    assert strings_of(letter_by_letter(strings, alphabet), alphabet) == strings


@pytest.mark.parametrize("string", ["", "B", "BTxSE", "BT SE", "BTXSÉ"])
def test_a_string_that_asks_for_no_letter_or_another_is_refused(string: str) -> None:
    with pytest.raises(
        ValueError, match=f"^string 1 is '{string}': give two letters or more of 'BTPSXVE'$"
    ):
        letter_by_letter(["BTXSE", string], VALID_LETTERS)


def test_no_strings_at_all_are_refused() -> None:
    with pytest.raises(ValueError, match=r"^no strings: give at least one$"):
        letter_by_letter([], VALID_LETTERS)


@given(task=strategies.next_letters)
def test_the_halves_have_the_asked_sizes_and_no_string_twice(task: NextLetters) -> None:
    halves = next_letters(task)
    train, test = strings_of(halves.train), strings_of(halves.test)
    assert (len(train), len(test)) == (task.train, task.test)
    assert len({*train, *test}) == task.train + task.test
    assert list(halves.pieces(0)) == [halves.train]


@given(task=strategies.next_letters)
def test_every_string_is_one_of_the_grammar_by_an_independent_automaton(task: NextLetters) -> None:
    halves = next_letters(task)
    for string in strings_of(halves.train) + strings_of(halves.test):
        assert re.fullmatch(AUTOMATA[task.grammar], string)


@given(task=strategies.next_letters)
def test_equal_tasks_have_equal_strings(task: NextLetters) -> None:
    one, other = next_letters(task), next_letters(task)
    assert strings_of(one.train) == strings_of(other.train)
    assert strings_of(one.test) == strings_of(other.test)


@pytest.mark.parametrize("grammar", AUTOMATA)
def test_other_seeds_have_other_strings_and_short_ones_lie_in_both_halves(grammar: str) -> None:
    one, other = (next_letters(NextLetters(grammar, 200, 200, seed)) for seed in (0, 1))
    assert set(strings_of(one.train)) != set(strings_of(other.train))
    means = [np.mean(half.lengths) for half in (one.train, one.test)]
    assert means[0] == pytest.approx(means[1], rel=0.1)


@given(text=texts())
def test_windows_are_the_text_and_the_answers_the_same_text_a_letter_later(
    text: tuple[np.ndarray, int],
) -> None:
    codes, window = text
    halves = windows_of(codes, window)
    read, answers = (
        np.concatenate([getattr(half, name).ravel() for half in (halves.train, halves.test)])
        for name in ("inputs", "answers")
    )
    assert np.array_equal(read, codes[: len(read)])
    assert np.array_equal(answers, codes[1 : len(read) + 1])
    assert len(codes) - 1 - len(read) < window
    for half in (halves.train, halves.test):
        assert half.inputs.shape == half.answers.shape == (len(half), window)
        assert (half.inputs.dtype, half.answers.dtype) == (np.uint8, np.int64)
        assert (half.lengths == window).all()
        assert half.asked == CLASSES


@given(text=texts(), share=strategies.shares)
def test_the_end_of_a_text_is_judged_and_neither_half_is_empty(
    text: tuple[np.ndarray, int], share: float
) -> None:
    codes, window = text
    halves = windows_of(codes, window, share)
    windows = (len(codes) - 1) // window
    assert len(halves.train) + len(halves.test) == windows
    assert len(halves.test) == min(max(1, round(share * windows)), windows - 1)
    assert np.array_equal(halves.train.inputs.ravel(), codes[: len(halves.train) * window])


@given(text=texts(), one=strategies.shares, other=strategies.shares)
def test_a_larger_share_is_judged_by_no_fewer_windows(
    text: tuple[np.ndarray, int], one: float, other: float
) -> None:
    for less, more in pairwise(sorted([one, other])):
        assert len(windows_of(*text, less).test) <= len(windows_of(*text, more).test)


@pytest.mark.parametrize("size", [0, 1, 50, 51, 100])
def test_a_text_that_is_too_short_for_two_windows_is_told_what_they_need(size: int) -> None:
    with pytest.raises(
        ValueError, match=f"^text 'text' has {size} letters, but two windows of 50 need 101: give"
    ):
        windows_of(np.zeros(size, np.uint8), 50)
    assert len(windows_of(np.zeros(101, np.uint8), 50).train) == 1


def test_the_package_s_text_is_read_window_by_window() -> None:
    task = text_task("declaration")
    halves, codes = text_letters(task), text_of(task)
    assert (len(halves.train), len(halves.test)) == (167, 18)
    assert np.array_equal(halves.train.inputs.ravel(), codes[: 167 * 50])
    assert set(halves.test.answers.ravel()) <= set(range(task.classes))


def test_a_text_that_changes_afterwards_is_the_one_that_the_task_was_made_of(
    tmp_path: Path,
) -> None:
    path = tmp_path / "mine.txt"
    path.write_text("ab" * 200, encoding="utf-8")
    task = text_task(path)
    before = text_letters(task).train.inputs
    path.write_text("ba" * 200, encoding="utf-8")
    assert np.array_equal(text_letters(task).train.inputs, before)
