"""Labelled texts: a folder for each label, like IMDB's reviews, or a CSV file of messages.

Networks read letters, not words, as with Reber strings. A task identifies its texts by a checksum,
not by a path, as in `sparsebench.parts.texts`.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from sparsebench.parts.csv_files import read_columns
from sparsebench.parts.examples import Examples, Halves
from sparsebench.parts.files import decoded, read_at_most, shown
from sparsebench.parts.texts import MOST_LETTERS, name_and_path, not_given, stem_of
from sparsebench.values.seeding import stream
from sparsebench.values.tasks import LabelledText

CORPORA = {"messages": "messages.csv"}
"""The package's own corpora: 48 short messages, labelled glad or sad, written for it."""

MOST_FILES, LARGEST_FILE, LARGEST_CORPUS, MOST_CLASSES = 200_000, 2**20, 2**28, 100
"""Limits: files in a folder, bytes of each, bytes of all together, labels."""

HALVES = ("train", "test")
"""Subfolders of a corpus that is already split."""


@dataclass(frozen=True)
class Corpus:
    """Texts with their labels; `test` is empty if the corpus is not split.

    Attributes
    ----------
    train, test
        Pairs (text, label).
    """

    train: tuple[tuple[str, str], ...]
    test: tuple[tuple[str, str], ...] = ()


GIVEN: dict[str, Corpus] = {}
"""Corpora that this process has read, or that were sent to it, by checksum."""


def read_corpus(source: str | Path) -> Corpus:
    """Read labelled texts: one of `CORPORA`, a folder, or a CSV file with text and label columns.

    A folder contains one folder of `.txt` files for each label, or folders `train` and `test` that
    do. Either may be given a name: `NAME=PATH`.

    Raises
    ------
    OSError
        If there is no such file or folder, or one cannot be read.
    ValueError
        If a text is empty, not UTF-8, too large or without a label, or there are fewer than two
        labels.
    """
    _, path = name_and_path(source, CORPORA)
    if not path.exists():
        raise FileNotFoundError(
            f"corpus {shown(str(source))}: no such file or folder; name one, or one of the package's: "
            f"{', '.join(CORPORA)}"
        )
    if not path.is_dir():
        corpus = Corpus(tuple(_from_csv(path)))
    elif all((path / half).is_dir() for half in HALVES):
        corpus = Corpus(*(tuple(_from_folder(path / half)) for half in HALVES))
    else:
        corpus = Corpus(tuple(_from_folder(path)))
    labels = {label for _, label in corpus.train}
    others = {label for _, label in corpus.test} - labels
    if not 2 <= len(labels) <= MOST_CLASSES or others:
        found = ", ".join(shown(label) for label in sorted(labels | others)[:5]) or "none"
        raise ValueError(
            f"{path}: {len(labels)} labels to learn ({found}): give 2 to {MOST_CLASSES}, the same in "
            "both halves"
        )
    return corpus


@cache
def corpus_task(source: str | Path, longest: int = 100) -> LabelledText:
    """The task of predicting the labels of a corpus's texts.

    Letters are numbered by falling frequency, labels in alphabetical order.

    Parameters
    ----------
    source
        One of `CORPORA`, the path of a folder or CSV file, or `NAME=PATH`, as in
        `sparsebench.parts.texts.text_task`.
    longest
        Letters that are read of each text.

    Returns
    -------
    sparsebench.values.tasks.LabelledText
        The task, which identifies the corpus by its checksum.

    Raises
    ------
    OSError, ValueError
        See `read_corpus`.
    """
    name, path = name_and_path(source, CORPORA)
    corpus = read_corpus(source)
    counts: Counter[str] = Counter()
    for text, _ in corpus.train:
        counts.update(text[:longest])
    letters = sorted(counts, key=lambda letter: (-counts[letter], letter))[:MOST_LETTERS]
    if len(letters) < 2:
        raise ValueError(f"{path}: all texts are of one letter: give texts of two letters or more")
    labels = sorted({label for _, label in corpus.train})
    checksum = give_corpus(corpus)
    stem = stem_of(path, CORPORA)
    task = LabelledText(name, "".join(letters), tuple(labels), checksum, longest, stem=stem)
    _held_out(task, corpus, str(path))
    return task


