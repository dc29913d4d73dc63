"""Points of pruned models in the comparison of accuracy and cost."""

from __future__ import annotations

from collections.abc import Iterable
from statistics import fmean

from sparsebench.experiments.forward_time.times import times_of_base_models
from sparsebench.experiments.pruning.items import PruningItem
from sparsebench.experiments.pruning.table import by_item
from sparsebench.report.cost import Method, Point, accuracies_of, dense_weights
from sparsebench.report.drawing import BLUE
from sparsebench.report.measured import Measured
from sparsebench.report.words import by_criterion
from sparsebench.values.protocol import TARGETS

PRUNED = Method("pruned", "o", BLUE)


def points(measured: Measured) -> Iterable[Point]:
    """A point for each variant, target of recurrent weights, percentage and criterion."""
    forward = measured.of(times_of_base_models)
    for result in measured.of(by_item):
        item, records = result.item, result.records
        metrics = records[0].metrics
        if not isinstance(item, PruningItem) or item.target not in TARGETS:
            continue
        if "prunable" in metrics and "kept" in metrics:
            gone = fmean(each.metrics["prunable"] - each.metrics["kept"] for each in records)
            time = result.ratio
            if time is None and item.target == "both":
                time = forward.get((item.variant, item.percent))
            yield Point(
                PRUNED,
                f"{item.target}, {item.percent} %{by_criterion(item.criterion)}",
                item.variant,
                item.semantics,
                1 - gone / dense_weights(item.variant),
                result.accuracy,
                len(records),
                time,
                item.percent,
                f"{item.target}{by_criterion(item.criterion)}",
                **accuracies_of(records),
            )
