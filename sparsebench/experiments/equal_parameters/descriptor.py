"""Experiment: four ways to spend the same number of weights (slides, sections 5.2 and 5.3)."""

from __future__ import annotations

from sparsebench.experiments.equal_parameters import measure
from sparsebench.experiments.equal_parameters.cases import FourWaysCase
from sparsebench.experiments.equal_parameters.items import FourWaysItem
from sparsebench.experiments.equal_parameters.matching import network_case_of
from sparsebench.harness.experiment import Experiment, Items, Measurement, late
from sparsebench.harness.forward_passes import trained

EXPERIMENT = Experiment(
    name="equal_parameters",
    tables=late("sparsebench.experiments.equal_parameters.summary:four_ways_tables"),
    sections=late("sparsebench.experiments.equal_parameters.section:sections"),
    markdown=late("sparsebench.experiments.equal_parameters.table:markdown"),
    points=late("sparsebench.experiments.equal_parameters.points:points"),
    items=(Items(item=FourWaysItem),),
    measurements=(
        Measurement(
            name="four_ways",
            case=FourWaysCase,
            measure=measure.measure,
            networks=lambda case, from_scratch: [network_case_of(case)],
            forward=lambda case, bench: trained(network_case_of(case), bench),
            metrics=("accuracy", "strings", "kept"),
            stored_series=("onset_loss", "test_accuracy"),
        ),
    ),
)
