"""Experiment: the thesis author's own models and networks, compared with his accuracies.

The benchmarks make its records, from the files of a checkout.
"""

from __future__ import annotations

from sparsebench.experiments.conformance.cases import ConformanceCase, WiredConformanceCase
from sparsebench.harness.experiment import Experiment, Measurement, late

EXPERIMENT = Experiment(
    name="conformance",
    sections=lambda measured: (),
    tables=late("sparsebench.experiments.conformance.summary:conformance_tables"),
    measurements=tuple(
        Measurement(name="conformance", case=case, metrics=("accuracy", "strings"))
        for case in (ConformanceCase, WiredConformanceCase)
    ),
)
