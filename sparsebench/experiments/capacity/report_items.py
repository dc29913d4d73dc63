"""Items of other tasks than the thesis's: what networks store, remember, predict and write.

All are of the corrected semantics: what the thesis's programs did by accident was never published of
these tasks.
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
from sparsebench.values.protocol import (
    INITIALISATIONS,
    OPTIMISERS,
    VARIANTS,
    ReberStrings,
    Training,
)
from sparsebench.values.tasks import RandomFunction, Recall, Task

FAMILY = "watts_strogatz"
"""What wires networks that are wired: of the thesis's two families the one that does better."""

VERTICES = 40
"""Of the graphs that wire networks that write."""

FEWEST_VERTICES = 10
"""Of any graph: the thesis's have 10 to 50."""

SIZES = (16, 3)
"""Units in each layer, and layers, of networks that classify Reber strings here."""

RATES = {"adam": 0.002, "nesterov": 0.05, "adagrad": 0.06, "rmsprop": 0.002}
"""The learning rate of each optimiser: the best of five, each some three times the one before, on a
seed that no benchmark uses (docs/capacity.md)."""


def pruned(case: TaskCase, percent: int) -> TaskCase | FinetuningCase:
    """A network, or what pruning leaves of it, fine-tuned for as long."""
    if percent == 0:
        return case
    return FinetuningCase(case, "both", percent, training=case.training)


