"""Wired networks, pruned and fine-tuned (slides, section 5.3; research question 5)."""

import pytest

from sparsebench import four_ways_items, wired_pruning_items


def pruned(settings):
    work = settings.work
    items = wired_pruning_items(
        work.pruned_graphs,
        work.retraining_epochs,
        work.wired_variants,
        percents=work.retraining_percents,
        first=settings.first_seed,
    )
    return settings.planned(items)


def compared(settings):
    work = settings.work
    items = four_ways_items(
        work.compared_graphs,
        work.compared_percents,
        work.compared_variants,
        first=settings.first_seed,
    )
    return settings.planned(items)


@pytest.mark.sparsebench(items=pruned)
def test_wired_pruning(item, sparsebench, time_forward):
    measured = sparsebench.measure(item)
    time_forward(measured)
    sparsebench.judge(measured)


@pytest.mark.sparsebench(items=compared)
def test_four_ways(item, sparsebench, time_forward):
    measured = sparsebench.measure(item)
    time_forward(measured)
    sparsebench.judge(measured)
