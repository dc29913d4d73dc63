"""Items of floors: one for each task."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from sparsebench.experiments.floors.cases import FloorCase
from sparsebench.parts.tasks import name_of
from sparsebench.values.checks import listed
from sparsebench.values.identity import Case
from sparsebench.values.tasks import Task


@dataclass(frozen=True)
class FloorItem:
    """What methods without recurrence reach on a task.

    Attributes
    ----------
    task
        The task.
    """

    task: Task

    semantics: ClassVar[str] = "corrected"

    @property
    def id(self) -> str:
        """The id inside the brackets of the pytest item."""
        return name_of(self.task)

    def cases(self, seeds: Sequence[int]) -> list[Case]:
        """One case: nothing depends on a seed besides the task's own."""
        return [FloorCase(self.task)]


def floor_items(tasks: Iterable[Task]) -> list[FloorItem]:
    """Make the items of the floors under tasks.

    Parameters
    ----------
    tasks
        Descriptions of tasks, ours or a project's own; equal ones give one item.

    Returns
    -------
    list of FloorItem
        One for each task.

    Raises
    ------
    TypeError
        If the tasks are not a list, or one of them is no task.
    """
    return [FloorItem(task) for task in dict.fromkeys(listed("tasks", tasks))]
