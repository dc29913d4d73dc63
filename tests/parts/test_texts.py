"""Texts: any file of letters is read as numbers and back, and what is none is told why."""

from __future__ import annotations

import json
import os
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparsebench.experiments.capacity.cases import TaskCase
from sparsebench.parts.texts import (
    FOLDER,
    LARGEST,
    MOST_LETTERS,
    TEXTS,
    read_text,
    text_of,
    text_task,
)
from sparsebench.values.identity import canonical, digest
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
def test_equal_texts_are_equal_tasks_wherever_they_lie(
    scratch: Path, text: str, window: int
) -> None:
    task = task_of(scratch, text.encode("utf-8"), window)
    (scratch / "elsewhere").mkdir(exist_ok=True)
    other = scratch / "elsewhere" / "other.txt"
    other.write_bytes(b"\xef\xbb\xbf" + text.encode("utf-8"))
    same = text_task(other, window)
    assert (same, hash(same)) == (task, hash(task))
    assert (task.text, task.window, len(task.checksum)) == ("", window, 16)
    assert (task.stem, same.stem) == ("text", "other")
    case, moved = (TaskCase("gru", each, 0, 4) for each in (task, same))
    assert digest(case) == digest(moved)
    assert str(scratch) not in json.dumps(canonical(case))


@given(text=texts())
def test_a_name_that_is_given_is_part_of_the_task(scratch: Path, text: str) -> None:
    task = task_of(scratch, text.encode("utf-8"))
    novel, poem = (text_task(f"{name}={scratch / 'text.txt'}") for name in ("novel", "poem"))
    assert (novel.text, novel.called) == ("novel", "novel")
    assert len({task, novel, poem}) == 3
    assert task == replace(novel, text="")
    assert np.array_equal(text_of(novel), text_of(task))


@given(text=texts(), other=texts())
def test_a_text_that_changes_afterwards_is_still_the_one_that_the_task_was_made_of(
    scratch: Path, text: str, other: str
) -> None:
    task = task_of(scratch, text.encode("utf-8"))
    codes = text_of(task)
    (scratch / "text.txt").write_bytes(other.encode("utf-8"))
    assert np.array_equal(text_of(task), codes)
    (scratch / "text.txt").unlink()
    assert np.array_equal(text_of(task), codes)


def test_a_task_whose_text_nobody_has_read_is_told_which_and_what_to_do() -> None:
    task = TextLetters("novel", "ab", "0123456789abcdef")
    message = (
        "^the text of task 'novel', whose checksum is 0123456789abcdef, was not read by this process: "
        "give its path with --sparsebench-text$"
    )
    with pytest.raises(ValueError, match=message):
        text_of(task)
    with pytest.raises(
        ValueError, match=r"^the text of task 'declaration', whose checksum is 0123"
    ):
        text_of(replace(task, text="declaration"))


@pytest.mark.parametrize("name", ["", "My", "a b", "a.b", "é", "declaration"])
def test_a_name_that_is_none_or_the_package_s_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(
        ValueError, match=r"give one of lower-case letters, .* package's: declaration"
    ):
        text_task(f"{name}={tmp_path / 'text.txt'}")


def test_a_path_with_an_equals_sign_is_a_path_if_it_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    content = "ab" * 100
    for path in (tmp_path / "x=y.txt", tmp_path / "d=e" / "t.txt"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(content, encoding="utf-8")
        assert read_text(str(path)) == read_text(path) == content
        assert text_task(str(path.relative_to(tmp_path))).text == ""
    assert text_task("z=x=y.txt").text == "z"
    with pytest.raises(FileNotFoundError, match="no such file"):
        read_text("d=e/absent.txt")


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
    source = str(tmp_path / "text.txt")
    (tmp_path / "text.txt").write_bytes(b"ba" * 200)
    assert text_task(source, task.window) is task
    text_task.cache_clear()
    assert text_task(source, task.window).checksum != task.checksum


@pytest.mark.parametrize("name", [*TEXTS, "novel"])
def test_a_user_s_text_never_takes_the_name_of_one_of_the_package_s(
    tmp_path: Path, name: str
) -> None:
    path = tmp_path / f"{name}.txt"
    path.write_text("all work and no play makes jack a dull boy " * 10, encoding="utf-8")
    task = text_task(path)
    assert (task.stem == "") == (name in TEXTS)
