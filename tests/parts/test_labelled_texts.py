"""Labelled texts are read from folders and tables, or refused with a word on what to do."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sparsebench.experiments.capacity.cases import TaskCase
from sparsebench.parts import labelled_texts
from sparsebench.parts.labelled_texts import corpus_task, labelled_text, read_corpus
from sparsebench.values.identity import canonical, digest
from sparsebench.values.tasks import LabelledText


def written(folder: Path, files: Mapping[str, str | bytes]) -> str:
    """Files in a folder, whose path is returned."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return str(folder)


def test_a_folder_for_each_label(tmp_path: Path) -> None:
    name = written(tmp_path, {"pos/1.txt": "good\n", "pos/2.txt": "fine", "neg/1.txt": "bad"})
    corpus = read_corpus(name)
    assert corpus.train == (("bad", "neg"), ("good", "pos"), ("fine", "pos"))
    assert corpus.test == ()


def test_imdbs_two_halves(tmp_path: Path) -> None:
    files = {
        f"{half}/{label}/0_9.txt": f"{half} {label}"
        for half in ("train", "test")
        for label in ("pos", "neg")
    }
    corpus = read_corpus(written(tmp_path, files))
    assert corpus.train == (("train neg", "neg"), ("train pos", "pos"))
    assert corpus.test == (("test neg", "neg"), ("test pos", "pos"))


def test_a_table_with_other_columns_too(tmp_path: Path) -> None:
    name = written(tmp_path, {"t.csv": 'id,text,label\n7,"so, so",bad\n8,fine,good\n'}) + "/t.csv"
    assert read_corpus(name).train == (("so, so", "bad"), ("fine", "good"))


def test_the_packages_own_messages() -> None:
    corpus = read_corpus("messages")
    assert len(corpus.train) == 48
    assert {label for _, label in corpus.train} == {"glad", "sad"}


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "no text: put .txt files into one folder for each label"),
        ({"loose.txt": "fine"}, "'loose.txt' has no label"),
        ({"pos/1.txt": "fine"}, "1 labels to learn .'pos'.: give 2"),
        ({"pos/1.txt": "fine", "neg/1.txt": " \n"}, "1.txt is empty: fill it in"),
        ({"pos/1.txt": b"fine\n\xff\xfe", "neg/1.txt": "bad"}, "1.txt, line 2: .*use UTF-8"),
        (
            {"train/a/1.txt": "x", "train/b/1.txt": "y", "test/c/1.txt": "z"},
            "the same in both halves",
        ),
    ],
)
def test_folders_that_say_too_little_are_refused(
    tmp_path: Path, files: Mapping[str, str | bytes], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        read_corpus(written(tmp_path, files))


def test_what_is_not_there_is_refused_with_what_is() -> None:
    with pytest.raises(FileNotFoundError, match=r"no such file or folder.*messages"):
        read_corpus("nowhere")


def test_too_many_or_too_large_texts_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = written(tmp_path, {"a/1.txt": "xxxx", "a/2.txt": "y", "b/1.txt": "z"})
    monkeypatch.setattr(labelled_texts, "MOST_FILES", 2)
    with pytest.raises(ValueError, match="more than 2 texts"):
        read_corpus(name)
    monkeypatch.setattr(labelled_texts, "MOST_FILES", 3)
    monkeypatch.setattr(labelled_texts, "LARGEST_CORPUS", 5)
    with pytest.raises(ValueError, match="more than 5 characters"):
        read_corpus(name)
    monkeypatch.setattr(labelled_texts, "LARGEST_FILE", 3)
    with pytest.raises(ValueError, match="more than 3 bytes"):
        read_corpus(name)


def test_every_text_is_an_example_with_the_number_of_its_label() -> None:
    task = corpus_task("messages", longest=30)
    halves = labelled_text(task)
    assert (len(halves.train), len(halves.test)) == (36, 12)
    assert halves.train.inputs.shape[1] <= 30
    assert task.labels == ("glad", "sad")
    texts = {
        ("".join(task.alphabet[code] for code in row[:length]), task.labels[label])
        for half in (halves.train, halves.test)
        for row, length, label in zip(half.inputs, half.lengths, half.answers, strict=True)
    }
    assert texts == {(text[:30], label) for text, label in read_corpus("messages").train}


def test_halves_that_a_corpus_has_are_kept(tmp_path: Path) -> None:
    files = {
        f"{half}/{label}/1.txt": f"{half}{label}" for half in ("train", "test") for label in "ab"
    }
    halves = labelled_text(corpus_task(written(tmp_path, files)))
    assert halves.train.lengths.tolist() == [6, 6]
    assert halves.test.lengths.tolist() == [5, 5]
    assert np.array_equal(halves.test.answers, [0, 1])


def test_a_corpus_that_changes_afterwards_is_the_one_that_the_task_was_made_of(
    tmp_path: Path,
) -> None:
    name = written(tmp_path, {"a/1.txt": "one", "a/2.txt": "other", "b/1.txt": "two"})
    task = corpus_task(name)
    before = labelled_text(task)
    written(tmp_path, {"b/1.txt": "too"})
    assert np.array_equal(labelled_text(task).train.inputs, before.train.inputs)


def test_equal_corpora_are_equal_tasks_wherever_they_lie(tmp_path: Path) -> None:
    files = {"a/1.txt": "one", "a/2.txt": "other", "b/1.txt": "two"}
    table = "text,label\none,a\nother,a\ntwo,b\n"
    one, other = (corpus_task(written(tmp_path / place, files)) for place in ("here", "there"))
    row_by_row = corpus_task(Path(written(tmp_path, {"table.csv": table})) / "table.csv")
    named = corpus_task(f"mail={tmp_path / 'here'}")
    assert one == other == row_by_row
    assert (one.stem, other.stem, row_by_row.stem) == ("here", "there", "table")
    assert (one.corpus, named.corpus, named.called) == ("", "mail", "mail")
    assert named != one == replace(named, corpus="")
    cases = [TaskCase("gru", task, 0, 4) for task in (one, other, named)]
    assert len({digest(case) for case in cases}) == 2
    assert str(tmp_path) not in json.dumps([canonical(case) for case in cases])


def test_a_task_whose_corpus_nobody_has_read_is_told_which_and_what_to_do() -> None:
    task = LabelledText("mail", "ab", ("a", "b"), "0123456789abcdef")
    message = (
        "^the corpus of task 'mail', whose checksum is 0123456789abcdef, was not read by this pro"
    )
    with pytest.raises(ValueError, match=message):
        labelled_text(task)


def test_the_packages_name_is_not_a_users() -> None:
    with pytest.raises(ValueError, match=r"^name 'messages' of 'x\.csv': give one .*: messages$"):
        corpus_task("messages=x.csv")


def test_texts_of_one_letter_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="all texts are of one letter"):
        corpus_task(written(tmp_path, {"a/1.txt": "xx", "b/1.txt": "x"}))


