"""Networks wired by random graphs, trained from scratch (thesis, section 6.3)."""

import pytest

from sparsebench import VARIANTS, families_items, variants_items, wired_items

OTHERS = ("kleinberg", "erdos_renyi", "layered")
"""Families that the thesis does not have; `layered` is a control without randomness."""


def networks(settings):
    variants = settings.work.wired_variants
    return settings.planned(wired_items(settings.graphs, variants, first=settings.first_seed))


def other_networks(settings):
    work = settings.work
    items = wired_items(work.other_graphs, work.other_variants, OTHERS, first=settings.first_seed)
    return settings.planned(items)


def other_cells(settings):
    work = settings.work
    networks = work.other_cells_graphs, work.other_cells
    of_the_thesis = wired_items(*networks, first=settings.first_seed)
    others = wired_items(*networks, OTHERS, first=settings.first_seed)
    return settings.planned([*of_the_thesis, *others])


def families(settings):
    variants = settings.work.wired_variants
    return settings.planned(families_items(settings.graphs, variants, first=settings.first_seed))


def variants(settings):
    if set(settings.work.wired_variants) < set(VARIANTS):
        return []
    return settings.planned(variants_items(settings.graphs, first=settings.first_seed))


@pytest.mark.sparsebench(items=networks)
def test_wired(item, sparsebench, time_forward):
    measured = sparsebench.measure(item)
    time_forward(measured)
    sparsebench.judge(measured)


@pytest.mark.sparsebench(items=other_networks)
def test_other_families(item, sparsebench, time_forward):
    measured = sparsebench.measure(item)
    time_forward(measured)
    sparsebench.judge(measured)


@pytest.mark.sparsebench(items=other_cells, otherwise="the thesis profile alone wires other cells")
def test_other_cells(item, sparsebench):
    """PyTorch has no layer of them, beside which they could be timed."""
    sparsebench.judge(sparsebench.measure(item))


@pytest.mark.sparsebench(items=families)
def test_families(item, sparsebench):
    sparsebench.judge(sparsebench.measure(item))


@pytest.mark.sparsebench(items=variants, otherwise="the profile does not wire all variants")
def test_gated_variants(item, sparsebench):
    sparsebench.judge(sparsebench.measure(item))
