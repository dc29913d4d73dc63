"""Experiment: trained base models pruned and evaluated, without fine-tuning (thesis, section 6.2)."""

from __future__ import annotations

from sparsebench.experiments.pruning import measure
from sparsebench.experiments.pruning.cases import PruningCase
from sparsebench.experiments.pruning.claims import pruning_claims
from sparsebench.experiments.pruning.items import PruningItem
from sparsebench.harness.experiment import Cost, Experiment, Items, Measurement, late


def _cost(case: PruningCase) -> Cost:
    return f"pruning {case.variant}", 1


EXPERIMENT = Experiment(
    name="pruning",
    tables=late("sparsebench.experiments.pruning.summary:pruning_tables"),
    sections=late("sparsebench.experiments.pruning.section:sections"),
    claim_rows=late("sparsebench.experiments.pruning.claim_rows:claim_rows"),
    points=late("sparsebench.experiments.pruning.points:points"),
    markdown=late("sparsebench.experiments.pruning.other_targets:markdown"),
    items=(Items(item=PruningItem, claims=pruning_claims),),
    measurements=(
        Measurement(
            name="pruning",
            case=PruningCase,
            measure=measure.measure,
            networks=lambda case, from_scratch: [case.base],
            cache_key=measure.cache_key,
            forward=measure.passes,
            cost=_cost,
            metrics=("accuracy", "strings"),
            weights_of=lambda case: case.base,
        ),
    ),
)
