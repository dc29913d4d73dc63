"""Optimisers and initial weights, on Reber strings (report on capacity, sections V and VI)."""

import pytest

from sparsebench import VARIANTS, InitialisationsCell, OptimisersCell


def optimisers(settings):
    epochs = settings.work.tasks.reber_epochs
    return settings.planned(OptimisersCell(variant, epochs) for variant in VARIANTS)


def initialisations(settings):
    epochs = settings.work.tasks.reber_epochs
    return settings.planned(InitialisationsCell(variant, epochs) for variant in VARIANTS)


@pytest.mark.sparsebench(cells=optimisers)
def test_optimisers(cell, sparsebench):
    sparsebench.judge(sparsebench.measure(cell))


@pytest.mark.sparsebench(cells=initialisations)
def test_initialisations(cell, sparsebench):
    sparsebench.judge(sparsebench.measure(cell))
