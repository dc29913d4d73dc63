"""Four networks have about as many weights, each made in its way."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparsebench.experiments.equal_parameters.items import FourWaysItem
from sparsebench.experiments.equal_parameters.matching import closest, network_case_of, weights_of
from sparsebench.experiments.finetuning.cases import FinetuningCase
from sparsebench.experiments.random_wiring.cases import WiredCase
from sparsebench.experiments.random_wiring.network import wired_network
from sparsebench.parts.weights import recurrent_weights
from sparsebench.values.graphs import GraphSpec
from sparsebench.values.layout import GATES
from tests import strategies


@settings(max_examples=30)
@given(
    family=st.sampled_from(["watts_strogatz", "barabasi_albert", "layered", "kleinberg"]),
    seed=st.integers(0, 9),
    vertices=st.integers(10, 40),
    variant=strategies.variants,
)
def test_weights_are_those_of_the_network_for_each_gate(family, seed, vertices, variant):
    spec = GraphSpec(family, seed, vertices)
    network = wired_network(WiredCase(variant, spec, seed))
    kept, _ = recurrent_weights(network.layout, network.masks)
    assert kept == weights_of(spec) * GATES[variant]


@pytest.mark.parametrize("family", ["watts_strogatz", "barabasi_albert", "layered"])
@pytest.mark.parametrize("weights", [50, 300, 2000])
def test_no_graph_nearby_comes_closer(family, weights):
    found = closest(GraphSpec(family, 1), weights)
    apart = abs(weights_of(found) - weights)
    for vertices in range(max(4, found.vertices - 5), found.vertices + 6):
        assert abs(weights_of(replace(found, vertices=vertices)) - weights) >= apart


def test_more_weights_than_any_graph_gives_are_refused():
    with pytest.raises(
        ValueError, match=r"^layered graphs of 1024 vertices make networks of fewer"
    ):
        closest(GraphSpec("layered", 0), 10**6)


@pytest.mark.parametrize("percent", [50, 90])
@pytest.mark.parametrize("family", ["watts_strogatz", "barabasi_albert"])
def test_four_ways_spend_about_as_many_weights(family, percent):
    item = FourWaysItem("gru", family, percent, graphs=3)
    cases = {(case.way, case.seed): case for case in item.cases([])}
    assert len(cases) == 12
    for seed in range(3):
        wanted = weights_of(cases["wired", seed].wired.graph)
        for way in ("dense", "pruned dense", "wired", "pruned wired"):
            trained = network_case_of(cases[way, seed])
            pruned = isinstance(trained, FinetuningCase)
            network = trained.network if pruned else trained
            left = weights_of(network.graph) * ((100 - percent) / 100 if pruned else 1)
            assert left == pytest.approx(wanted, rel=0.2)
            assert pruned == way.startswith("pruned")
            assert network.graph.family == ("layered" if way.endswith("dense") else family)
            epochs = network.training.epochs + (trained.training.epochs if pruned else 0)
            assert epochs == 25
            if pruned:
                assert (trained.target, trained.percent) == ("both", percent)
