"""A network of one's own, before it is fine-tuned."""

from __future__ import annotations

from sparsebench.experiments.own_model.cases import OwnModelCase
from sparsebench.harness.networks import Network, TrainingStart, weights_of_seed
from sparsebench.values.identity import digest


def own_model_network(case: OwnModelCase) -> Network:
    """Its layers and masks."""
    return Network(case.given.layout, case.given.masks, digest(case))


def own_model_start(case: OwnModelCase, network: Network) -> TrainingStart:
    """Its trained weights, or initial ones for a control."""
    if case.weights == "initial":
        return weights_of_seed(case, network)
    return TrainingStart(case.given.engine_weights, case.seed)
