"""Records for tests that judge and compare: real cases, figures chosen by the test."""

from collections.abc import Sequence

from sparsebench.experiments.cells import BaseCell, PruningCell
from sparsebench.parts.records import Record
from sparsebench.values.case import canonical, digest


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
