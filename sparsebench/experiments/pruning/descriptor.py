"""Experiment: trained base models pruned and evaluated, without fine-tuning (thesis, section 6.2)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from sparsebench.experiments.pruning import measure
from sparsebench.experiments.pruning.cases import PruningCase
from sparsebench.experiments.pruning.claims import pruning_claims
from sparsebench.experiments.pruning.items import PruningCell
from sparsebench.harness.experiment import Cost, Experiment, Items, Measurement

if TYPE_CHECKING:
    from rich.console import RenderableType

    from sparsebench.parts.records import Record, Verdict


def _cost(case: PruningCase) -> Cost:
    return f"pruning {case.variant}", 1


def _tables(records: Sequence[Record], verdicts: Sequence[Verdict]) -> Iterable[RenderableType]:
    from sparsebench.experiments.pruning.summary import pruning_tables  # rich

    return pruning_tables(records, verdicts)


EXPERIMENT = Experiment(
    name="pruning",
    tables=_tables,
    items=(Items(cell=PruningCell, claims=pruning_claims),),
    measurements=(
        Measurement(
            name="pruning",
            case=PruningCase,
            measure=measure.measure,
            networks=lambda case, from_scratch: [case.base],
            content=measure.content,
            forward=measure.passes,
            cost=_cost,
            metrics=("accuracy", "strings"),
        ),
    ),
)
