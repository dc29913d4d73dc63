"""Experiment: iterative magnitude pruning with rewinding."""

from __future__ import annotations

from sparsebench.experiments.iterative_pruning import measure
from sparsebench.experiments.iterative_pruning.cases import IterativePruningCase
from sparsebench.experiments.iterative_pruning.claims import lottery_contrasts
from sparsebench.experiments.iterative_pruning.items import IterativePruningItem
from sparsebench.experiments.iterative_pruning.network import (
    made_from,
    round_network,
    training_start,
)
from sparsebench.harness.experiment import Cost, Experiment, Items, Measurement, late
from sparsebench.harness.networks import NetworkKind


def _cost(case: IterativePruningCase) -> Cost:
    return (
        f"iterative pruning {case.variant}, {case.percent} % of {case.target}",
        case.training.length,
    )


EXPERIMENT = Experiment(
    name="iterative_pruning",
    tables=late("sparsebench.experiments.iterative_pruning.summary:round_tables"),
    sections=late("sparsebench.experiments.iterative_pruning.section:sections"),
    claim_rows=late("sparsebench.experiments.iterative_pruning.claim_rows:claim_rows"),
    points=late("sparsebench.experiments.iterative_pruning.points:points"),
    markdown=late("sparsebench.experiments.iterative_pruning.table:markdown"),
    items=(Items(item=IterativePruningItem, contrasts=lottery_contrasts),),
    measurements=(
        Measurement(
            name="iterative_pruning",
            case=IterativePruningCase,
            measure=measure.measure,
            forward=measure.passes,
            networks=lambda case, from_scratch: [*made_from(case), case.original],
            cost=_cost,
            metrics=("accuracy", "strings", "accuracy_before", "accuracy_original", "kept"),
            shares=("accuracy_original",),
        ),
    ),
    networks=(
        NetworkKind(
            case=IterativePruningCase,
            made_from=made_from,
            network=round_network,
            start=training_start,
        ),
    ),
)
