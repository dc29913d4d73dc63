"""Recognised sequence tasks: adding, copying, digits by steps, MNIST-1D, the Mackey-Glass series."""

import pytest

from sparsebench import sequence_items


def sequences(settings):
    return settings.planned(sequence_items(settings.work.tasks))


@pytest.mark.sparsebench(items=sequences)
def test_sequence_task(item, sparsebench):
    sparsebench.judge(sparsebench.measure(item))
