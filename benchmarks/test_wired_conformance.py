"""The thesis author's wired networks: their graphs, masks, properties and accuracies, measured here."""

import pytest

from sparsebench.experiments.conformance.base_models import NINE_IN_TEN, nine_in_ten_agree
from sparsebench.experiments.conformance.wired_networks import measure, surveys, wired_networks

WITHOUT = "needs --sparsebench-artifacts DIR, the thesis author's repository with wired networks"


@pytest.mark.sparsebench(wired_networks, otherwise=WITHOUT)
def test_wired_conformance(item, sparsebench):
    agreement = measure(item, sparsebench.bench)
    if agreement.record is not None:
        sparsebench.keep(agreement.record)
    assert not agreement.faults, "\n".join([item.id, *agreement.faults])
    if not agreement.checks:
        pytest.skip(f"{item.graph or item.weights} stands alone: nothing to hold it against")


@pytest.mark.sparsebench(surveys, otherwise=WITHOUT)
def test_nine_in_ten(item, sparsebench):
    agreements = [measure(network, sparsebench.bench) for network in item.networks]
    agree, close, total = nine_in_ten_agree(agreements)
    if total == 0:
        pytest.skip("no network has its graph, its weights, its row and the test strings")
    assert agree, f"{close} of {total} networks lie within {NINE_IN_TEN} of the published accuracy"


@pytest.mark.sparsebench(surveys, otherwise=WITHOUT)
def test_every_file_is_of_a_network(item):
    assert not item.faults, "\n".join(item.faults)
