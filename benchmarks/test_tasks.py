"""Recognised sequence tasks: adding, copying, digits by steps, MNIST-1D, the Mackey-Glass series."""

import pytest

from sparsebench import sequence_items

WITHOUT = "needs the quick or thesis profile, and data: pip install 'sparsebench[series]'"


def sequences(settings):
    return settings.planned(sequence_items(settings.work.tasks))


def of_extras(settings):
    return settings.planned(sequence_items(settings.work.tasks, extras=True))


@pytest.mark.sparsebench(items=sequences)
def test_sequence_task(item, sparsebench):
    sparsebench.judge(sparsebench.measure(item))


@pytest.mark.sparsebench(items=of_extras, otherwise=WITHOUT)
def test_task_of_an_extra(item, sparsebench):
    sparsebench.judge(sparsebench.measure(item))
