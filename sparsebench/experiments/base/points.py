"""Points of the dense models in the comparison of accuracy and cost."""

from __future__ import annotations

from collections.abc import Iterable

from sparsebench.experiments.base.items import BaseItem
from sparsebench.experiments.forward_time.times import times_of_base_models
from sparsebench.experiments.pruning.table import by_item
from sparsebench.report.cost import Method, Point, accuracies_of
from sparsebench.report.drawing import INK
from sparsebench.report.measured import Measured

DENSE = Method("dense", "*", INK)


def points(measured: Measured) -> Iterable[Point]:
    """A point for each variant and semantics."""
    forward = measured.of(times_of_base_models)
    for result in measured.of(by_item):
        item = result.item
        if isinstance(item, BaseItem):
            time = result.ratio if result.ratio is not None else forward.get((item.variant, 0))
            count = len(result.records)
            yield Point(
                DENSE, "", item.variant, item.semantics, 1.0, result.accuracy, count, time,
                **accuracies_of(result.records),
            )  # fmt: skip
