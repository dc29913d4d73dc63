"""Published claims about pruned base models, and the records that are evidence for them."""

from __future__ import annotations

from sparsebench.experiments.pruning.items import pruning_items
from sparsebench.experiments.pruning.table import evidence
from sparsebench.report.every_claim import ClaimRow, rows_of
from sparsebench.report.measured import Measured

TARGETS = ("both", "i2h", "h2h")
"""In the order of the thesis's section 6.2."""


def claim_rows(measured: Measured) -> list[ClaimRow]:
    """The claims about every target, variant and percentage."""
    return measured.once(_rows)


def _rows(measured: Measured) -> list[ClaimRow]:
    return rows_of("pruned", pruning_items(targets=TARGETS), evidence(measured))
