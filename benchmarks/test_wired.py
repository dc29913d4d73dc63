"""Networks wired by random graphs, trained from scratch (thesis, section 6.3)."""

import pytest

from sparsebench import families_cells, variants_cells, wired_cells

OTHERS = ("kleinberg", "erdos_renyi", "layered")
"""Families that the thesis does not have; `layered` is a control without chance."""


def networks(settings):
    return settings.planned(wired_cells(settings.graphs, first=settings.first_seed))


def other_networks(settings):
    cells = wired_cells(settings.work.other_graphs, families=OTHERS, first=settings.first_seed)
    return settings.planned(cells)


def families(settings):
    return settings.planned(families_cells(settings.graphs, first=settings.first_seed))


def variants(settings):
    return settings.planned(variants_cells(settings.graphs, first=settings.first_seed))


@pytest.mark.sparsebench(cells=networks)
def test_wired(cell, sparsebench, time_forward):
    measured = sparsebench.measure(cell)
    time_forward(measured)
    sparsebench.judge(measured)


@pytest.mark.sparsebench(cells=other_networks)
def test_other_families(cell, sparsebench, time_forward):
    measured = sparsebench.measure(cell)
    time_forward(measured)
    sparsebench.judge(measured)


@pytest.mark.sparsebench(cells=families)
def test_families(cell, sparsebench):
    sparsebench.judge(sparsebench.measure(cell))


@pytest.mark.sparsebench(cells=variants)
def test_gated_variants(cell, sparsebench):
    sparsebench.judge(sparsebench.measure(cell))
