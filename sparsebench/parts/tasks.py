"""The registry of tasks: ours and those of other projects, with functions for their examples.

Another project registers a task with `register_task`, in the module that defines it or in its
conftest.py, or with an entry point in the group `sparsebench.tasks`; only the entry point makes it
known to the command line and the workers of a cluster.
"""

from __future__ import annotations

import hashlib
import re
import warnings
from collections.abc import Callable
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from sparsebench.parts.task_kind import TaskKind
from sparsebench.values.checks import refusal, reproducible
from sparsebench.values.kinds import has_kind, kind_of
from sparsebench.values.tasks import Task

if TYPE_CHECKING:
    from sparsebench.parts.examples import Dataset, Examples

GROUP = "sparsebench.tasks"
"""The group of entry points by which other packages add tasks."""

_registered: dict[type, TaskKind] = {}


def register_task(kind: TaskKind) -> None:
    """Add a class of tasks, or replace one that was registered under the same name.

    Parameters
    ----------
    kind
        Its descriptor.

    Raises
    ------
    TypeError
        If it is not a `TaskKind`, or its class cannot describe tasks.
    ValueError
        If it has the name of one of ours, the title of another one, or a kind with seeds.
    """
    _check(kind)
    name, title = kind_of(kind.task).name, title_of(kind)
    if kind.task in _ours():
        raise ValueError(f"task {name!r} is there already: choose another name")
    for each in (*_ours().values(), *_registered.values()):
        other = kind_of(each.task).name
        if title_of(each) == title and other != name:
            raise ValueError(
                f"title {title!r} of task {name!r} is that of {other!r} too: choose another title"
            )
    for old in [each for each in _registered if kind_of(each).name == name]:
        del _registered[old]
    _registered[kind.task] = kind
    _known.cache_clear()


def task_kinds() -> list[TaskKind]:
    """All classes of tasks: ours, those of installed packages, then registered ones."""
    return list(_known().values())


def is_task(value: object) -> bool:
    """Whether a value describes a task."""
    return type(value) in _known()


def task_kind_of(task: Task) -> TaskKind:
    """The descriptor of a task's class.

    Raises
    ------
    TypeError
        If the class is not registered.
    """
    if not is_task(task):
        known = ", ".join(sorted(each.task.__name__ for each in task_kinds()))
        raise TypeError(
            f"a {type(task).__name__} is no task: register it with sparsebench.register_task, or give "
            f"one of {known}"
        )
    return _known()[type(task)]


def is_available(task: Task) -> bool:
    """Whether the package is installed that has a task's data."""
    needs = task_kind_of(task).needs
    return not needs or find_spec(needs) is not None


def maker_of(task: Task) -> Callable[[Any], Dataset]:
    """The function that makes a task's examples."""
    return task_kind_of(task).make


def makers_of(task: Task) -> list[Callable[[Any], Dataset]]:
    """What makes a task's examples, and those of the task in its field `task`, if it has one.

    Their sources are part of the code's fingerprint.
    """
    inner: Any = getattr(task, "task", None)
    return [maker_of(task), *(makers_of(inner) if is_task(inner) else [])]


def dataset(task: Task) -> Dataset:
    """Make the training and test data of a task; equal tasks give equal examples everywhere.

    Raises
    ------
    OSError, ValueError
        If it needs a text that cannot be read, or that this process has not read.
    NotReproducible
        If another project's task makes other examples in a second call.
    TypeError
        If its class is not registered, or what it makes is not a dataset.
    """
    make = maker_of(task)
    if type(task) in _ours():
        return make(task)
    name = kind_of(type(task)).name
    return reproducible(
        f"task {name!r} made two different sets of examples",
        lambda: _checked(name, task, make(task)),
        checksum,
    )


def checksum(made: Dataset) -> str:
    """A checksum of the test examples and of an epoch's first piece."""
    found = hashlib.sha256()
    for examples in (made.test, next(iter(made.pieces(0)))):
        for array in _arrays(examples):
            found.update(f"{array.dtype} {array.shape} ".encode())
            found.update(array.tobytes())
    return found.hexdigest()


def content_of(task: Task) -> Any:
    """The data that another process needs to make a task's examples; None if it needs none.

    Raises
    ------
    ValueError
        If this process does not have it either.
    """
    return task_kind_of(task).content(task)


