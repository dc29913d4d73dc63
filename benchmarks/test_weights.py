"""Distributions of weights, before and after pruning (proposal, section 4; slides, 5.1 and 5.3)."""

import pytest

from sparsebench import weights_items, wired_weights_items


def stacked(settings):
    work = settings.work
    items = weights_items(
        work.finetuning_epochs,
        targets=work.described_targets,
        percents=work.described_percents,
        order=settings.retraining_order,
    )
    return settings.planned(items)


def wired(settings):
    work = settings.work
    items = wired_weights_items(
        work.pruned_graphs,
        work.retraining_epochs,
        work.wired_variants,
        work.described_targets,
        work.described_percents,
        first=settings.first_seed,
    )
    return settings.planned(items)


@pytest.mark.sparsebench(items=stacked)
def test_weights(item, sparsebench):
    sparsebench.judge(sparsebench.measure(item))


@pytest.mark.sparsebench(items=wired)
def test_wired_weights(item, sparsebench):
    sparsebench.judge(sparsebench.measure(item))
