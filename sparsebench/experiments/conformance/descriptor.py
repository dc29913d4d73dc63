"""Experiment: the thesis author's own models and networks, compared with his accuracies.

The benchmarks make its records, from the files of a checkout. Its items are of networks that are
trained here on his strings; their records are those of base models and of pruned ones.
"""

from __future__ import annotations

from sparsebench.experiments.conformance.author_strings import (
    AuthorStringsItem,
    author_strings_claims,
)
from sparsebench.experiments.conformance.cases import ConformanceCase, WiredConformanceCase
from sparsebench.harness.experiment import Experiment, Items, Measurement, late

EXPERIMENT = Experiment(
    name="conformance",
    sections=lambda measured: (),
    tables=late("sparsebench.experiments.conformance.summary:conformance_tables"),
    markdown=late(
        "sparsebench.experiments.conformance.author_strings_table:author_strings_markdown"
    ),
    items=(Items(item=AuthorStringsItem, claims=author_strings_claims),),
    measurements=tuple(
        Measurement(name="conformance", case=case, metrics=("accuracy", "strings"))
        for case in (ConformanceCase, WiredConformanceCase)
    ),
)
