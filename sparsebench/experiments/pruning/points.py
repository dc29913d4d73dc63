"""What pruned models cost and reach."""

from __future__ import annotations

from collections.abc import Iterable
from statistics import fmean

from sparsebench.experiments.forward_time.times import times_of_base_models
from sparsebench.experiments.pruning.items import PruningCell
from sparsebench.experiments.pruning.table import by_cell
from sparsebench.report.cost import Method, Point, dense_weights
from sparsebench.report.drawing import BLUE
from sparsebench.report.measured import Measured
from sparsebench.report.words import by_criterion

PRUNED = Method("pruned", "o", BLUE)


def points(measured: Measured) -> Iterable[Point]:
    """A point for each variant, target, percentage and criterion."""
    forward = measured.of(times_of_base_models)
    for result in measured.of(by_cell):
        cell, records = result.cell, result.records
        metrics = records[0].metrics
        if isinstance(cell, PruningCell) and "prunable" in metrics and "kept" in metrics:
            gone = fmean(each.metrics["prunable"] - each.metrics["kept"] for each in records)
            time = result.ratio
            if time is None and cell.target == "both":
                time = forward.get((cell.variant, cell.percent))
            yield Point(
                PRUNED,
                f"{cell.target}, {cell.percent} %{by_criterion(cell.criterion)}",
                cell.variant,
                cell.semantics,
                1 - gone / dense_weights(cell.variant),
                result.accuracy,
                len(records),
                time,
            )
