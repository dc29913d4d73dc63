"""Experiment: networks wired by random graphs, trained from scratch (thesis, sections 5.3 and 6.3)."""

from __future__ import annotations

import msgspec

from sparsebench.experiments.random_wiring.cases import WiredCase
from sparsebench.harness.context import Bench
from sparsebench.harness.trained_models import network_and_model
from sparsebench.parts.properties import graph_properties
from sparsebench.parts.records import Record
from sparsebench.parts.weights import parameters, recurrent_weights
from sparsebench.parts.wired import graph_and_wiring


def measure(case: WiredCase, bench: Bench) -> Record:
    """Draw a graph, wire and train the network, and evaluate it after every epoch.

    Parameters
    ----------
    case
        Variant, graph, seed and protocol.
    bench
        Trains the network, together with compatible ones that the run requested, or loads it from
        the store.

    Returns
    -------
    Record
        `accuracy` and `loss` on the test half after the last epoch, and `accuracy_before` the
        first; the history of the training; the properties of the graph, with `parameters` (all
        trained parameters), `recurrent_weights`, and `weight_density`: their share of those in the
        same network with fully connected layers.
    """
    network, model = network_and_model(case, bench)
    kept, total = recurrent_weights(network.layout, network.masks)
    properties = {
        **graph_properties(*graph_and_wiring(case.graph)),
        "parameters": parameters(network.layout, network.masks),
        "recurrent_weights": kept,
        "weight_density": kept / total,
    }
    return msgspec.structs.replace(
        model.training,
        properties=properties,
        provenance=bench.note(bench.here),
        trained=bench.note(model.trained),
    )
