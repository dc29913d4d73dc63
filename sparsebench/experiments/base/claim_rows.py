"""What was published about base models, and the records that are evidence for it."""

from __future__ import annotations

from dataclasses import replace

from sparsebench.experiments.base.items import BaseCell, base_cells
from sparsebench.experiments.pruning.table import by_cell
from sparsebench.report.every_claim import ClaimRow, Evidence, rows_of
from sparsebench.report.measured import Measured


def claim_rows(measured: Measured) -> list[ClaimRow]:
    """The claims about every variant."""
    return measured.once(_rows)


def _rows(measured: Measured) -> list[ClaimRow]:
    evidence: Evidence = {
        (replace(each.cell, semantics="published"), each.cell.semantics): each.records
        for each in measured.of(by_cell)
        if isinstance(each.cell, BaseCell)
    }
    return rows_of("trained", base_cells(), evidence)
