"""What was published about base models, and the records that are evidence for it."""

from __future__ import annotations

from dataclasses import replace

from sparsebench.experiments.base.items import BaseItem, base_items
from sparsebench.experiments.pruning.table import by_item
from sparsebench.report.every_claim import ClaimRow, Evidence, rows_of
from sparsebench.report.measured import Measured


def claim_rows(measured: Measured) -> list[ClaimRow]:
    """The claims about every variant."""
    return measured.once(_rows)


def _rows(measured: Measured) -> list[ClaimRow]:
    evidence: Evidence = {
        (replace(each.item, semantics="published"), each.item.semantics): each.records
        for each in measured.of(by_item)
        if isinstance(each.item, BaseItem)
    }
    return rows_of("trained", base_items(), evidence)
