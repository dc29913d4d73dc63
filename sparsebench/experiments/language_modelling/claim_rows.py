"""The claims of the report on capacity about networks that predict letters, for measured ones."""

from __future__ import annotations

from sparsebench.experiments.capacity.claim_rows import rows_of_tasks, task_records
from sparsebench.experiments.language_modelling.items import LettersItem, letters_items
from sparsebench.harness.task_profiles import TaskWork
from sparsebench.report.every_claim import ClaimRow
from sparsebench.report.measured import Measured
from sparsebench.values.tasks import NextLetters, TextLetters


def claim_rows(measured: Measured) -> list[ClaimRow]:
    """The claims about every grammar and text that has records."""
    return measured.once(_rows)


def _rows(measured: Measured) -> list[ClaimRow]:
    asked = [case.task for case, _ in measured.of(task_records).values()]
    tasks = dict.fromkeys(task for task in asked if isinstance(task, NextLetters | TextLetters))

    def items(work: TaskWork) -> list[LettersItem]:
        return [item for item in letters_items(work, tasks) if item.plain]

    return rows_of_tasks("letters", items, measured)
