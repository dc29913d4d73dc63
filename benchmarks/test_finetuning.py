"""Trained models, pruned and fine-tuned: do they recover their accuracy? (thesis, section 6.2)"""

import pytest

from sparsebench import ThresholdItem, claims, finetuning_items


def pruned(settings):
    work = settings.work
    items = finetuning_items(
        work.finetuning_epochs, percents=work.finetuning_percents, order=settings.retraining_order
    )
    return settings.planned(item for item in items if claims(item) or not work.claimed_finetuning)


def readout(settings):
    work = settings.work
    items = finetuning_items(
        work.finetuning_epochs,
        targets=["readout"],
        percents=work.readout_percents,
        order=settings.retraining_order,
    )
    return settings.planned(items)


def threshold(settings):
    epochs, order = settings.work.threshold_epochs, settings.retraining_order
    return settings.planned([ThresholdItem(epochs, order=order)] if epochs else [])


@pytest.mark.sparsebench(items=pruned)
def test_finetuning(item, sparsebench, time_forward):
    measured = sparsebench.measure(item)
    time_forward(measured)
    sparsebench.judge(measured)


@pytest.mark.sparsebench(items=readout)
def test_readout_finetuning(item, sparsebench):
    sparsebench.judge(sparsebench.measure(item))


@pytest.mark.sparsebench(items=threshold)
def test_threshold(item, sparsebench, time_forward):
    measured = sparsebench.measure(item)
    time_forward(measured)
    sparsebench.judge(measured)
