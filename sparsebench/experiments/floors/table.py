"""Floors in tables: of all tasks, and of one task beside its networks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import MISSING, fields
from typing import Any

from sparsebench.experiments.floors.cases import FloorCase
from sparsebench.harness.experiment import RecordOf
from sparsebench.parts.records import Record
from sparsebench.parts.tasks import is_task, name_of, task_kind_of, task_kinds
from sparsebench.report.contents import Column, Entry, Table
from sparsebench.report.markdown import table as markdown_table
from sparsebench.values.identity import digest, subject_of
from sparsebench.values.tasks import Task

METRICS = {"accuracy": "accuracy", "letters_right": "steps right", "loss": "loss"}
"""Metrics of the table of all tasks, and their headings."""


def floors_under(
    tasks: Iterable[Task], metric: str, record_of: RecordOf
) -> list[tuple[str, str, float]]:
    """Task, method and figure, of all methods that are known for some tasks.

    Parameters
    ----------
    tasks
        The tasks.
    metric
        A metric of networks on them.
    record_of
        Looks up the record of a case.
    """
    found = ((task, record_of(FloorCase(task))) for task in dict.fromkeys(tasks))
    return [
        (name_of(task), method, figure)
        for task, record in found
        if record is not None
        for method, figure in record.tables.get(metric, {}).items()
    ]


def among(records: Iterable[Record]) -> RecordOf:
    """A lookup of floors among some records."""
    known = {record.digest: record for record in records if record.experiment == "floor"}
    return lambda case: known.get(digest(case))


def floor_notes(tasks: Iterable[Task], record_of: RecordOf) -> Iterator[str]:
    """A sentence for each task whose floors are known: the accuracy of the least and the best one."""
    by_task: dict[str, list[tuple[str, float]]] = {}
    for task, method, accuracy in floors_under(tasks, "accuracy", record_of):
        by_task.setdefault(task, []).append((method, accuracy))
    for task, found in by_task.items():
        (least, low), (best, high) = found[0], max(found, key=lambda pair: pair[1])
        yield (
            f"Accuracy without recurrence, {task}: {100 * low:.1f} % ({least}) to "
            f"{100 * high:.1f} % ({best})"
        )


def tasks_without_table(records: Iterable[Record]) -> Iterator[Task]:
    """The tasks of networks whose figures are not shown by task, where floors would have rows."""
    for record in records:
        task: Any = getattr(subject_of(record.restored), "data", None)
        if is_task(task) and task_kind_of(task).figures == ():
            yield task


def floors_table(records: Sequence[Record]) -> Table:
    """All floors: a row for each task and method."""
    kinds = [kind.task for kind in task_kinds()]
    found = [(record.restored.task, record) for record in records if record.experiment == "floor"]
    rows: list[list[Entry]] = []
    for task, record in sorted(found, key=lambda pair: kinds.index(type(pair[0]))):
        for method in record.tables["loss"]:
            figures = (record.tables.get(each, {}).get(method) for each in METRICS)
            rows.append([name_of(task), _own(task), method, *figures])
    return Table(
        "floors",
        "What methods without recurrence reach on each task",
        (
            Column("task", choice=True),
            Column("with"),
            Column("method", choice=True),
            *(Column(title, ".4f") for title in METRICS.values()),
        ),
        rows,
    )


def _own(task: Any) -> str:
    """The numbers by which a task differs from the default one, as tasks of one name may."""
    numbers = [
        (each.name, getattr(task, each.name))
        for each in fields(task)
        if each.default is not MISSING and getattr(task, each.name) != each.default
    ]
    return ", ".join(f"{value} {name}" for name, value in numbers if isinstance(value, int | float))


def markdown(records: Sequence[Record]) -> Iterable[str]:
    """The table of all floors."""
    table = floors_table(records)
    if table.rows:
        yield markdown_table([column.title for column in table.columns], table.texts)
