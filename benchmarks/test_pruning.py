"""Trained models, pruned and evaluated without retraining (thesis, section 6.2)."""

import pytest

from sparsebench import pruning_cells


@pytest.mark.sparsebench(pruning_cells())
def test_pruning(cell, sparsebench, time_forward):
    measured = sparsebench.measure(cell)
    time_forward(measured)
    sparsebench.judge(measured)
