"""Measure what methods without recurrence reach on a task."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version

import numpy as np

from sparsebench.experiments.floors.cases import FloorCase
from sparsebench.harness.context import Bench
from sparsebench.parts.examples import Examples
from sparsebench.parts.records import Record
from sparsebench.parts.tasks import checksum, task_kind_of
from sparsebench.values.identity import canonical, digest


@dataclass(frozen=True, eq=False)
class _Answered:
    """What a method answered (`sparsebench.parts.task_kind.Answered`)."""

    metrics: Mapping[str, float]
    test: Examples
    said: np.ndarray
    answer: Callable[[Examples], np.ndarray]


def measure(case: FloorCase, bench: Bench) -> Record:
    """Fit all methods that apply to a task, and judge them as networks are judged.

    Parameters
    ----------
    case
        The task.
    bench
        Makes its examples.

    Returns
    -------
    Record
        A table for each metric that networks on the task have, `loss`, `accuracy` or
        `letters_right`, and the task's own, with a figure for each method. The metrics `methods`,
        their number, and `loss`, the lowest of all.
    """
    from sparsebench.engines.floors import judged, methods_for

    data, kind = bench.dataset(case.task), task_kind_of(case.task)
    tables: dict[str, dict[str, float]] = {}
    words, repeated = kind.words(case.task), kind.repeated(case.task)
    for name, answer in methods_for(data, case.task.classes, words, repeated).items():
        said = answer(data.test)
        figures = judged(said, data.test)
        answered = _Answered(figures, data.test, said, answer)
        figures |= kind.metrics(case.task, answered)
        for metric, figure in figures.items():
            tables.setdefault(metric, {})[name] = float(figure)
    losses = tables["loss"]
    return Record(
        digest=digest(case),
        experiment="floor",
        case=canonical(case),
        metrics={"methods": len(losses), "loss": min(losses.values())},
        tables=tables,
        provenance=bench.note(bench.here),
    )


def cache_key(case: FloorCase, bench: Bench) -> str:
    """The examples, and the library that fits the models; with the code, they decide the figures."""
    return f"{checksum(bench.dataset(case.task))} scikit-learn {version('scikit-learn')}"
