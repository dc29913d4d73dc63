"""Items of the recognised sequence tasks, as large as a profile wants them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sparsebench.experiments.capacity.task_items import TaskItem
from sparsebench.harness.sequence_profiles import SequenceWork
from sparsebench.harness.task_profiles import TaskWork
from sparsebench.parts.tasks import is_available, task_kind_of
from sparsebench.values.checks import instance_of, listed, whole_number
from sparsebench.values.identity import Case
from sparsebench.values.sequence_tasks import MackeyGlass


@dataclass(frozen=True)
class ShiftsItem(TaskItem):
    """Networks of one variant on stretches of a Mackey-Glass series: how hard one is, is chance.

    Attributes
    ----------
    variant, task, units, training, percent, wired, semantics
        As in `TaskItem`; the task is a `MackeyGlass`.
    shifts
        The `shift` of each stretch, at least one. Every seed has a network on every stretch.
    """

    shifts: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        instance_of("task", self.task, MackeyGlass)
        object.__setattr__(self, "shifts", listed("shifts", self.shifts))
        for shift in self.shifts:
            whole_number("shifts", shift, 0)
        if not self.shifts or len(set(self.shifts)) < len(self.shifts):
            raise ValueError(
                f"shifts are {self.shifts}: give the shift of each stretch, at least one and none twice"
            )

    def cases(self, seeds: Sequence[int]) -> list[Case]:
        """Networks on each stretch, of each size, for each seed."""
        assert isinstance(self.task, MackeyGlass)
        return [
            case
            for shift in self.shifts
            for case in self._networks(
                replace(self.task, shift=shift), self.units, seeds, self.training
            )
        ]


@dataclass(frozen=True)
class SmallItem(TaskItem):
    """Dense networks of one variant with as many recurrent weights as pruning leaves larger ones.

    Attributes
    ----------
    variant, task, units, training, percent, wired, semantics
        As in `TaskItem`; nothing is pruned or wired.
    """

    @property
    def plain(self) -> bool:
        """What was published is about the large networks."""
        return False

    @property
    def _how(self) -> str:
        return f"-small{super()._how}"


def sequence_items(work: TaskWork, extras: bool = False) -> list[TaskItem]:
    """Make the items of adding, copying, digits by steps, MNIST-1D and the Mackey-Glass series.

    Parameters
    ----------
    work
        The profile's work on tasks, `settings.work.tasks`.
    extras
        Instead of these, the items of tasks whose data come with an optional package, such as
        Japanese vowels, if it is installed.

    Returns
    -------
    list of TaskItem
        One for each task, variant and percentage; a `ShiftsItem` where the work has shifts and
        nothing is pruned. One of small dense networks and one of wired ones, where the work has
        them.
    """
    return [
        item
        for each in work.sequences
        if bool(task_kind_of(each.task).needs) == extras and is_available(each.task)
        for item in items_of(each)
    ]


def items_of(work: SequenceWork) -> Iterator[TaskItem]:
    """The items of one task: of large networks as they are and pruned, of small and of wired ones."""
    task, how = work.task, work.training
    for variant in work.variants:
        for percent in work.percents:
            yield _on_stretches(TaskItem(variant, task, (work.units,), how, percent), work.shifts)
        if work.small:
            yield SmallItem(variant, task, (work.small,), how)
        if work.vertices:
            yield TaskItem(variant, task, (work.vertices,), how, wired=True)


def _on_stretches(item: TaskItem, shifts: tuple[int, ...]) -> TaskItem:
    """The item with a network on each stretch, if there are any; pruned networks have the first."""
    if not shifts or not item.plain:
        return item
    return ShiftsItem(item.variant, item.task, item.units, item.training, shifts=shifts)
