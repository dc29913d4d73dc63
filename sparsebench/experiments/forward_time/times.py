"""Forward times of untrained base models, for the tables of accuracies of the trained ones."""

from __future__ import annotations

from collections.abc import Iterable

from sparsebench.experiments.forward_time.cases import ForwardCase
from sparsebench.parts.records import Record
from sparsebench.values.case import BaseCase


def times_of_base_models(records: Iterable[Record]) -> dict[tuple[str, int], float]:
    """Times relative to the dense model's, by variant and percentage pruned of both targets."""
    found = {}
    for record in records:
        if record.experiment == "forward" and "time_ratio" in record.metrics:
            case = record.restored
            if isinstance(case, ForwardCase) and isinstance(case.network, BaseCase):
                found[case.variant, case.percent] = record.metrics["time_ratio"]
    return found
