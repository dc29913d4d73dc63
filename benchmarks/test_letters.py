"""The letter that comes next in strings and texts (report on capacity, IV.D), and writing them."""

import pytest

from sparsebench import corpus_task, labels_cells, letters_cells, text_task, writing_cells
from sparsebench.values.tasks import GRAMMARS, NextLetters


def strings(settings):
    tasks = [NextLetters(grammar) for grammar in GRAMMARS]
    return settings.planned(letters_cells(settings.work.tasks, tasks))


def texts(settings):
    tasks = [text_task(name) for name in settings.texts]
    return settings.planned(letters_cells(settings.work.tasks, tasks))


def labelled(settings):
    tasks = [corpus_task(name) for name in settings.corpora]
    return settings.planned(labels_cells(settings.work.tasks, tasks))


def writers(settings):
    return settings.planned(writing_cells(settings.work.tasks))


@pytest.mark.sparsebench(cells=strings)
def test_next_letter(cell, sparsebench):
    sparsebench.judge(sparsebench.measure(cell))


@pytest.mark.sparsebench(cells=texts)
def test_next_letter_of_a_text(cell, sparsebench):
    sparsebench.judge(sparsebench.measure(cell))


@pytest.mark.sparsebench(cells=labelled)
def test_labelled_texts(cell, sparsebench):
    sparsebench.judge(sparsebench.measure(cell))


@pytest.mark.sparsebench(cells=writers)
def test_writing(cell, sparsebench):
    sparsebench.judge(sparsebench.measure(cell))
