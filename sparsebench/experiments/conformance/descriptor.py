"""Experiment: the thesis author's own models and networks, beside the accuracies that he published.

Its benchmarks make its records, from the files of a checkout.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from sparsebench.experiments.conformance.cases import ConformanceCase, WiredConformanceCase
from sparsebench.harness.experiment import Experiment, Measurement

if TYPE_CHECKING:
    from rich.console import RenderableType

    from sparsebench.parts.records import Record, Verdict


def _tables(records: Sequence[Record], verdicts: Sequence[Verdict]) -> Iterable[RenderableType]:
    from sparsebench.experiments.conformance.summary import conformance_tables  # rich

    return conformance_tables(records, verdicts)


EXPERIMENT = Experiment(
    name="conformance",
    tables=_tables,
    measurements=tuple(
        Measurement(name="conformance", case=case, metrics=("accuracy", "strings"))
        for case in (ConformanceCase, WiredConformanceCase)
    ),
)
