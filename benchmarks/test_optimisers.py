"""Optimisers and initial weights, on Reber strings and on long memory (report, sections V and VI)."""

import pytest

from sparsebench import InitialisationsItem, OptimisersItem, long_memory_items


def optimisers(settings):
    work = settings.work.tasks
    return settings.planned(
        OptimisersItem(variant, work.reber_epochs) for variant in work.reber_variants
    )


def initialisations(settings):
    work = settings.work.tasks
    return settings.planned(
        InitialisationsItem(variant, work.reber_epochs) for variant in work.reber_variants
    )


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
