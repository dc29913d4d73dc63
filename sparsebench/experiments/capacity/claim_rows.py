"""The claims of the report on capacity about tasks, for those that were measured."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from sparsebench.experiments.capacity.cases import TaskCase
from sparsebench.experiments.capacity.items import capacity_items, capacity_variants_items
from sparsebench.experiments.capacity.report_items import (
    FunctionVariantsItem,
    InitialisationsItem,
    OptimisersItem,
    few_points_items,
    function_items,
    long_memory_items,
    recall_items,
)
from sparsebench.experiments.capacity.sequence_items import sequence_items
from sparsebench.harness.claims import judge_claims
from sparsebench.harness.task_profiles import QUICK, THESIS, TaskWork
from sparsebench.judging.item import BenchmarkItem
from sparsebench.parts.records import Record
from sparsebench.report.every_claim import ClaimRow
from sparsebench.report.measured import Measured
from sparsebench.values.identity import digest

ItemsOf = Callable[[TaskWork], Iterable[BenchmarkItem]]
"""Makes the items of a profile."""


def claim_rows(measured: Measured) -> list[ClaimRow]:
    """The claims about tasks, judged by the longest trainings in the records."""
    return measured.once(_rows)


def _rows(measured: Measured) -> list[ClaimRow]:
    return rows_of_tasks("tasks", _items, measured)


def _items(work: TaskWork) -> list[BenchmarkItem]:
    functions = [item for item in function_items(work) if item.plain]
    few = [item for item in few_points_items(work) if item.plain]
    return [
        *(item for item in capacity_items(work) if item.plain),
        *capacity_variants_items(work),
        *(item for item in recall_items(work) if item.plain),
        *functions,
        FunctionVariantsItem((functions[0], functions[1])),
        *few,
        *([FunctionVariantsItem((few[0], few[1]))] if few else []),
        *(OptimisersItem(variant, work.reber_epochs) for variant in work.reber_variants),
        *(InitialisationsItem(variant, work.reber_epochs) for variant in work.reber_variants),
        *long_memory_items(work),
        *(item for item in sequence_items(work) if item.plain),
    ]


def rows_of_tasks(experiment: str, items_of: ItemsOf, measured: Measured) -> list[ClaimRow]:
    """Rows of the claims about items for which all sizes and kinds have records.

    Parameters
    ----------
    experiment
        Name of the experiment that the claims are about, as shown.
    items_of
        Makes the items of a profile. Those of the thesis profile are judged if complete, otherwise
        those of the quick profile.
    measured
        All records.
    """
    networks = measured.of(task_records)
    seeds = sorted({case.seed for case, _ in networks.values()})
    for work in (THESIS, QUICK):
        rows = [
            row for item in items_of(work) for row in _rows_of(experiment, item, seeds, networks)
        ]
        if rows:
            return rows
    return []


Networks = dict[str, tuple[TaskCase, Record]]
"""Records of unpruned networks, by digest."""


def task_records(records: Sequence[Record]) -> Networks:
    """The records of unpruned networks on tasks, with their cases."""
    return {
        record.digest: (record.restored, record)
        for record in records
        if record.experiment == "task"
    }


def _rows_of(
    experiment: str, item: BenchmarkItem, seeds: Sequence[int], networks: Networks
) -> list[ClaimRow]:
    digests = [digest(case) for case in item.cases(seeds)]
    found = [networks[name][1] for name in digests if name in networks]
    return [
        ClaimRow(
            experiment,
            item,
            verdict.statement,
            verdict.source,
            verdict.expected[0],
            verdict.expected[1],
            {item.semantics: verdict},
            item.semantics,
        )
        for verdict in (judge_claims(item, found) if found else ())
    ]
