"""What networks store in their parameters and recall with their units (report on capacity, IV.A-C)."""

import pytest

from sparsebench import capacity_items, capacity_variants_items, recall_items


def stores(settings):
    work = settings.work.tasks
    return settings.planned([*capacity_items(work), *capacity_items(work, work.other_cells)])


def variants(settings):
    return settings.planned(capacity_variants_items(settings.work.tasks))


def recalls(settings):
    work = settings.work.tasks
    return settings.planned([*recall_items(work), *recall_items(work, work.other_cells)])


@pytest.mark.sparsebench(items=stores)
def test_bits_per_parameter(item, sparsebench):
    sparsebench.judge(sparsebench.measure(item))


@pytest.mark.sparsebench(items=variants)
def test_bits_of_variants(item, sparsebench):
    sparsebench.judge(sparsebench.measure(item))


@pytest.mark.sparsebench(items=recalls)
def test_memory_per_unit(item, sparsebench):
    sparsebench.judge(sparsebench.measure(item))
