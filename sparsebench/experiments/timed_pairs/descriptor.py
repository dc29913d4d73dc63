"""Experiment: any two functions, timed in turn."""

from __future__ import annotations

from sparsebench.experiments.timed_pairs import measure
from sparsebench.experiments.timed_pairs.cases import TimedPairCase
from sparsebench.experiments.timed_pairs.comparison import PAIRS
from sparsebench.experiments.timed_pairs.items import PairItem
from sparsebench.harness.experiment import Experiment, Items, Measurement

EXPERIMENT = Experiment(
    name="timed_pairs",
    items=(Items(item=PairItem),),
    measurements=(
        Measurement(
            name="timed_pair",
            case=TimedPairCase,
            measure=measure.measure,
            policy=PAIRS,
            metrics=("time_ratio", "fastest", "fastest_other", "median", "median_other"),
        ),
    ),
)
