"""The thesis author's models, pruned and evaluated here, compared with his published accuracies."""

import pytest

from sparsebench.experiments.conformance.base_models import (
    EVERY_CELL,
    NINE_IN_TEN,
    conformance_checkpoints,
    conformance_items,
    measure,
    nine_in_ten_agree,
)

WITHOUT = "needs --sparsebench-artifacts DIR, a checkout of the thesis author's repository"


@pytest.mark.sparsebench(conformance_items, otherwise=WITHOUT)
def test_conformance(item, sparsebench):
    agreement = measure(item, sparsebench.bench)
    sparsebench.keep(agreement.record)
    if agreement.difference is None:
        pytest.skip(f"measured {agreement.measured:.4f}; not in {item.checkpoint.results}")
    assert abs(agreement.difference) <= EVERY_CELL, (
        f"measured {agreement.measured:.5f}, published {agreement.published:.5f}"
    )


@pytest.mark.sparsebench(conformance_checkpoints, otherwise=WITHOUT)
def test_nine_in_ten(item, sparsebench):
    agreements = [measure(each, sparsebench.bench) for each in item.items()]
    agree, close, total = nine_in_ten_agree(agreements)
    if total == 0:
        pytest.skip(f"no published accuracies in {item.results}")
    assert agree, f"{close} of {total} items lie within {NINE_IN_TEN} of the published accuracy"
