"""Base models: accuracy after 50 epochs, and the loss trace of a training (thesis, section 6.1)."""

import pytest

from sparsebench import base_items

WITHOUT = "the smoke profile has the thesis's cell types alone"


def other_cells(settings):
    return settings.planned(base_items(settings.work.other_cells))


@pytest.mark.sparsebench(base_items())
def test_base(item, sparsebench, time_forward):
    measured = sparsebench.measure(item)
    time_forward(measured)
    sparsebench.judge(measured)


@pytest.mark.sparsebench(items=other_cells, otherwise=WITHOUT)
def test_other_cells(item, sparsebench):
    """PyTorch has no layer of them, beside which they could be timed."""
    sparsebench.judge(sparsebench.measure(item))
