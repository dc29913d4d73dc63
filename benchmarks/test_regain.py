"""Trained models, pruned and trained again: are they soon as good as before? (thesis, section 6.2)"""

import pytest

from sparsebench import ThresholdCell, claims, regain_cells


def pruned(settings):
    work = settings.work
    cells = regain_cells(
        work.regain_epochs, percents=work.regain_percents, order=settings.retraining_order
    )
    return settings.planned(cell for cell in cells if claims(cell) or not work.claimed_regains)


def threshold(settings):
    cell = ThresholdCell(settings.work.threshold_epochs, order=settings.retraining_order)
    return settings.planned([cell])


@pytest.mark.sparsebench(cells=pruned)
def test_regain(cell, sparsebench, time_forward):
    measured = sparsebench.measure(cell)
    time_forward(measured)
    sparsebench.judge(measured)


@pytest.mark.sparsebench(cells=threshold)
def test_threshold(cell, sparsebench, time_forward):
    measured = sparsebench.measure(cell)
    time_forward(measured)
    sparsebench.judge(measured)
