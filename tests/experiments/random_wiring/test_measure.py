"""The record of a wired network tells how it was trained, what it does and what it is."""

from dataclasses import replace

import msgspec
import numpy as np
import pytest

from sparsebench.engines.fused.population import CpuPopulation
from sparsebench.experiments.random_wiring.measure import measure
from sparsebench.harness import measuring
from sparsebench.harness.trained_models import model_of, network_of
from sparsebench.parts.graphs import draw
from sparsebench.parts.properties import graph_properties
from sparsebench.parts.records import check_complete, check_finite
from sparsebench.parts.sparse_layout import sparse_layout
from sparsebench.parts.weight_files import checksum
from sparsebench.parts.wired import graph_and_wiring
from sparsebench.parts.wirings import orient, wire
from sparsebench.values.graphs import GraphSpec
from sparsebench.values.identity import digest, restore
from sparsebench.values.protocol import VARIANTS
from sparsebench.values.semantics import CORRECTED
from tests.harness import small


@pytest.fixture(params=["published", "corrected"])
def case(request):
    chosen = small.wired(2, "gru", "watts_strogatz", vertices=9)
    return chosen if request.param == "published" else replace(chosen, semantics=CORRECTED)


def test_a_record_is_complete_finite_and_of_its_case(tmp_path, case):
    bench = small.bench(tmp_path)
    record = measure(case, bench)
    check_complete(record)
    check_finite(record)
    assert (record.digest, record.experiment) == (digest(case), "wired")
    assert restore(record.case) == case
    assert measuring.measure(case, bench) == record


def test_its_figures_are_those_of_the_network_after_training_and_before(tmp_path, case):
    bench = small.bench(tmp_path)
    record, weights = measure(case, bench), model_of(case, bench).weights
    network = network_of(case, bench)
    trained = CpuPopulation(
        [sparse_layout(network.layout, network.masks)],
        [weights],
        case.semantics.readout,
        small.TRAINING,
    )
    (after,) = trained.evaluate(bench.dataset(small.DATA).test, small.TRAINING.batch_size)
    metrics, history = record.metrics, record.history
    assert (metrics["accuracy"], metrics["loss"], metrics["strings"]) == (
        after.accuracy,
        after.loss,
        40,
    )
    assert 0 <= metrics["accuracy_before"] <= 1
    assert history["test_accuracy"][-1] == after.accuracy
    assert {name: len(series) for name, series in history.items()} == {
        "train_loss": 3,
        "train_accuracy": 3,
        "test_loss": 3,
        "test_accuracy": 3,
        "onset_loss": 0,  # nine steps, and a mean is over ten
    }
    assert record.weights == checksum(weights)


@pytest.mark.parametrize("variant", VARIANTS)
def test_its_weights_are_counted_one_by_one(tmp_path, variant):
    """None of the drawn and trained numbers is zero by chance."""
    chosen = small.wired(2, variant, "watts_strogatz", vertices=9)
    bench = small.bench(tmp_path)
    properties = measure(chosen, bench).properties
    weights = model_of(chosen, bench).weights
    matrices = [array for name, array in weights.items() if name.endswith((".i2h", ".h2h"))]
    kept = sum(np.count_nonzero(array) for array in matrices)
    assert properties["recurrent_weights"] == kept
    assert properties["weight_density"] == kept / sum(array.size for array in matrices) < 1
    assert properties["parameters"] == sum(map(np.count_nonzero, weights.values()))


def test_its_properties_are_those_of_its_graph(tmp_path, case):
    properties = measure(case, small.bench(tmp_path)).properties
    graph, wiring = graph_and_wiring(case.graph)
    own = {"parameters", "recurrent_weights", "weight_density"}
    assert {name: properties[name] for name in properties if name not in own} == graph_properties(
        graph, wiring
    )
    assert own < set(properties)
    assert (properties["nodes"], properties["layers"]) == (9, len(wiring.sizes))
    assert properties["edges"] == draw(case.graph).number_of_edges()


def test_the_order_of_edges_makes_other_layers_of_the_same_graph(tmp_path):
    spec = GraphSpec("watts_strogatz", 1, 9)
    orders = [None, "nodes", "seed", "breadth_first"]
    graphs, wirings = zip(
        *(graph_and_wiring(replace(spec, order=order)) for order in orders), strict=True
    )
    assert len({frozenset(graph.edges) for graph in graphs}) == 1
    assert wirings[0] == wirings[1]
    assert len(set(wirings)) == 3
    for seed in range(3):
        graph, wiring = graph_and_wiring(GraphSpec("watts_strogatz", seed, 9, "seed"))
        assert wiring == wire(orient(graph, "seed", seed))


def test_a_network_that_an_earlier_run_trained_says_where(tmp_path, case):
    first = small.bench(tmp_path)
    trained = measure(case, first)
    assert trained.trained == trained.provenance
    assert first.provenances == {trained.provenance: first.here}
    later = small.bench(tmp_path)
    later.here = msgspec.structs.replace(later.here, created="another day")
    found = measure(case, later)
    assert found.trained == trained.provenance != found.provenance
    assert later.provenances == {found.trained: first.here, found.provenance: later.here}
