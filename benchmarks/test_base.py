"""Base models: accuracy after 50 epochs, and the loss trace of a training (thesis, section 6.1)."""

import pytest

from sparsebench import base_items


@pytest.mark.sparsebench(base_items())
def test_base(item, sparsebench, time_forward):
    measured = sparsebench.measure(item)
    time_forward(measured)
    sparsebench.judge(measured)
