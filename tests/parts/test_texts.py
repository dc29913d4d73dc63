"""Texts: any file of letters is read as numbers and back, and what is none is told why."""

from __future__ import annotations

import os
from collections import Counter
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparsebench.parts.texts import (
    FOLDER,
    LARGEST,
    MOST_LETTERS,
    TEXTS,
    read_text,
    text_of,
    text_task,
)
from sparsebench.values.tasks import TextLetters

many_letters = st.lists(
    st.characters(codec="utf-8", exclude_characters="\ufeff"), min_size=2, max_size=150, unique=True
)


@st.composite
def texts(draw: st.DrawFn) -> str:
    """200 to 400 letters of 2 to 150 different ones, some of them more often than others."""
    alphabet = draw(many_letters)
    random = np.random.RandomState(draw(st.integers(0, 2**32 - 1)))
    often = random.randint(0, len(alphabet), (draw(st.integers(200, 400)) - len(alphabet), 2))
    drawn = [*range(len(alphabet)), *often.min(1)]
    return "".join(alphabet[place] for place in random.permutation(drawn))


def task_of(folder: Path, content: bytes, window: int = 50) -> TextLetters:
    """The task of a file that was not read before."""
    text_task.cache_clear()
    path = folder / "text.txt"
    path.write_bytes(content)
    return text_task(str(path), window)


@given(text=texts())
def test_a_text_comes_back_from_the_codes_of_its_most_frequent_letters(
    scratch: Path, text: str
) -> None:
    task = task_of(scratch, text.encode("utf-8"))
    codes = text_of(task)
    assert (codes.dtype, codes.shape) == (np.uint8, (len(text),))
    for letter, code in zip(text, codes, strict=True):
        if letter in task.alphabet:
            assert task.alphabet[code] == letter
        else:
            assert code == 0


@given(text=texts())
def test_letters_are_numbered_from_the_most_frequent_one_on(scratch: Path, text: str) -> None:
    task, counts = task_of(scratch, text.encode("utf-8")), Counter(text)
    assert len(task.alphabet) == min(len(counts), MOST_LETTERS)
    assert set(task.alphabet) <= set(text)
    for one, after in pairwise(task.alphabet):
        assert (-counts[one], one) < (-counts[after], after)
    rarest = counts[task.alphabet[-1]]
    assert all(counts[other] <= rarest for other in set(text) - set(task.alphabet))


@given(text=texts(), window=st.integers(2, 99))
def test_equal_texts_have_equal_checksums_whatever_they_are_called(
    scratch: Path, text: str, window: int
) -> None:
    task = task_of(scratch, text.encode("utf-8"), window)
    other = scratch / "other.txt"
    other.write_bytes(b"\xef\xbb\xbf" + text.encode("utf-8"))
    same = text_task(str(other), window)
    assert (same.alphabet, same.checksum) == (task.alphabet, task.checksum)
    assert (task.text, task.window) == (str(scratch / "text.txt"), window)
    assert len(task.checksum) == 16


@given(text=texts(), data=st.data())
def test_a_text_of_which_one_letter_has_changed_is_refused(
    scratch: Path, text: str, data: st.DataObject
) -> None:
    task = task_of(scratch, text.encode("utf-8"))
    place = data.draw(st.integers(0, len(text) - 1))
    changed = text[:place] + ("a" if text[place] != "a" else "b") + text[place + 1 :]
    (scratch / "text.txt").write_bytes(changed.encode("utf-8"))
    with pytest.raises(ValueError, match=r"^text '.*text.txt' has changed since the task was made"):
        text_of(task)


def test_the_text_of_the_package_stays_what_it_is() -> None:
    text = read_text("declaration")
    assert text.startswith("When in the Course of human events")
    assert "government of the people, by the people, for the people" in text
    assert (len(text), text.isascii(), "\r" in text) == (9277, True, False)
    task = text_task("declaration")
    assert task.checksum == "1c80a2c670a0522b"
    assert task.alphabet[:5] == " etoa"
    assert set(task.alphabet) == set(text)
    assert text_of(task).max() == len(task.alphabet) - 1


def test_every_text_of_the_package_is_there() -> None:
    assert list(TEXTS) == ["declaration"]
    for name, file in TEXTS.items():
        assert read_text(name) == (FOLDER / file).read_text(encoding="utf-8")


def test_line_ends_are_letters_as_they_stand_in_the_file(tmp_path: Path) -> None:
    content = b"one\r\ntwo\n" * 30
    (tmp_path / "lines").write_bytes(content)
    assert read_text(str(tmp_path / "lines")) == content.decode("ascii")


@pytest.mark.parametrize("name", ["declaration.txt", "nowhere/text.txt", "a\0b", "x" * 200])
def test_a_text_that_is_not_there_is_told_which_are(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileNotFoundError, match=r": no such file; .*: declaration$"):
        read_text(name)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "0 characters, 0 of them different: give a text of 200 or more, of two letters"),
        (b"\xef\xbb\xbf", "0 characters, 0 of them different"),
        (b"ab" * 99 + b"c", "199 characters, 3 of them different"),
        ("äö".encode() * 99, "198 characters, 2 of them different"),
        (b"a" * 200, "200 characters, 1 of them different"),
        (b"ab\n" * 100 + b"\xff", "line 101: invalid start byte: use UTF-8$"),
        (b"ab" * 200 + "é".encode("latin-1") + b"ab", "line 1: .*: use UTF-8$"),
        ("ab".encode("utf-16") * 99, "it is in UTF-16 or UTF-32: save it as UTF-8"),
        (b"ab\n" * 100 + b"\xc3", "line 101: unexpected end of data: use UTF-8$"),
    ],
    ids=[
        "empty",
        "mark-only",
        "too-short",
        "too-few-characters",
        "one-letter",
        "undecodable",
        "latin-1",
        "utf-16",
        "cut",
    ],
)
def test_a_file_that_is_no_text_to_learn_is_told_why(
    tmp_path: Path, content: bytes, message: str
) -> None:
    path = tmp_path / "mine.txt"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=rf"mine\.txt(:|,) {message}"):
        read_text(str(path))


@pytest.mark.parametrize("content", [b"ab" * 100, "äö".encode() * 100])
def test_200_characters_of_two_letters_are_enough(tmp_path: Path, content: bytes) -> None:
    assert len(text_of(task_of(tmp_path, content))) == 200


def test_a_file_that_is_too_large_is_not_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "huge.txt"
    path.write_bytes(b"ab" * 100)
    os.truncate(path, 2**40)
    with pytest.raises(ValueError, match=rf"huge\.txt: more than {LARGEST} bytes"):
        read_text(str(path))


@pytest.mark.parametrize("name", ["", "folder"])
def test_a_folder_is_no_text(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "folder").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(OSError, match="directory"):
        read_text(name)


def test_a_task_keeps_its_text_s_checksum_for_as_long_as_the_run_lasts(tmp_path: Path) -> None:
    task = task_of(tmp_path, b"ab" * 200)
    (tmp_path / "text.txt").write_bytes(b"ba" * 200)
    assert text_task(task.text, task.window) is task
    text_task.cache_clear()
    assert text_task(task.text, task.window).checksum != task.checksum
