"""Points of the fine-tuned models in the comparison of accuracy and cost."""

from __future__ import annotations

from collections.abc import Iterable
from statistics import fmean

from sparsebench.experiments.finetuning.table import longest_finetuned
from sparsebench.judging.metrics import accuracies, time_ratio
from sparsebench.report.cost import Method, Point, accuracies_of, dense_weights
from sparsebench.report.drawing import VERMILION
from sparsebench.report.measured import Measured
from sparsebench.values.protocol import TARGETS

FINETUNED = Method("pruned, fine-tuned", "s", VERMILION)


def points(measured: Measured) -> Iterable[Point]:
    """A point for each variant, target of recurrent weights, and percentage."""
    for item, result in measured.of(longest_finetuned):
        if item.target not in TARGETS:
            continue
        kept = fmean(each.metrics["kept"] for each in result.records)
        yield Point(
            FINETUNED,
            f"{item.target}, {item.percent} %",
            item.variant,
            item.semantics,
            kept / dense_weights(item.variant),
            fmean(accuracies(result.records)),
            len(result.records),
            time_ratio(result.records),
            item.percent,
            item.target,
            **accuracies_of(result.records),
        )
