"""Case of the floors under a task."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sparsebench.parts.tasks import task_kind_of
from sparsebench.values.kinds import kind
from sparsebench.values.tasks import Task


@kind("FloorCase", seeds={})
@dataclass(frozen=True)
class FloorCase:
    """Fit methods without recurrence to a task (`sparsebench.engines.floors`).

    Attributes
    ----------
    task
        Its description; the registry has the function that makes its examples.
    """

    task: Task

    variant: ClassVar[str] = "none"

    def __post_init__(self) -> None:
        task_kind_of(self.task)  # refuses an object that is not a task
