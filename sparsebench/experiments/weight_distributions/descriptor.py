"""Experiment: distributions of weights before and after pruning (proposal, 4; slides, 5.1 and 5.3)."""

from __future__ import annotations

from sparsebench.experiments.weight_distributions import measure
from sparsebench.experiments.weight_distributions.cases import WeightsCase
from sparsebench.experiments.weight_distributions.comparison import WEIGHTS
from sparsebench.experiments.weight_distributions.items import WeightsItem, WiredWeightsItem
from sparsebench.harness.experiment import Experiment, Items, Measurement, late
from sparsebench.parts.distributions import BINS
from sparsebench.parts.records import Record


def _check(case: WeightsCase, record: Record) -> None:
    for name, counts in record.history.items():
        if len(counts) != BINS + 2:
            raise ValueError(f"{len(counts)} bins of {name}, not {BINS + 2}")
        if sum(counts) != record.tables["count"].get(name):
            raise ValueError(f"the bins of {name} do not add up to its weights")


EXPERIMENT = Experiment(
    name="weight_distributions",
    tables=late("sparsebench.experiments.weight_distributions.summary:weight_tables"),
    sections=late("sparsebench.experiments.weight_distributions.section:sections"),
    markdown=late("sparsebench.experiments.weight_distributions.table:markdown"),
    items=(Items(item=WeightsItem), Items(item=WiredWeightsItem)),
    measurements=(
        Measurement(
            name="weights",
            case=WeightsCase,
            measure=measure.measure,
            networks=lambda case, from_scratch: [case.network],
            cache_key=measure.cache_key,
            policy=WEIGHTS,
            metrics=("kept", "prunable", "sd", "near_zero"),
            series=("i2h", "h2h", "both"),
            tables=("count", "mean", "sd", "near zero"),
            weights_of=lambda case: case.network,
            check=_check,
        ),
    ),
)
