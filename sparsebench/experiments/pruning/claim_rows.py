"""What was published about pruned base models, and the records that are evidence for it."""

from __future__ import annotations

from dataclasses import replace

from sparsebench.experiments.pruning.items import PruningCell, pruning_cells
from sparsebench.experiments.pruning.table import by_cell
from sparsebench.report.every_claim import ClaimRow, Evidence, rows_of
from sparsebench.report.measured import Measured

TARGETS = ("both", "i2h", "h2h")
"""In the order of the thesis's section 6.2."""


def claim_rows(measured: Measured) -> list[ClaimRow]:
    """The claims about every target, variant and percentage."""
    return measured.once(_rows)


def _rows(measured: Measured) -> list[ClaimRow]:
    evidence: Evidence = {
        (replace(each.cell, semantics="published"), each.cell.semantics): each.records
        for each in measured.of(by_cell)
        if isinstance(each.cell, PruningCell)
    }
    return rows_of("pruned", pruning_cells(targets=TARGETS), evidence)
