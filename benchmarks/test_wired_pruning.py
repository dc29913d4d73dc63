"""Wired networks, pruned and trained again (slides, section 5.3; research question 5)."""

import pytest

from sparsebench import four_ways_cells, wired_pruning_cells


def pruned(settings):
    work = settings.work
    cells = wired_pruning_cells(
        work.pruned_graphs,
        work.retraining_epochs,
        percents=work.retraining_percents,
        first=settings.first_seed,
    )
    return settings.planned(cells)


def compared(settings):
    work = settings.work
    cells = four_ways_cells(work.compared_graphs, work.compared_percents, first=settings.first_seed)
    return settings.planned(cells)


@pytest.mark.sparsebench(cells=pruned)
def test_wired_pruning(cell, sparsebench, time_forward):
    measured = sparsebench.measure(cell)
    time_forward(measured)
    sparsebench.judge(measured)


@pytest.mark.sparsebench(cells=compared)
def test_four_ways(cell, sparsebench, time_forward):
    measured = sparsebench.measure(cell)
    time_forward(measured)
    sparsebench.judge(measured)