def test_nothing_but_the_texts_in_folders_of_labels_is_read(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    name = written(
        corpus,
        {
            "a/1.txt": "one",
            "b/1.txt": "two",
            "b/notes.md": "three",
            "b/deeper/1.txt": "four",
            "README": b"\xff",
            "../c/1.txt": "five",
        },
    )
    assert read_corpus(name).train == (("one", "a"), ("two", "b"))


def test_a_mark_of_byte_order_and_space_around_a_text_are_not_part_of_it(tmp_path: Path) -> None:
    name = written(tmp_path, {"a/1.txt": b"\xef\xbb\xbf\n one\r\n", "b/1.txt": "two  three\t"})
    assert read_corpus(name).train == (("one", "a"), ("two  three", "b"))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "no column text or label"),
        ("text,label\n", "0 labels to learn .none.: give 2 to 100"),
        ("text,label\nfine,good\n", "1 labels to learn .'good'."),
        ("text,label\nfine,good\n ,bad\n", "line 3: text is empty: fill it in, or remove"),
        ("text,label\nfine\n", "line 2: label is empty"),
        (b"text,label\nfine,good\n\xff,bad\n", "line 3: .*use UTF-8"),
    ],
)
def test_tables_that_say_too_little_are_refused(
    tmp_path: Path, content: str | bytes, message: str
) -> None:
    name = written(tmp_path, {"texts.csv": content}) + "/texts.csv"
    with pytest.raises(ValueError, match=message):
        read_corpus(name)


def test_more_labels_than_can_be_learned_are_refused(tmp_path: Path) -> None:
    rows = "".join(f"text,label {number}\n" for number in range(101))
    name = written(tmp_path, {"texts.csv": f"text,label\n{rows}"}) + "/texts.csv"
    with pytest.raises(ValueError, match="101 labels to learn"):
        read_corpus(name)


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    name = written(tmp_path, {"a/1.txt": "one"})
    (tmp_path / "b").mkdir()
    os.mkfifo(tmp_path / "b" / "1.txt")
    with pytest.raises(OSError, match="is a device or a pipe"):
        read_corpus(name)
    with pytest.raises(OSError, match="is a device or a pipe"):
        read_corpus(f"{name}/b/1.txt")


@pytest.mark.skipif(sys.platform != "linux", reason="other file systems refuse such names")
def test_a_label_that_is_no_text_is_refused(tmp_path: Path) -> None:
    name = written(tmp_path, {"a/1.txt": "one", os.fsdecode(b"\xff/1.txt"): "two"})
    with pytest.raises(ValueError, match="surrogates not allowed"):
        corpus_task(name)


def test_too_few_texts_to_be_judged_by_some_are_refused(tmp_path: Path) -> None:
    name = written(tmp_path, {"a/1.txt": "one", "b/1.txt": "two"})
    with pytest.raises(ValueError, match=f"^{name} has 2 texts: give more"):
        corpus_task(name)
    task = corpus_task(written(tmp_path, {"a/2.txt": "other"}))
    assert len(labelled_text(task).test) == 1
    for share in (0.1, 0.9):
        with pytest.raises(ValueError, match=r"^corpus '.*' has 3 texts: give more"):
            labelled_text(replace(task, test_share=share))


def test_letters_are_numbered_from_the_most_frequent_one_that_is_read(tmp_path: Path) -> None:
    name = written(tmp_path, {"a/1.txt": "yxxzz?", "b/1.txt": "xxy!!!", "b/2.txt": "x"})
    assert corpus_task(name, longest=5).alphabet == "x!yz"
    assert corpus_task(name, longest=3).alphabet == "xy"


def test_the_split_follows_from_the_seed() -> None:
    task = corpus_task("messages")
    one, same, other = (labelled_text(each) for each in (task, task, replace(task, seed=1)))
    assert np.array_equal(one.test.inputs, same.test.inputs)
    assert not np.array_equal(one.test.answers, other.test.answers)
