"""Trained models, pruned and evaluated without fine-tuning (thesis, section 6.2)."""

import pytest

from sparsebench import pruning_items

WITHOUT = "the smoke profile has the thesis's cell types alone"


def others(settings):
    work = settings.work
    items = pruning_items(
        work.other_targets_variants, ("readout", "embedding"), work.other_targets_percents
    )
    return settings.planned(items)


def other_cells(settings):
    work = settings.work
    items = pruning_items(work.other_cells, work.other_cells_targets, work.other_cells_percents)
    return settings.planned(items)


@pytest.mark.sparsebench(pruning_items())
def test_pruning(item, sparsebench, time_forward):
    measured = sparsebench.measure(item)
    time_forward(measured)
    sparsebench.judge(measured)


@pytest.mark.sparsebench(items=others)
def test_readout_and_embedding(item, sparsebench):
    """Their loops skip no pruned weight, so there is no time to measure (slides, section 5.1)."""
    sparsebench.judge(sparsebench.measure(item))


@pytest.mark.sparsebench(items=other_cells, otherwise=WITHOUT)
def test_other_cells(item, sparsebench):
    """PyTorch has no layer of them, beside which they could be timed."""
    sparsebench.judge(sparsebench.measure(item))
