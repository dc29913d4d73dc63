"""Published claims about groups of wired networks, and the records that are evidence for them."""

from __future__ import annotations

from sparsebench.experiments.random_wiring.items import (
    FamiliesItem,
    VariantsItem,
    families_items,
    variants_items,
)
from sparsebench.experiments.random_wiring.table import thesis_networks
from sparsebench.judging.item import BenchmarkItem
from sparsebench.parts.records import Record
from sparsebench.report.every_claim import ClaimRow, rows_of
from sparsebench.report.measured import Measured
from sparsebench.values.graphs import PUBLISHED_FAMILIES

GRAPHS = 100
"""Graphs of each family, in the thesis's own experiment."""


def claim_rows(measured: Measured) -> list[ClaimRow]:
    """The claims about families and variants, judged by all graphs in the records."""
    return measured.once(_rows)


def _rows(measured: Measured) -> list[ClaimRow]:
    evidence: dict[tuple[BenchmarkItem, str], list[Record]] = {}
    for case, record in measured.of(thesis_networks):
        if case.graph.family in PUBLISHED_FAMILIES:
            groups = FamiliesItem(case.variant, GRAPHS), VariantsItem(case.graph.family, GRAPHS)
            for group in groups:
                evidence.setdefault((group, case.semantics.name), []).append(record)
    items: list[BenchmarkItem] = [*families_items(GRAPHS), *variants_items(GRAPHS)]
    return rows_of("randomly wired", items, evidence)
