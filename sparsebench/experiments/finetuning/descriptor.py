"""Experiment: pruned networks fine-tuned with their masks fixed (thesis, section 5.2; slides, 5.3)."""

from __future__ import annotations

from sparsebench.experiments.finetuning import measure
from sparsebench.experiments.finetuning.cases import FinetuningCase
from sparsebench.experiments.finetuning.claims import finetuning_claims, threshold_claims
from sparsebench.experiments.finetuning.items import FinetuningItem, ThresholdItem
from sparsebench.experiments.finetuning.network import pruned_network, training_start
from sparsebench.experiments.random_wiring.cases import WiredCase
from sparsebench.harness.experiment import Cost, Experiment, Items, Measurement, late
from sparsebench.harness.forward_passes import trained
from sparsebench.harness.networks import NetworkKind
from sparsebench.parts.records import Record


def _cost(case: FinetuningCase) -> Cost:
    wired = "wired " if isinstance(case.network, WiredCase) else ""
    how = "by a threshold" if case.percent is None else f"{case.percent} % of {case.target}"
    return f"retraining {wired}{case.variant}, {how}", case.training.length


def _check(case: FinetuningCase, record: Record) -> None:
    epochs = len(record.history.get("test_accuracy", ()))
    if epochs != case.training.length:
        raise ValueError(f"{epochs} test accuracies for {case.training.length} epochs")


EXPERIMENT = Experiment(
    name="finetuning",
    tables=late("sparsebench.experiments.finetuning.summary:finetuning_tables"),
    sections=late("sparsebench.experiments.finetuning.section:sections"),
    claim_rows=late("sparsebench.experiments.finetuning.claim_rows:claim_rows"),
    points=late("sparsebench.experiments.finetuning.points:points"),
    markdown=late("sparsebench.experiments.finetuning.table:markdown"),
    items=(
        Items(item=FinetuningItem, claims=finetuning_claims),
        Items(item=ThresholdItem, claims=threshold_claims),
    ),
    measurements=(
        Measurement(
            name="retraining",
            case=FinetuningCase,
            measure=measure.measure,
            forward=trained,
            cost=_cost,
            metrics=("accuracy", "strings", "accuracy_before", "kept"),
            check=_check,
            stored_series=("onset_loss", "test_accuracy"),
        ),
    ),
    networks=(
        NetworkKind(
            case=FinetuningCase,
            network=pruned_network,
            start=training_start,
            not_reproducible=lambda case: (
                f"criterion {case.criterion!r} gave two different masks for the same weights"
            ),
        ),
    ),
)
