"""Figures of several records, as everything that judges, compares or shows them takes them."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

from sparsebench.parts.records import Record


def accuracies(records: Sequence[Record]) -> list[float]:
    """The accuracy of each record, 0-1."""
    return [record.metrics["accuracy"] for record in records]


def regained(record: Record, epochs: int | None = None) -> float:
    """The best test accuracy, 0-1, after any of the first epochs of training again; of all if None."""
    return max(record.history["test_accuracy"][:epochs])


def epochs_to_regain(record: Record, level: float) -> int | None:
    """After how many epochs of training again the test accuracy is first at a level; None: never."""
    for epoch, accuracy in enumerate(record.history["test_accuracy"], 1):
        if accuracy >= level:
            return epoch
    return None


def time_ratio(records: Sequence[Record]) -> float | None:
    """Forward time over the dense network's, the mean of the timed records; None without any."""
    gated = [each.metrics["time_ratio"] for each in records if "time_ratio" in each.metrics]
    ratios = gated or [each.timing.ratio for each in records if each.timing is not None]
    return fmean(ratios) if ratios else None
