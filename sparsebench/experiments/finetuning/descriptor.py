"""Experiment: pruned networks fine-tuned with their masks fixed (thesis, section 5.2; slides, 5.3)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from sparsebench.experiments.finetuning import measure
from sparsebench.experiments.finetuning.cases import RetrainingCase
from sparsebench.experiments.finetuning.claims import regain_claims, threshold_claims
from sparsebench.experiments.finetuning.items import RegainCell, ThresholdCell
from sparsebench.experiments.finetuning.network import beginning, pruned_network
from sparsebench.experiments.random_wiring.cases import WiredCase
from sparsebench.harness.experiment import Cost, Experiment, Items, Measurement
from sparsebench.harness.forward_passes import trained
from sparsebench.harness.networks import NetworkKind

if TYPE_CHECKING:
    from rich.console import RenderableType

    from sparsebench.parts.records import Record, Verdict


def _cost(case: RetrainingCase) -> Cost:
    wired = "wired " if isinstance(case.network, WiredCase) else ""
    how = "by a threshold" if case.percent is None else f"{case.percent} % of {case.target}"
    return f"retraining {wired}{case.variant}, {how}", case.training.length


def _tables(records: Sequence[Record], verdicts: Sequence[Verdict]) -> Iterable[RenderableType]:
    from sparsebench.experiments.finetuning.summary import regain_tables  # rich

    return regain_tables(records, verdicts)


EXPERIMENT = Experiment(
    name="finetuning",
    tables=_tables,
    items=(
        Items(cell=RegainCell, claims=regain_claims),
        Items(cell=ThresholdCell, claims=threshold_claims),
    ),
    measurements=(
        Measurement(
            name="retraining",
            case=RetrainingCase,
            measure=measure.measure,
            forward=trained,
            networks=lambda case, from_scratch: [case.network],
            cost=_cost,
            metrics=("accuracy", "strings", "accuracy_before", "kept"),
        ),
    ),
    networks=(
        NetworkKind(
            case=RetrainingCase,
            made_from=lambda case: (case.network,),
            network=pruned_network,
            beginning=beginning,
            complaint=lambda case: (
                f"criterion {case.criterion!r} gave two different masks for the same weights"
            ),
        ),
    ),
)
