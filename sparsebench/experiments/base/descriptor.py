"""Experiment: dense base models, trained from scratch, and the first steps of their training."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from sparsebench.experiments.base import loss_trace, measure
from sparsebench.experiments.base.cases import OnsetCase
from sparsebench.experiments.base.claims import base_claims
from sparsebench.experiments.base.comparison import LOSS_TRACE
from sparsebench.experiments.base.items import BaseCell
from sparsebench.experiments.base.network import base_network
from sparsebench.harness.experiment import Cost, Experiment, Items, Measurement
from sparsebench.harness.networks import NetworkKind
from sparsebench.values.case import BaseCase

if TYPE_CHECKING:
    from rich.console import RenderableType

    from sparsebench.parts.records import Record, Verdict


def _cost(case: BaseCase) -> Cost:
    return f"training {case.variant}", case.training.length


def _tables(records: Sequence[Record], verdicts: Sequence[Verdict]) -> Iterable[RenderableType]:
    from sparsebench.experiments.base.summary import base_tables  # rich

    return base_tables(records, verdicts)


EXPERIMENT = Experiment(
    name="base",
    tables=_tables,
    items=(Items(cell=BaseCell, claims=base_claims),),
    measurements=(
        Measurement(
            name="base",
            case=BaseCase,
            measure=measure.measure,
            forward=measure.passes,
            cost=_cost,
            metrics=("accuracy", "strings"),
        ),
        Measurement(
            name="onset",
            policy=LOSS_TRACE,
            case=OnsetCase,
            measure=loss_trace.measure,
            metrics=("last_loss",),
            series=("loss",),
        ),
    ),
    networks=(NetworkKind(case=BaseCase, network=base_network, beginning=None),),
)
