"""What networks store in their parameters and remember in their units (report on capacity, IV.A-C)."""

import pytest

from sparsebench import capacity_cells, capacity_variants_cells, recall_cells


def stores(settings):
    return settings.planned(capacity_cells(settings.work.tasks))


def variants(settings):
    return settings.planned(capacity_variants_cells(settings.work.tasks))


def recalls(settings):
    return settings.planned(recall_cells(settings.work.tasks))


@pytest.mark.sparsebench(cells=stores)
def test_bits_per_parameter(cell, sparsebench):
    sparsebench.judge(sparsebench.measure(cell))


@pytest.mark.sparsebench(cells=variants)
def test_bits_of_variants(cell, sparsebench):
    sparsebench.judge(sparsebench.measure(cell))


@pytest.mark.sparsebench(cells=recalls)
def test_memory_per_unit(cell, sparsebench):
    sparsebench.judge(sparsebench.measure(cell))