def give(task: Task, content: Any) -> None:
    """Receive the data of a task from another process."""
    if content is not None:
        task_kind_of(task).give(content)


def name_of(task: Task) -> str:
    """The name of a task in ids and tables: lower case, dashes, no dot."""
    kind = task_kind_of(task)
    if kind.name is not None:
        return kind.name(task)
    words = [title_of(kind)]
    for each in fields(task):  # type: ignore[arg-type]
        usual = each.default_factory() if each.default_factory is not MISSING else each.default
        value = getattr(task, each.name)
        if each.compare and value != usual:
            words += [each.name, str(value)]
    return slug(" ".join(words))


def title_of(kind: TaskKind) -> str:
    """The name of a class of tasks in words."""
    return kind.title or re.sub(r"(?<=[a-z])(?=[A-Z])", " ", kind_of(kind.task).name).lower()


def slug(text: str) -> str:
    """A text as an id: lower case, dashes, no dot."""
    return re.sub("[^a-z0-9_]+", "-", text.lower()).strip("-")


def _check(kind: object) -> None:
    """Refuse an object that does not describe a class of tasks.

    Raises
    ------
    TypeError, ValueError
        With what to give instead.
    """
    if not isinstance(kind, TaskKind):
        raise TypeError(
            f"{kind!r} is no task: give a TaskKind with the class of a task and what makes its examples"
        )
    task = kind.task
    frozen = is_dataclass(task) and task.__dataclass_params__.frozen  # type: ignore[attr-defined]
    if not frozen or not has_kind(task):
        raise TypeError(
            f"task {task!r} is no description: give a frozen dataclass that is decorated with "
            "@sparsebench.kind(name, seeds={})"
        )
    lacks = [name for name in ("symbols", "classes") if not hasattr(task, name)]
    lacks = [name for name in lacks if name not in {each.name for each in fields(task)}]
    if lacks:
        raise TypeError(
            f"task {task.__name__} lacks {' and '.join(lacks)}: give it symbols, the letters that are "
            "read or 0, and classes, the numbers that are said at a step"
        )
    if kind_of(task).seeds:
        raise ValueError(
            f"task {task.__name__} has seeds, {', '.join(kind_of(task).seeds)}, that replicates would "
            "differ in: those of data are shared, so decorate it with @sparsebench.kind(name, seeds={})"
        )


def _checked(name: str, task: Task, made: Any) -> Dataset:
    """Refuse what another project's function made if it is not a dataset that fits the task.

    Raises
    ------
    TypeError, ValueError
        If it is not.
    """
    if not hasattr(made, "pieces") or not hasattr(made, "test"):
        raise refusal(
            TypeError(
                f"task {name!r} made a {type(made).__name__}: give Halves of two sets of Examples, or "
                "something with pieces(epoch) and test"
            )
        )
    from sparsebench.parts.examples import check_examples  # numpy

    width = 0 if task.symbols else getattr(task, "width", 0)
    for which, examples in (("train", next(iter(made.pieces(0)))), ("test", made.test)):
        try:
            check_examples(examples, task.symbols, width, task.classes)
        except (TypeError, ValueError) as error:
            message = f"task {name!r}, its {which} examples: {error}"
            raise refusal(type(error)(message)) from None
    return made


def _arrays(examples: Examples) -> tuple[Any, ...]:
    weights = () if examples.class_weights is None else (examples.class_weights,)
    return examples.inputs, examples.lengths, examples.answers, *weights


@cache
def _known() -> dict[type, TaskKind]:
    return {**_installed(), **_registered}


@cache
def _ours() -> dict[type, TaskKind]:
    """Our tasks, imported on first use, because their modules need numpy, which collecting avoids.

    They are imported by name, so that the code of one task is not in the fingerprint of a network
    on another.
    """
    ours = import_module("sparsebench.parts.our_tasks").OURS
    return {each.task: each for each in ours}


@cache
def _installed() -> dict[type, TaskKind]:
    """Our tasks and those of other packages; one that cannot be loaded only gives a warning."""
    found = dict(_ours())
    for point in entry_points(group=GROUP):
        try:
            kind = point.load()
            _check(kind)
        except Exception as error:
            warnings.warn(f"task {point.value} cannot be loaded: {error}", stacklevel=2)
        else:
            found[kind.task] = kind
    return found
