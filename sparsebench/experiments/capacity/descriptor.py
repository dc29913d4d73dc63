"""Experiment: what networks store, remember and predict on other tasks (report on capacity)."""

from __future__ import annotations

from sparsebench.experiments.capacity import measure
from sparsebench.experiments.capacity.cases import TaskCase
from sparsebench.experiments.capacity.claims import judge_tasks
from sparsebench.experiments.capacity.items import CapacityItem, CapacityVariantsItem
from sparsebench.experiments.capacity.network import task_network, training_start
from sparsebench.experiments.capacity.report_items import (
    FewPointsItem,
    FunctionItem,
    FunctionVariantsItem,
    InitialisationsItem,
    LongMemoryItem,
    OptimisersItem,
    RecallItem,
)
from sparsebench.experiments.capacity.sequence_claims import judge_sequences
from sparsebench.experiments.capacity.sequence_items import ShiftsItem, SmallItem
from sparsebench.experiments.capacity.task_items import TaskItem
from sparsebench.experiments.finetuning.cases import FinetuningCase
from sparsebench.harness.experiment import Cost, Experiment, Items, Measurement, late
from sparsebench.harness.networks import NetworkKind
from sparsebench.judging.loss_change import LOSSES
from sparsebench.parts.tasks import task_kind_of
from sparsebench.parts.wired import drew_two_graphs
from sparsebench.values.case import origin_of
from sparsebench.values.kinds import kind_of


def _epochs(case: TaskCase | FinetuningCase) -> float:
    """Epochs, for the cost plan: those of one task may differ a thousandfold between profiles."""
    return case.training.length * task_kind_of(case.data).size(case.data)


def _cost(case: TaskCase) -> Cost:
    return f"training {case.variant} on {kind_of(type(case.task)).name}", _epochs(case)


def _pruned_cost(case: FinetuningCase) -> Cost:
    what = f"retraining {case.variant} on {kind_of(type(case.data)).name}"
    return f"{what}, {case.percent} % of {case.target}", _epochs(case)


METRICS = ("loss", "loss_before", "parameters", "kept")


EXPERIMENT = Experiment(
    name="capacity",
    tables=late("sparsebench.experiments.capacity.summary:capacity_tables"),
    sections=late("sparsebench.experiments.capacity.section:sections"),
    claim_rows=late("sparsebench.experiments.capacity.claim_rows:claim_rows"),
    claimed=lambda settings: settings.work.tasks.claimed,
    items=(
        Items(item=TaskItem, verdicts=judge_sequences),
        Items(item=ShiftsItem, verdicts=judge_sequences),
        Items(item=SmallItem),
        *(
            Items(item=item, verdicts=judge_tasks)
            for item in (
                CapacityItem,
                CapacityVariantsItem,
                FewPointsItem,
                FunctionItem,
                FunctionVariantsItem,
                InitialisationsItem,
                LongMemoryItem,
                OptimisersItem,
                RecallItem,
            )
        ),
    ),
    measurements=(
        Measurement(
            name="task",
            case=TaskCase,
            measure=measure.measure,
            cost=_cost,
            policy=LOSSES,
            metrics=METRICS,
            shares=("letters_right",),
        ),
        Measurement(
            name="pruned_task",
            case=FinetuningCase,
            of=lambda case: isinstance(origin_of(case), TaskCase),
            measure=measure.measure,
            cost=_pruned_cost,
            policy=LOSSES,
            metrics=(*METRICS, "density"),
            shares=("letters_right",),
        ),
    ),
    networks=(
        NetworkKind(
            case=TaskCase,
            network=task_network,
            start=training_start,
            not_reproducible=lambda case: drew_two_graphs(case.graph),
        ),
    ),
)
