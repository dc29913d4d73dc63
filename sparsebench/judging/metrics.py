"""Figures computed from several records, shared by judging, comparison and report."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

from sparsebench.parts.records import Record


def accuracies(records: Sequence[Record]) -> list[float]:
    """The accuracy of each record, 0-1."""
    return [record.metrics["accuracy"] for record in records]


def regained(record: Record, epochs: int | None = None) -> float:
    """The best test accuracy, 0-1, within the first epochs of fine-tuning; None: within all."""
    return max(record.history["test_accuracy"][:epochs])


def epochs_to_regain(record: Record, level: float) -> int | None:
    """The epoch of fine-tuning, from 1, in which test accuracy first reaches a level; None: never."""
    for epoch, accuracy in enumerate(record.history["test_accuracy"], 1):
        if accuracy >= level:
            return epoch
    return None


def time_ratio(records: Sequence[Record]) -> float | None:
    """Forward time relative to the dense network, mean over the timed records; None without any."""
    gated = [each.metrics["time_ratio"] for each in records if "time_ratio" in each.metrics]
    ratios = gated or [each.timing.ratio for each in records if each.timing is not None]
    return fmean(ratios) if ratios else None
