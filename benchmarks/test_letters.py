"""Predicting the next letter of strings and texts (report on capacity, IV.D), and generating
strings."""

import pytest

from sparsebench import corpus_task, labels_items, letters_items, text_task, writing_items
from sparsebench.values.tasks import GRAMMARS, NextLetters


def strings(settings):
    tasks = [NextLetters(grammar) for grammar in GRAMMARS]
    return settings.planned(letters_items(settings.work.tasks, tasks))


def texts(settings):
    tasks = [text_task(name) for name in settings.texts]
    return settings.planned(letters_items(settings.work.tasks, tasks))


def labelled(settings):
    tasks = [corpus_task(name) for name in settings.corpora]
    return settings.planned(labels_items(settings.work.tasks, tasks))


def writers(settings):
    return settings.planned(writing_items(settings.work.tasks))


@pytest.mark.sparsebench(items=strings)
def test_next_letter(item, sparsebench):
    sparsebench.judge(sparsebench.measure(item))


@pytest.mark.sparsebench(items=texts)
def test_next_letter_of_a_text(item, sparsebench):
    sparsebench.judge(sparsebench.measure(item))


@pytest.mark.sparsebench(items=labelled)
def test_labelled_texts(item, sparsebench):
    sparsebench.judge(sparsebench.measure(item))


@pytest.mark.sparsebench(items=writers)
def test_writing(item, sparsebench):
    sparsebench.judge(sparsebench.measure(item))