class OfTask:
    """What items of tasks share: checks, and ids that tell what is pruned or wired."""

    variant: str
    percent: int
    wired: bool
    semantics: str

    def __post_init__(self) -> None:
        one_of("variant", self.variant, VARIANTS)
        whole_number("percent", self.percent, 0, 100)
        one_of("semantics", self.semantics, ("corrected",))

    @property
    def id(self) -> str:
        """The id inside the brackets of the pytest item."""
        return f"{self.variant}{self._how}"

    @property
    def plain(self) -> bool:
        """Whether the networks are what was published of: neither pruned nor wired."""
        return self.percent == 0 and not self.wired

    @property
    def _how(self) -> str:
        return f"{'-wired' if self.wired else ''}-p{self.percent}"

    def _networks(
        self, task: Task, units: Iterable[int], seeds: Sequence[int], training: Training
    ) -> list[Case]:
        """Networks of every size, seed by seed; a wired one has a vertex where others have a unit."""
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
    """Networks of one variant that are trained on any task, by their units.

    Attributes
    ----------
    variant, task
        The networks, and what they learn.
    units
        Of each network, or vertices of its graph: at least 10.
    training
        How they are trained, and fine-tuned where something is pruned.
    percent
        How much of both is pruned: the least weights of each layer.
    wired
        Wired by a graph, instead of layers wholly connected.
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
        task_kind_of(self.task)  # refuses what is none
        object.__setattr__(self, "units", listed("units", self.units))
        for each in self.units:
            whole_number("units", each, 1)
        instance_of("training", self.training, Training)

    @property
    def id(self) -> str:
        """The id inside the brackets of the pytest item."""
        return f"{name_of(self.task)}-{self.variant}{self._how}"

    def cases(self, seeds: Sequence[int]) -> list[Case]:
        """Networks of every size, seed by seed."""
        return self._networks(self.task, self.units, seeds, self.training)


@dataclass(frozen=True)
class RecallItem(OfTask):
    """Networks of one variant that recall a vector of 64 numbers, by their units."""

    variant: str
    units: tuple[int, ...]
    epochs: int
    percent: int = 0
    wired: bool = False
    semantics: str = "corrected"

    def cases(self, seeds: Sequence[int]) -> list[Case]:
        """Networks of every size, seed by seed."""
        training = Training(self.epochs, 64, 0.003, final_rate=0.0001)
        return self._networks(Recall(), self.units, seeds, training)


@dataclass(frozen=True)
class FunctionItem(OfTask):
    """Networks of one variant that learn a random function by heart, by their units."""

    variant: str
    units: tuple[int, ...]
    samples: int
    epochs: int
    percent: int = 0
    wired: bool = False
    semantics: str = "corrected"

    def cases(self, seeds: Sequence[int]) -> list[Case]:
        """Networks of every size, seed by seed."""
        task = RandomFunction(samples=self.samples, judged=min(self.samples, 16_384))
        training = Training(self.epochs, 64, 0.002, final_rate=0.0002)
        return self._networks(task, self.units, seeds, training)


@dataclass(frozen=True)
class FunctionVariantsItem:
    """Two variants that learn a random function, beside each other."""

    items: tuple[FunctionItem, FunctionItem]
    semantics: str = "corrected"

    @property
    def id(self) -> str:
        """The id inside the brackets of the pytest item."""
        return "-".join(item.variant for item in self.items)

    def cases(self, seeds: Sequence[int]) -> list[Case]:
        """Those of both items."""
        return [case for item in self.items for case in item.cases(seeds)]


@dataclass(frozen=True)
class OptimisersItem:
    """Networks of one variant that classify Reber strings, trained by every optimiser."""

    variant: str
    epochs: int
    semantics: str = "corrected"

    def __post_init__(self) -> None:
        one_of("variant", self.variant, VARIANTS)

    @property
    def id(self) -> str:
        """The id inside the brackets of the pytest item."""
        return self.variant

    def cases(self, seeds: Sequence[int]) -> list[Case]:
        """Networks of every optimiser, seed by seed."""
        return [
            TaskCase(
                self.variant,
                ReberStrings(),
                seed,
                *SIZES,
                training=Training(self.epochs, 64, RATES[name], optimiser=name),
            )
            for name in OPTIMISERS
            for seed in seeds
        ]


@dataclass(frozen=True)
class InitialisationsItem:
    """Networks of one variant that classify Reber strings, from initial weights of every kind."""

    variant: str
    epochs: int
    semantics: str = "corrected"

    def __post_init__(self) -> None:
        one_of("variant", self.variant, VARIANTS)

    @property
    def id(self) -> str:
        """The id inside the brackets of the pytest item."""
        return self.variant

    def cases(self, seeds: Sequence[int]) -> list[Case]:
        """Networks of every initialisation, seed by seed."""
        training = Training(self.epochs, 64, RATES["adam"], optimiser="adam")
        return [
            TaskCase(
                self.variant, ReberStrings(), seed, *SIZES, initialisation=name, training=training
            )
            for name in INITIALISATIONS
            for seed in seeds
        ]


Made = TypeVar("Made", bound="OfTask")


def each_way(work: TaskWork, variant: str, make: Callable[[int, bool], Made]) -> list[Made]:
    """An item for each percentage, and one of wired networks, of the variants that are made sparse."""
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
    """Items of any task: networks that are trained on it, pruned and fine-tuned, and wired.

    Parameters
    ----------
    task
        What they learn.
    variants
        An item for each, and for each percentage.
    work
        How much a profile does: `settings.work.tasks`. What is given beside it is done instead.
    units
        Units of the one layer that each network has; an item has a network for each.
    percents
        By how much of both networks are pruned; 0: not at all.
    wired
        Whether there is an item of wired networks too.
    training
        How networks are trained. They are fine-tuned in the same way.

    Raises
    ------
    TypeError
        If the task is not registered (`sparsebench.register_task`), or one of the others is no list.
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


def recall_items(work: TaskWork, variants: Iterable[str] = VARIANTS) -> list[RecallItem]:
    """Memory per unit (report, IV.C): one item per variant and percentage, and of wired networks."""
    sizes = work.recall_units, work.recall_epochs
    return [
        item
        for variant in listed("variants", variants)
        for item in each_way(work, variant, partial(RecallItem, variant, *sizes))
    ]


def function_items(
    work: TaskWork, variants: Iterable[str] = ("rnn_tanh", "lstm")
) -> list[FunctionItem]:
    """Random functions (report, IV.E): the variants that the report compares."""
    sizes = work.function_units, work.function_samples, work.function_epochs
    return [
        item
        for variant in listed("variants", variants)
        for item in each_way(work, variant, partial(FunctionItem, variant, *sizes))
    ]
