"""What was published about groups of wired networks, and the records that are evidence for it."""

from __future__ import annotations

from sparsebench.experiments.random_wiring.items import (
    FamiliesCell,
    VariantsCell,
    families_cells,
    variants_cells,
)
from sparsebench.experiments.random_wiring.table import thesis_networks
from sparsebench.judging.cell import Cell
from sparsebench.parts.records import Record
from sparsebench.report.every_claim import ClaimRow, rows_of
from sparsebench.report.measured import Measured
from sparsebench.values.graphs import PUBLISHED_FAMILIES

GRAPHS = 100
"""Of each family, in the thesis's own experiment."""


def claim_rows(measured: Measured) -> list[ClaimRow]:
    """The claims about families and variants, judged by all the graphs that there are."""
    return measured.once(_rows)


def _rows(measured: Measured) -> list[ClaimRow]:
    evidence: dict[tuple[Cell, str], list[Record]] = {}
    for case, record in measured.of(thesis_networks):
        if case.graph.family in PUBLISHED_FAMILIES:
            groups = FamiliesCell(case.variant, GRAPHS), VariantsCell(case.graph.family, GRAPHS)
            for group in groups:
                evidence.setdefault((group, case.semantics.name), []).append(record)
    cells: list[Cell] = [*families_cells(GRAPHS), *variants_cells(GRAPHS)]
    return rows_of("randomly wired", cells, evidence)
