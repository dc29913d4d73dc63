"""What a task's description stands for: examples to train on, and to be judged by."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sparsebench.parts import labelled_texts, texts
from sparsebench.parts.examples import Dataset
from sparsebench.parts.labelled_texts import CORPORA, Corpus, labelled_text
from sparsebench.parts.letters import next_letters, text_letters
from sparsebench.parts.random_tasks import Points, random_labels, recall
from sparsebench.parts.strings import generate
from sparsebench.parts.texts import TEXTS
from sparsebench.values.protocol import ReberStrings
from sparsebench.values.tasks import (
    LabelledText,
    NextLetters,
    RandomFunction,
    RandomLabels,
    Recall,
    Task,
    TextLetters,
)

_MAKERS: dict[type, Callable[[Any], Dataset]] = {
    LabelledText: labelled_text,
    NextLetters: next_letters,
    RandomFunction: Points,
    RandomLabels: random_labels,
    Recall: recall,
    ReberStrings: generate,
    TextLetters: text_letters,
}


def dataset(task: Task) -> Dataset:
    """Make what networks are trained on and judged by; equal tasks give equal examples everywhere.

    Raises
    ------
    OSError, ValueError
        If it is made of a text that cannot be read, or that this process was not given.
    """
    return _MAKERS[type(task)](task)


Content = str | Corpus | None
"""What a task is made of beside its description: a user's text or corpus, or nothing."""


def content_of(task: Task) -> Content:
    """What another process must be given before it can make a task's examples.

    Raises
    ------
    ValueError
        If this process was not given it either.
    """
    if isinstance(task, TextLetters) and task.text not in TEXTS:
        return texts.content_of(task)
    if isinstance(task, LabelledText) and task.corpus not in CORPORA:
        return labelled_texts.content_of(task)
    return None


def give(content: Content) -> None:
    """Take what another process sends, for the tasks that are made of it."""
    if isinstance(content, str):
        texts.give_text(content)
    elif isinstance(content, Corpus):
        labelled_texts.give_corpus(content)
