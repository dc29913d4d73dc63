"""What was published about fine-tuned models, and the records that are evidence for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sparsebench.experiments.finetuning.items import RegainCell, ThresholdCell, regain_cells
from sparsebench.experiments.finetuning.table import by_regain_cell, regain_rank
from sparsebench.judging.cell import Cell
from sparsebench.parts.records import Record
from sparsebench.report.every_claim import ClaimRow, rows_of
from sparsebench.report.measured import Measured

REGAIN_EPOCHS, THRESHOLD_EPOCHS = 10, 12
"""Of the thesis's and the slides' own experiments."""


def claim_rows(measured: Measured) -> list[ClaimRow]:
    """The claims about every target, variant and percentage, then those about a threshold.

    A run may have fine-tuned for fewer epochs than the thesis: the longest training counts.
    """
    return measured.once(_rows)


def _rows(measured: Measured) -> list[ClaimRow]:
    evidence: dict[tuple[Cell, str], Sequence[Record]] = {}
    for each in sorted(measured.of(by_regain_cell), key=lambda each: regain_rank(each.cell)):
        epochs = REGAIN_EPOCHS if isinstance(each.cell, RegainCell) else THRESHOLD_EPOCHS
        cell = replace(each.cell, semantics="published", epochs=epochs, order=None)
        evidence[cell, each.cell.semantics] = each.records
    cells = regain_cells(REGAIN_EPOCHS, targets=("both", "i2h", "h2h"))
    return [
        *rows_of("trained again", cells, evidence),
        *rows_of("below a threshold", [ThresholdCell(THRESHOLD_EPOCHS)], evidence),
    ]
