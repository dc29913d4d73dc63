"""Published claims about analyses, for those that were measured."""

from __future__ import annotations

from dataclasses import replace

from sparsebench.experiments.graph_statistics.items import CorrelationItem
from sparsebench.experiments.graph_statistics.table import analysis_claims
from sparsebench.judging.item import BenchmarkItem
from sparsebench.parts.records import Verdict
from sparsebench.report.every_claim import ClaimRow
from sparsebench.report.measured import Measured

GRAPHS = 100
"""Graphs of each family, in the thesis's own experiment."""


def claim_rows(measured: Measured) -> list[ClaimRow]:
    """The claims about correlations and predictions, whatever the semantics."""
    return measured.once(_rows)


def _rows(measured: Measured) -> list[ClaimRow]:
    found: dict[tuple[str, BenchmarkItem, str], dict[str, Verdict]] = {}
    for analysis, verdict in measured.of(analysis_claims):
        experiment = "correlated" if isinstance(analysis, CorrelationItem) else "predicted"
        of_all = replace(analysis, semantics="published", graphs=GRAPHS, first=0)
        verdicts = found.setdefault((experiment, of_all, verdict.statement), {})
        verdicts.setdefault(analysis.semantics, verdict)
    rows = []
    for (experiment, item, statement), verdicts in found.items():
        first = next(iter(verdicts.values()))
        low, high = first.expected
        source = first.source.removeprefix("thesis, ")
        rows.append(ClaimRow(experiment, item, statement, source, low, high, verdicts))
    return rows
