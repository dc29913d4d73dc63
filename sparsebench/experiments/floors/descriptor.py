"""Experiment: what methods without recurrence reach on each task."""

from __future__ import annotations

from sparsebench.experiments.floors import measure
from sparsebench.experiments.floors.cases import FloorCase
from sparsebench.experiments.floors.comparison import FLOORS
from sparsebench.experiments.floors.items import FloorItem
from sparsebench.harness.experiment import Experiment, Items, Measurement, late

EXPERIMENT = Experiment(
    name="floors",
    tables=late("sparsebench.experiments.floors.summary:floor_tables"),
    sections=late("sparsebench.experiments.floors.section:sections"),
    remarks=late("sparsebench.experiments.floors.section:remarks"),
    markdown=late("sparsebench.experiments.floors.table:markdown"),
    items=(Items(item=FloorItem),),
    measurements=(
        Measurement(
            name="floor",
            case=FloorCase,
            measure=measure.measure,
            cache_key=measure.cache_key,
            policy=FLOORS,
            metrics=("methods", "loss"),
            tables=("loss",),
        ),
    ),
)
