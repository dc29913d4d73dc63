"""Experiment: networks wired by random graphs, trained from scratch (thesis, sections 5.3 and 6.3)."""

from __future__ import annotations

from sparsebench.experiments.random_wiring import measure
from sparsebench.experiments.random_wiring.cases import WiredCase
from sparsebench.experiments.random_wiring.claims import families_contrasts, variants_contrasts
from sparsebench.experiments.random_wiring.items import (
    FamiliesItem,
    VariantsItem,
    WiredItem,
    WiredPruningItem,
)
from sparsebench.experiments.random_wiring.network import wired_network
from sparsebench.harness.experiment import Cost, Experiment, Items, Measurement, late
from sparsebench.harness.forward_passes import trained
from sparsebench.harness.networks import NetworkKind, weights_of_seed
from sparsebench.parts.wired import drew_two_graphs


def _cost(case: WiredCase) -> Cost:
    return f"training wired {case.variant}, {case.graph.family}", case.training.length


EXPERIMENT = Experiment(
    name="random_wiring",
    tables=late("sparsebench.experiments.random_wiring.summary:wired_tables"),
    sections=late("sparsebench.experiments.random_wiring.sections:sections"),
    claim_rows=late("sparsebench.experiments.random_wiring.claim_rows:claim_rows"),
    points=late("sparsebench.experiments.random_wiring.points:points"),
    markdown=late("sparsebench.experiments.random_wiring.table:markdown"),
    items=(
        Items(item=FamiliesItem, contrasts=families_contrasts),
        Items(item=VariantsItem, contrasts=variants_contrasts),
        Items(item=WiredItem),
        Items(item=WiredPruningItem),
    ),
    measurements=(
        Measurement(
            name="wired",
            case=WiredCase,
            measure=measure.measure,
            forward=trained,
            cost=_cost,
            metrics=("accuracy", "strings"),
            stored_series=("onset_loss", "test_accuracy"),
        ),
    ),
    networks=(
        NetworkKind(
            case=WiredCase,
            network=wired_network,
            start=weights_of_seed,
            not_reproducible=lambda case: drew_two_graphs(case.graph),
        ),
    ),
)