def give_corpus(corpus: Corpus) -> str:
    """Register a corpus for the tasks that refer to it, and return its checksum."""
    checksum = _checksum(corpus)
    GIVEN[checksum] = corpus
    return checksum


def content_of(task: LabelledText) -> Corpus:
    """The corpus of a task.

    Raises
    ------
    ValueError
        If this process has not read it.
    """
    if task.corpus in CORPORA:
        corpus_task(task.corpus)
    if task.checksum not in GIVEN:
        raise ValueError(not_given("corpus", task))
    return GIVEN[task.checksum]


def labelled_text(task: LabelledText) -> Halves:
    """The examples of a task: texts cut to its longest, as codes of letters, with their labels.

    Raises
    ------
    ValueError
        If this process has not read the corpus, or it is too small to be split.
    """
    corpus = content_of(task)
    train, test = list(corpus.train), list(corpus.test)
    held = _held_out(task, corpus, f"corpus {task.called!r}")
    if held:
        order = stream("corpus", task.seed).permutation(len(train))
        test = [train[place] for place in order[:held]]
        train = [train[place] for place in order[held:]]
    return Halves(_encoded(train, task), _encoded(test, task))


def _held_out(task: LabelledText, corpus: Corpus, origin: str) -> int:
    """The number of texts held out for testing; 0 if the corpus is already split."""
    if corpus.test:
        return 0
    texts = len(corpus.train)
    held = round(task.test_share * texts)
    if not 0 < held < texts:
        raise ValueError(
            f"{origin} has {texts} texts: give more, some of which networks can be judged by"
        )
    return held


def _encoded(texts: list[tuple[str, str]], task: LabelledText) -> Examples:
    codes = {letter: code for code, letter in enumerate(task.alphabet)}
    labels = {label: number for number, label in enumerate(task.labels)}
    lengths = np.array([min(len(text), task.longest) for text, _ in texts], np.int64)
    inputs = np.zeros((len(texts), lengths.max()), np.uint8)
    for row, (text, _) in enumerate(texts):
        inputs[row, : lengths[row]] = [codes.get(letter, 0) for letter in text[: task.longest]]
    answers = np.array([labels[label] for _, label in texts], np.int64)
    return Examples(inputs, lengths, answers)


def _from_csv(path: Path) -> list[tuple[str, str]]:
    found = []
    for line, cells in read_columns(path, ("text", "label")):
        text, label = (cells["text"] or "").strip(), (cells["label"] or "").strip()
        if not text or not label:
            raise ValueError(
                f"{path}, line {line}: {'text' if not text else 'label'} is empty: fill it in, or "
                "remove the line"
            )
        found.append((text, label))
    return found


def _from_folder(folder: Path) -> list[tuple[str, str]]:
    loose = sorted(each.name for each in folder.glob("*.txt"))
    if loose:
        raise ValueError(
            f"{folder}: {shown(loose[0])} has no label: put each text into the folder of its label"
        )
    found: list[tuple[str, str]] = []
    size = 0
    for path in sorted(folder.glob("*/*.txt")):
        if len(found) == MOST_FILES:
            raise ValueError(f"{folder}: more than {MOST_FILES} texts: give fewer")
        text = decoded(read_at_most(path, LARGEST_FILE), path).strip()
        size += len(text)
        if size > LARGEST_CORPUS:
            raise ValueError(f"{folder}: more than {LARGEST_CORPUS} characters: give fewer texts")
        if not text:
            raise ValueError(f"{path} is empty: fill it in, or remove it")
        found.append((text, path.parent.name))
    if not found:
        raise ValueError(f"{folder}: no text: put .txt files into one folder for each label")
    return found


def _checksum(corpus: Corpus) -> str:
    content = hashlib.sha256()
    for half in (corpus.train, corpus.test):
        for text, label in half:
            for part in (label, text):
                data = part.encode("utf-8")
                content.update(len(data).to_bytes(8, "little") + data)
        content.update(b"half")
    return content.hexdigest()[:16]
