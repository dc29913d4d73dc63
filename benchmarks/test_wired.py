"""Networks wired by random graphs, trained from scratch (thesis, section 6.3)."""

import pytest

from sparsebench import families_cells, variants_cells, wired_cells


def networks(settings):
    return settings.planned(wired_cells(settings.graphs))


def families(settings):
    return settings.planned(families_cells(settings.graphs))


def variants(settings):
    return settings.planned(variants_cells(settings.graphs))


@pytest.mark.sparsebench(cells=networks)
def test_wired(cell, sparsebench, time_forward):
    measured = sparsebench.measure(cell)
    time_forward(measured)
    sparsebench.judge(measured)


@pytest.mark.sparsebench(cells=families)
def test_families(cell, sparsebench):
    sparsebench.judge(sparsebench.measure(cell))


@pytest.mark.sparsebench(cells=variants)
def test_gated_variants(cell, sparsebench):
    sparsebench.judge(sparsebench.measure(cell))
