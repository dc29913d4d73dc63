"""Experiment: four ways to spend the same number of weights (slides, sections 5.2 and 5.3)."""

from __future__ import annotations

import msgspec

from sparsebench.experiments.equal_parameters.cases import FourWaysCase
from sparsebench.experiments.equal_parameters.matching import network_case_of, weights_of
from sparsebench.harness.context import Bench
from sparsebench.harness.trained_models import network_and_model
from sparsebench.parts.records import Record
from sparsebench.parts.weights import parameters, recurrent_weights
from sparsebench.values.identity import canonical, digest
from sparsebench.values.layout import GATES


def measure(case: FourWaysCase, bench: Bench) -> Record:
    """Train the network of one way and evaluate it.

    Returns
    -------
    Record
        `accuracy` and `loss` on the test half; `kept`: recurrent weights; `wanted`: those of the
        wired network; `vertices` of the network's graph, or of the graph before pruning;
        `parameters`.
    """
    trained = network_case_of(case)
    network, model = network_and_model(trained, bench)
    kept, _ = recurrent_weights(network.layout, network.masks)
    metrics = {
        **{name: model.training.metrics[name] for name in ("accuracy", "loss", "strings")},
        "kept": kept,
        "wanted": weights_of(case.wired.graph) * GATES[case.variant],
        "vertices": sum(network.layout.sizes),
        "parameters": parameters(network.layout, network.masks),
    }
    return msgspec.structs.replace(
        model.training,
        digest=digest(case),
        experiment="four_ways",
        case=canonical(case),
        metrics=metrics,
        provenance=bench.note(bench.here),
        trained=bench.note(model.trained),
    )
