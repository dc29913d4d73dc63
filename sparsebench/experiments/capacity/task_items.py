"""Items of a task of any class, and what items of all tasks share.

All have the corrected semantics, because accidents of the thesis's programs were never published
for these tasks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from sparsebench.experiments.capacity.cases import TaskCase
from sparsebench.experiments.finetuning.cases import FinetuningCase
from sparsebench.harness.task_profiles import QUICK, TaskWork
from sparsebench.parts.tasks import name_of, task_kind_of
from sparsebench.values.checks import instance_of, listed, one_of, whole_number
from sparsebench.values.graphs import GraphSpec
from sparsebench.values.identity import Case
from sparsebench.values.protocol import CELL_TYPES, VARIANTS, Training
from sparsebench.values.tasks import Task

FAMILY = "watts_strogatz"
"""The family of wired networks: the better one of the thesis's two."""

VERTICES = 40
"""Vertices of wired networks that generate strings."""

FEWEST_VERTICES = 10
"""Fewest vertices of a graph; the thesis's have 10 to 50."""


def pruned(case: TaskCase, percent: int) -> TaskCase | FinetuningCase:
    """The network itself, or its pruned form fine-tuned for the same number of epochs."""
    if percent == 0:
        return case
    return FinetuningCase(case, "both", percent, training=case.training)


class OfTask:
    """The shared part of items of tasks: checks of the fields, and the id."""

    variant: str
    percent: int
    wired: bool
    semantics: str

    def __post_init__(self) -> None:
        one_of("variant", self.variant, CELL_TYPES)
        whole_number("percent", self.percent, 0, 100)
        one_of("semantics", self.semantics, ("corrected",))

    @property
    def id(self) -> str:
        """The id inside the brackets of the pytest item."""
        return f"{self.variant}{self._how}"

    @property
    def plain(self) -> bool:
        """Whether the networks are as published: neither pruned nor wired."""
        return self.percent == 0 and not self.wired

    @property
    def _how(self) -> str:
        return f"{'-wired' if self.wired else ''}-p{self.percent}"

    def _networks(
        self, task: Task, units: Iterable[int], seeds: Sequence[int], training: Training
    ) -> list[Case]:
        """Networks of each size, for each seed; for wired ones, size means vertices."""
        sizes = dict.fromkeys(max(each, FEWEST_VERTICES) if self.wired else each for each in units)
        return [
            pruned(
                TaskCase(
                    self.variant,
                    task,
                    seed,
                    None if self.wired else size,
                    graph=GraphSpec(FAMILY, seed, size) if self.wired else None,
                    training=training,
                ),
                self.percent,
            )
            for size in sizes
            for seed in seeds
        ]


@dataclass(frozen=True)
class TaskItem(OfTask):
    """Networks of one variant that are trained on a task of any class.

    Attributes
    ----------
    variant, task
        The cell type, and what the networks learn.
    units
        Units of each network, or vertices of its graph (at least 10).
    training
        How they are trained, and fine-tuned if something is pruned.
    percent
        Percentage of input and hidden weights that is pruned, 0-100: the smallest of each layer.
    wired
        Whether the networks are wired by a graph; otherwise their layer is fully connected.
    semantics
        Only `corrected`.
    """

    variant: str
    task: Task
    units: tuple[int, ...]
    training: Training
    percent: int = 0
    wired: bool = False
    semantics: str = "corrected"

    def __post_init__(self) -> None:
        super().__post_init__()
        task_kind_of(self.task)  # refuses an object that is not a task
        object.__setattr__(self, "units", listed("units", self.units))
        for each in self.units:
            whole_number("units", each, 1)
        instance_of("training", self.training, Training)

    @property
    def id(self) -> str:
        """The id inside the brackets of the pytest item."""
        return f"{name_of(self.task)}-{self.variant}{self._how}"

    def cases(self, seeds: Sequence[int]) -> list[Case]:
        """Networks of each size, for each seed."""
        return self._networks(self.task, self.units, seeds, self.training)


Made = TypeVar("Made", bound="OfTask")


def each_way(work: TaskWork, variant: str, make: Callable[[int, bool], Made]) -> list[Made]:
    """One item per percentage and one of wired networks, if the profile prunes this variant."""
    if variant not in work.pruned_variants:
        return [make(0, False)]
    return [*(make(percent, False) for percent in work.percents), make(0, True)]


def task_items(
    task: Task,
    variants: Iterable[str] = VARIANTS,
    *,
    work: TaskWork = QUICK,
    units: Iterable[int] | None = None,
    percents: Iterable[int] | None = None,
    wired: bool | None = None,
    training: Training | None = None,
) -> list[TaskItem]:
    """Make items of a task of any class: networks trained on it, pruned and fine-tuned, and wired.

    Parameters
    ----------
    task
        The task that the networks learn.
    variants
        The cell types.
    work
        The profile's work on tasks, `settings.work.tasks`. The arguments below override parts of
        it.
    units
        Units of the networks' one layer; an item has a network for each number.
    percents
        Percentages of input and hidden weights that are pruned, 0-100; 0: not pruned.
    wired
        Whether there is an item of wired networks too.
    training
        How networks are trained, and fine-tuned.

    Returns
    -------
    list of TaskItem
        One for each variant and percentage, and one of wired networks.

    Raises
    ------
    TypeError
        If the task is not registered (`sparsebench.register_task`), or an argument is not a list.
    """
    sizes = work.task_units if units is None else listed("units", units)
    how = training or Training(work.task_epochs, 32, 0.003, final_rate=0.0003)
    items = []
    for variant in listed("variants", variants):
        sparse = variant in work.pruned_variants
        done = work.percents if sparse else (0,)
        of_variant = partial(TaskItem, variant, task, sizes, how)
        items += [
            of_variant(percent)
            for percent in (done if percents is None else listed("percents", percents))
        ]
        if sparse if wired is None else wired:
            items.append(of_variant(wired=True))
    return items
