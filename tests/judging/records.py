"""Records for tests that judge and compare: real cases, figures chosen by the test."""

from collections.abc import Sequence
from typing import Any

from sparsebench.experiments.base.items import BaseItem
from sparsebench.experiments.equal_parameters.cases import FourWaysCase
from sparsebench.experiments.equal_parameters.items import FourWaysItem
from sparsebench.experiments.finetuning.cases import FinetuningCase
from sparsebench.experiments.finetuning.items import FinetuningItem, ThresholdItem
from sparsebench.experiments.forward_time.items import SpeedItem
from sparsebench.experiments.pruning.items import PruningItem
from sparsebench.experiments.random_wiring.cases import WiredCase
from sparsebench.experiments.random_wiring.items import (
    FamiliesItem,
    VariantsItem,
    WiredItem,
    WiredPruningItem,
)
from sparsebench.parts.records import Record
from sparsebench.values.identity import canonical, digest


def records(
    item: BaseItem | PruningItem,
    accuracies: Sequence[float],
    *,
    weights: str = "same",
    kept: int = 10,
    first_epoch: float | None = None,
    first: int = 0,
) -> list[Record]:
    """One record of an item's accuracy per seed, the first of which may be chosen."""
    cases = item.cases(range(first, first + len(accuracies)))[: len(accuracies)]
    history = {} if first_epoch is None else {"train_accuracy": [first_epoch]}
    return [
        Record(
            digest=digest(case),
            experiment="base" if isinstance(item, BaseItem) else "pruning",
            case=canonical(case),
            metrics={"accuracy": accuracy, "strings": 6250, "kept": kept},
            history=history,
            weights=weights and f"{weights}{seed}",
        )
        for seed, (case, accuracy) in enumerate(zip(cases, accuracies, strict=True), first)
    ]


def onset(losses: Sequence[float], seed: int = 0) -> Record:
    """The record of the first steps of a training."""
    case = BaseItem("gru").cases([seed])[-1]
    return Record(
        digest=digest(case),
        experiment="onset",
        case=canonical(case),
        metrics={"first_loss": losses[0], "last_loss": losses[-1]},
        history={"loss": list(losses)},
    )


def networks(
    item: WiredItem | FamiliesItem | VariantsItem | WiredPruningItem | FourWaysItem,
    accuracies: Sequence[float],
    *,
    weights: str = "same",
    **changes: Any,
) -> list[Record]:
    """One record for each network of an item, in the order of its cases; `changes` are made to all."""
    cases = item.cases([])
    plain = {
        "metrics": {"strings": 6250, "kept": 100, "accuracy_before": 0.5},
        "history": {"onset_loss": [0.8, 0.75, 0.7, 0.7, 0.69], "test_accuracy": []},
        "properties": {"nodes": 20.0, "density": 0.1} if isinstance(cases[0], WiredCase) else {},
    }
    found = []
    for number, (case, accuracy) in enumerate(zip(cases, accuracies, strict=True)):
        record = Record(
            digest=digest(case),
            experiment=EXPERIMENTS[type(case)],
            case=canonical(case),
            weights=weights and f"{weights}{number}",
            **{**plain, **changes},
        )
        record.metrics = {**record.metrics, "accuracy": accuracy}
        found.append(record)
    return found


def retrained(
    item: FinetuningItem | ThresholdItem,
    courses: Sequence[Sequence[float]],
    *,
    trained: float = 1.0,
    first: int = 0,
    **changes: Any,
) -> list[Record]:
    """One record per seed of a pruned base model, by its accuracies after each epoch."""
    cases = item.cases(range(first, first + len(courses)))[-len(courses) :]
    metrics = {"strings": 6250, "kept": 100, "accuracy_before": 0.5, "accuracy_trained": trained}
    plain = {"weights": "same", "pruned_from": "base"}
    return [
        Record(
            digest=digest(case),
            experiment="retraining",
            case=canonical(case),
            metrics={**metrics, "accuracy": course[-1]},
            history={"test_accuracy": list(course), "onset_loss": [0.8, 0.75, 0.7, 0.7, 0.69]},
            **{**plain, **changes},
        )
        for case, course in zip(cases, courses, strict=True)
    ]


def forward(ratios: Sequence[float | None], *, kept: int = 100) -> list[Record]:
    """Records of an item's forward passes, which take so many times the dense network's time."""
    return [
        Record(
            digest=digest(case),
            experiment="forward",
            case=canonical(case),
            metrics={"kept": kept, "density": 0.1, **({"time_ratio": ratio} if ratio else {})},
            history={"time_ratios": [ratio] * 4} if ratio else {},
        )
        for case, ratio in zip(SpeedItem("gru").cases([0]), ratios, strict=False)
    ]


EXPERIMENTS = {WiredCase: "wired", FinetuningCase: "retraining", FourWaysCase: "four_ways"}
