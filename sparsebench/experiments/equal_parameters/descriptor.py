"""Experiment: four ways to spend the same number of weights (slides, sections 5.2 and 5.3)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from sparsebench.experiments.equal_parameters import measure
from sparsebench.experiments.equal_parameters.cases import FourWaysCase
from sparsebench.experiments.equal_parameters.matching import network_case_of
from sparsebench.experiments.random_wiring.items import FourWaysCell
from sparsebench.harness.experiment import Experiment, Items, Measurement
from sparsebench.harness.forward_passes import trained

if TYPE_CHECKING:
    from rich.console import RenderableType

    from sparsebench.parts.records import Record, Verdict


def _tables(records: Sequence[Record], verdicts: Sequence[Verdict]) -> Iterable[RenderableType]:
    from sparsebench.experiments.random_wiring.summary import wired_tables  # rich

    return wired_tables([each for each in records if each.experiment == "four_ways"], verdicts)


EXPERIMENT = Experiment(
    name="equal_parameters",
    tables=_tables,
    items=(Items(cell=FourWaysCell),),
    measurements=(
        Measurement(
            name="four_ways",
            case=FourWaysCase,
            measure=measure.measure,
            networks=lambda case, from_scratch: [network_case_of(case)],
            forward=lambda case, bench: trained(network_case_of(case), bench),
            metrics=("accuracy", "strings", "kept"),
        ),
    ),
)
