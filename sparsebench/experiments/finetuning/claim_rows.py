"""Published claims about fine-tuned models, and the records that are evidence for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sparsebench.experiments.finetuning.items import FinetuningItem, ThresholdItem, finetuning_items
from sparsebench.experiments.finetuning.table import by_finetuning_item, finetuning_rank
from sparsebench.judging.item import BenchmarkItem
from sparsebench.parts.records import Record
from sparsebench.report.every_claim import ClaimRow, rows_of
from sparsebench.report.measured import Measured

REGAIN_EPOCHS, THRESHOLD_EPOCHS = 10, 12
"""Epochs of fine-tuning in the thesis's and the slides' own experiments."""


def claim_rows(measured: Measured) -> list[ClaimRow]:
    """The claims by target, variant and percentage, then those about a threshold.

    A run may fine-tune for fewer epochs than the thesis; the longest training is judged.
    """
    return measured.once(_rows)


def _rows(measured: Measured) -> list[ClaimRow]:
    evidence: dict[tuple[BenchmarkItem, str], Sequence[Record]] = {}
    for each in sorted(
        measured.of(by_finetuning_item), key=lambda each: finetuning_rank(each.item)
    ):
        epochs = REGAIN_EPOCHS if isinstance(each.item, FinetuningItem) else THRESHOLD_EPOCHS
        item = replace(each.item, semantics="published", epochs=epochs, order=None)
        evidence[item, each.item.semantics] = each.records
    items = finetuning_items(REGAIN_EPOCHS, targets=("both", "i2h", "h2h"))
    return [
        *rows_of("fine-tuned", items, evidence),
        *rows_of("below a threshold", [ThresholdItem(THRESHOLD_EPOCHS)], evidence),
    ]
