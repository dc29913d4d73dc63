"""Items of the recognised sequence tasks, as large as a profile wants them."""

from __future__ import annotations

from sparsebench.experiments.capacity.task_items import TaskItem, task_items
from sparsebench.harness.task_profiles import TaskWork
from sparsebench.parts.tasks import is_available, task_kind_of


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
        One for each task, variant and percentage.
    """
    return [
        item
        for each in work.sequences
        if bool(task_kind_of(each.task).needs) == extras and is_available(each.task)
        for item in task_items(
            each.task,
            each.variants,
            work=work,
            units=[each.units],
            percents=each.percents,
            wired=False,
            training=each.training,
        )
    ]
