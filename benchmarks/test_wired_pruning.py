"""Wired networks, pruned and trained again (slides, section 5.3; research question 5)."""

import pytest

from sparsebench import wired_pruning_cells


def pruned(settings):
    work = settings.work
    return settings.planned(wired_pruning_cells(work.pruned_graphs, work.retraining_epochs))


@pytest.mark.sparsebench(cells=pruned)
def test_wired_pruning(cell, sparsebench, time_forward):
    measured = sparsebench.measure(cell)
    time_forward(measured)
    sparsebench.judge(measured)
