"""Experiment: forward times, relative to the dense network's."""

from __future__ import annotations

from sparsebench.experiments.forward_time import measure
from sparsebench.experiments.forward_time.cases import ForwardCase
from sparsebench.experiments.forward_time.comparison import TIMES
from sparsebench.experiments.forward_time.items import SpeedItem
from sparsebench.harness.experiment import Experiment, Items, Measurement

EXPERIMENT = Experiment(
    name="forward_time",
    sections=lambda measured: (),  # other sections show times beside accuracies
    items=(Items(item=SpeedItem),),
    measurements=(
        Measurement(
            name="forward",
            case=ForwardCase,
            measure=measure.measure,
            forward=measure.untrained,
            policy=TIMES,
            metrics=("kept",),
        ),
    ),
)
