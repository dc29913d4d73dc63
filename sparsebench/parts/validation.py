"""Examples of a task whose training part is split, to choose by a part that is not for testing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sparsebench.parts import tasks
from sparsebench.parts.examples import Halves
from sparsebench.parts.task_kind import Answered, Divider
from sparsebench.values.seeding import stream
from sparsebench.values.tasks import Task, Validation


def held_out(task: Validation) -> Halves:
    """Split a task's training examples.

    Returns
    -------
    Halves
        The examples to train on, in their order, and those that are held out, drawn by chance or in
        the task's own way.

    Raises
    ------
    TypeError
        If the task makes its training examples in pieces, or is split already.
    ValueError
        If a part would be empty.
    """
    own = tasks.task_kind_of(task.task).held_out
    if own is not None:
        return own(task.task, task.share, task.seed)
    whole = tasks.dataset(task.task)
    if isinstance(task.task, Validation) or not isinstance(whole, Halves):
        raise TypeError(
            f"{tasks.name_of(task.task)} cannot be split: give a task that keeps its training examples "
            "in memory and is not split already"
        )
    count = len(whole.train)
    held = round(task.share * count)
    if not 0 < held < count:
        raise ValueError(
            f"share is {task.share} of {count} training examples: give a share that leaves examples on "
            "both sides"
        )
    places = stream("validation", task.seed).permutation(count)
    out = np.zeros(count, bool)
    out[places[:held]] = True
    return Halves(whole.train.chosen(~out), whole.train.chosen(out))


def name(task: Validation) -> str:
    """The task's name, and what is not usual."""
    usual = Validation(task.task)
    own = [f"share-{task.share}"] if task.share != usual.share else []
    own += [f"seed-{task.seed}"] if task.seed != usual.seed else []
    return tasks.slug("-".join([tasks.name_of(task.task), "validation", *own]))


def metrics(task: Validation, answered: Answered) -> dict[str, float]:
    """The metrics of the task that is split."""
    return dict(tasks.task_kind_of(task.task).metrics(task.task, answered))


def repeated(task: Validation) -> Sequence[int] | None:
    """The numbers that are repeated as the answer, as of the task that is split."""
    return tasks.task_kind_of(task.task).repeated(task.task)


def size(task: Validation) -> float:
    """How long an epoch takes."""
    return tasks.task_kind_of(task.task).size(task.task)


def words(task: Validation) -> Divider | None:
    """What divides the examples of the task that is split into words."""
    return tasks.task_kind_of(task.task).words(task.task)


def content_of(task: Validation) -> tuple[Task, object] | None:
    """The task that is split with its data, if it needs any."""
    content = tasks.content_of(task.task)
    return None if content is None else (task.task, content)


def give(content: tuple[Task, object]) -> None:
    """Receive the data of the task that is split."""
    tasks.give(*content)
