"""Experiment: dense base models, trained from scratch, and the first steps of their training."""

from __future__ import annotations

from sparsebench.experiments.base import loss_trace, measure
from sparsebench.experiments.base.cases import LossTraceCase
from sparsebench.experiments.base.claims import base_claims
from sparsebench.experiments.base.comparison import LOSS_TRACE
from sparsebench.experiments.base.items import BaseItem
from sparsebench.experiments.base.network import base_network
from sparsebench.harness.experiment import Cost, Experiment, Items, Measurement, late
from sparsebench.harness.networks import NetworkKind, weights_of_seed
from sparsebench.values.case import BaseCase

STORED_SEEDS = range(3)
"""Seeds of the models that are stored with the baseline: as many as the quick profile prunes. All
seeds would take 16 MB; training one model takes a minute and a half."""


def _cost(case: BaseCase) -> Cost:
    return f"training {case.variant}", case.training.length


EXPERIMENT = Experiment(
    name="base",
    tables=late("sparsebench.experiments.base.summary:base_tables"),
    sections=late("sparsebench.experiments.base.section:sections"),
    claim_rows=late("sparsebench.experiments.base.claim_rows:claim_rows"),
    points=late("sparsebench.experiments.base.points:points"),
    items=(Items(item=BaseItem, claims=base_claims),),
    measurements=(
        Measurement(
            name="base",
            case=BaseCase,
            measure=measure.measure,
            forward=measure.passes,
            cost=_cost,
            metrics=("accuracy", "strings"),
            stores_model=lambda case: case.seed in STORED_SEEDS,
        ),
        Measurement(
            name="onset",
            policy=LOSS_TRACE,
            case=LossTraceCase,
            measure=loss_trace.measure,
            metrics=("last_loss",),
            series=("loss",),
        ),
    ),
    networks=(NetworkKind(case=BaseCase, network=base_network, start=weights_of_seed),),
)
