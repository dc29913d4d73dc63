"""Experiment: the thesis author's own models and networks, beside the accuracies that he published.

Its benchmarks make its records, from the files of a checkout.
"""

from __future__ import annotations

from sparsebench.harness.experiment import Experiment, Measurement
from sparsebench.values.conformance_cases import ConformanceCase, WiredConformanceCase

EXPERIMENT = Experiment(
    name="conformance",
    measurements=tuple(
        Measurement(name="conformance", case=case, metrics=("accuracy", "strings"))
        for case in (ConformanceCase, WiredConformanceCase)
    ),
)
