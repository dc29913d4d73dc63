"""Trained models, pruned and evaluated without fine-tuning (thesis, section 6.2)."""

import pytest

from sparsebench import pruning_items


@pytest.mark.sparsebench(pruning_items())
def test_pruning(item, sparsebench, time_forward):
    measured = sparsebench.measure(item)
    time_forward(measured)
    sparsebench.judge(measured)
