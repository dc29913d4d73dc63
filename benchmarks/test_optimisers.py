"""Optimisers and initial weights, on Reber strings and on long memory (report, sections V and VI)."""

import pytest

from sparsebench import VARIANTS, InitialisationsItem, OptimisersItem, long_memory_items


def optimisers(settings):
    epochs = settings.work.tasks.reber_epochs
    return settings.planned(OptimisersItem(variant, epochs) for variant in VARIANTS)


def initialisations(settings):
    epochs = settings.work.tasks.reber_epochs
    return settings.planned(InitialisationsItem(variant, epochs) for variant in VARIANTS)


def long_memory(settings):
    return settings.planned(long_memory_items(settings.work.tasks))


@pytest.mark.sparsebench(items=optimisers)
def test_optimisers(item, sparsebench):
    sparsebench.judge(sparsebench.measure(item))


@pytest.mark.sparsebench(items=initialisations)
def test_initialisations(item, sparsebench):
    sparsebench.judge(sparsebench.measure(item))


@pytest.mark.sparsebench(items=long_memory)
def test_long_memory(item, sparsebench):
    sparsebench.judge(sparsebench.measure(item))
