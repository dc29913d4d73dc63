"""Records for tests that judge and compare: real cases, figures chosen by the test."""

from collections.abc import Sequence
from typing import Any

from sparsebench.experiments.cells import BaseCell, PruningCell
from sparsebench.experiments.wired_cells import (
    FamiliesCell,
    FourWaysCell,
    VariantsCell,
    WiredCell,
    WiredPruningCell,
)
from sparsebench.parts.records import Record
from sparsebench.values.case import FourWaysCase, RetrainingCase, WiredCase, canonical, digest


def records(
    cell: BaseCell | PruningCell,
    accuracies: Sequence[float],
    *,
    weights: str = "same",
    kept: int = 10,
    first_epoch: float | None = None,
) -> list[Record]:
    """One record of a cell's accuracy per seed."""
    cases = cell.cases(range(len(accuracies)))[: len(accuracies)]
    history = {} if first_epoch is None else {"train_accuracy": [first_epoch]}
    return [
        Record(
            digest=digest(case),
            experiment="base" if isinstance(cell, BaseCell) else "pruning",
            case=canonical(case),
            metrics={"accuracy": accuracy, "strings": 6250, "kept": kept},
            history=history,
            weights=weights and f"{weights}{seed}",
        )
        for seed, (case, accuracy) in enumerate(zip(cases, accuracies, strict=True))
    ]


def onset(losses: Sequence[float]) -> Record:
    """The record of the first steps of a training."""
    case = BaseCell("gru").cases([0])[-1]
    return Record(
        digest=digest(case),
        experiment="onset",
        case=canonical(case),
        metrics={"first_loss": losses[0], "last_loss": losses[-1]},
        history={"loss": list(losses)},
    )


def networks(
    cell: WiredCell | FamiliesCell | VariantsCell | WiredPruningCell | FourWaysCell,
    accuracies: Sequence[float],
    *,
    weights: str = "same",
    **changes: Any,
) -> list[Record]:
    """One record for each network of a cell, in the order of its cases; `changes` are made to all."""
    cases = cell.cases([])
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


EXPERIMENTS = {WiredCase: "wired", RetrainingCase: "retraining", FourWaysCase: "four_ways"}
