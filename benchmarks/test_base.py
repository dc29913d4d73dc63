"""Base models: accuracy after 50 epochs, and the first steps of a training (thesis, section 6.1)."""

import pytest

from sparsebench import base_cells


@pytest.mark.sparsebench(base_cells())
def test_base(cell, sparsebench, time_forward):
    measured = sparsebench.measure(cell)
    time_forward(measured)
    sparsebench.judge(measured)
