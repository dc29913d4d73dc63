"""Published claims about base models, and the records that are evidence for them."""

from __future__ import annotations

from sparsebench.experiments.base.items import base_items
from sparsebench.experiments.pruning.table import evidence
from sparsebench.report.every_claim import ClaimRow, rows_of
from sparsebench.report.measured import Measured


def claim_rows(measured: Measured) -> list[ClaimRow]:
    """The claims about every variant."""
    return measured.once(_rows)


def _rows(measured: Measured) -> list[ClaimRow]:
    return rows_of("trained", base_items(), evidence(measured))
