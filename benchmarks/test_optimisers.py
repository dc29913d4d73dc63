"""Optimisers and initial weights, on Reber strings (report on capacity, sections V and VI)."""

import pytest

from sparsebench import VARIANTS, InitialisationsItem, OptimisersItem


def optimisers(settings):
    epochs = settings.work.tasks.reber_epochs
    return settings.planned(OptimisersItem(variant, epochs) for variant in VARIANTS)


def initialisations(settings):
    epochs = settings.work.tasks.reber_epochs
    return settings.planned(InitialisationsItem(variant, epochs) for variant in VARIANTS)


@pytest.mark.sparsebench(items=optimisers)
def test_optimisers(item, sparsebench):
    sparsebench.judge(sparsebench.measure(item))


@pytest.mark.sparsebench(items=initialisations)
def test_initialisations(item, sparsebench):
    sparsebench.judge(sparsebench.measure(item))
