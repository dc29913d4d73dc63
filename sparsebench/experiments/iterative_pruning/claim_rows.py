"""Published claims about rounds of iterative pruning, and the records that are evidence for them."""

from __future__ import annotations

from dataclasses import replace

from sparsebench.experiments.iterative_pruning.items import (
    WORK,
    IterativePruningItem,
    iterative_pruning_items,
)
from sparsebench.experiments.iterative_pruning.table import Round, by_round, epochs_of_protocol
from sparsebench.judging.item import BenchmarkItem
from sparsebench.parts.records import Record
from sparsebench.report.every_claim import ClaimRow, rows_of
from sparsebench.report.measured import Measured
from sparsebench.values.protocol import ReberStrings


def claim_rows(measured: Measured) -> list[ClaimRow]:
    """The claims about every round of the quick profile and every other measured one.

    Of the same round after trainings of different lengths, the longest measured one counts.
    """
    return measured.once(_rows)


def _rows(measured: Measured) -> list[ClaimRow]:
    found = {item: records for item, records in map(_evidence, by_round(measured.records)) if item}
    longest = {item.id: item for item in sorted(found, key=lambda item: item.epochs)}
    work = WORK["quick"]
    planned = iterative_pruning_items(
        work.variants, work.targets, work.percents, work.epochs, work.rewinds
    )
    items = {**{item.id: item for item in planned}, **longest}.values()
    evidence: dict[tuple[BenchmarkItem, str], list[Record]] = {
        (item, "corrected"): found[item] for item in longest.values()
    }
    rows = rows_of("iterative pruning", items, evidence)
    return [replace(row, speaks_of="corrected") for row in rows]


def _evidence(found: Round) -> tuple[IterativePruningItem | None, list[Record]]:
    """The item that a round belongs to, with its records; None for networks of other sizes."""
    case, records = found.case, [*found.rewound, *found.new, *found.once]
    task = case.original.data
    if not isinstance(task, ReberStrings):
        return None, records
    epochs = epochs_of_protocol(case)
    item = IterativePruningItem(case.variant, case.target, case.percents, epochs, case.rewind, task)
    return (item if item.cases([case.seed])[0] == case else None), records
