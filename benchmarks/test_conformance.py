"""The thesis author's models, pruned and evaluated here, against the accuracies he published."""

import pytest

from sparsebench.experiments.conformance.base_models import (
    EVERY_CELL,
    NINE_IN_TEN,
    conformance_cells,
    conformance_checkpoints,
    measure,
    nine_in_ten_agree,
)

WITHOUT = "needs --sparsebench-artifacts DIR, a checkout of the thesis author's repository"


@pytest.mark.sparsebench(conformance_cells, otherwise=WITHOUT)
def test_conformance(cell, sparsebench):
    agreement = measure(cell, sparsebench.bench)
    sparsebench.keep(agreement.record)
    if agreement.difference is None:
        pytest.skip(f"measured {agreement.measured:.4f}; not in {cell.checkpoint.results}")
    assert abs(agreement.difference) <= EVERY_CELL, (
        f"measured {agreement.measured:.5f}, published {agreement.published:.5f}"
    )


@pytest.mark.sparsebench(conformance_checkpoints, otherwise=WITHOUT)
def test_nine_in_ten(cell, sparsebench):
    agreements = [measure(each, sparsebench.bench) for each in cell.cells()]
    agree, close, total = nine_in_ten_agree(agreements)
    if total == 0:
        pytest.skip(f"no published accuracies in {cell.results}")
    assert agree, f"{close} of {total} cells lie within {NINE_IN_TEN} of the published accuracy"
