"""Items of the report's tasks: what networks remember, and which functions and strings they learn."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from sparsebench.experiments.capacity.cases import TaskCase
from sparsebench.experiments.capacity.task_items import OfTask, each_way
from sparsebench.harness.items import at_least
from sparsebench.harness.task_profiles import TaskWork
from sparsebench.parts.tasks import name_of
from sparsebench.values.checks import instance_of, listed, one_of, whole_number
from sparsebench.values.identity import Case
from sparsebench.values.protocol import (
    CELL_TYPES,
    INITIALISATIONS,
    OPTIMISERS,
    VARIANTS,
    ReberStrings,
    Training,
)
from sparsebench.values.sequence_tasks import AddingProblem
from sparsebench.values.tasks import RandomFunction, Recall

SIZES = (16, 3)
"""Units per layer, and layers, of networks that classify Reber strings here."""

RATES = {"adam": 0.002, "nesterov": 0.05, "adagrad": 0.06, "rmsprop": 0.002}
"""The learning rate of each optimiser: the best of five, each about three times the one before, on
a seed that no benchmark uses (docs/results/capacity.md)."""


REMEMBERING = ("uniform", "identity", "orthogonal")
"""Initial weights that are compared where memory must last."""


@dataclass(frozen=True)
class RecallItem(OfTask):
    """Networks of one variant that recall a vector of 64 numbers.

    Attributes
    ----------
    variant
        The cell type.
    units
        Units of the one layer of each network, or vertices of its graph.
    epochs
        Epochs of training, and of fine-tuning if something is pruned.
    percent, wired
        As in `TaskItem`.
    semantics
        Only `corrected`.
    """

    variant: str
    units: tuple[int, ...]
    epochs: int
    percent: int = 0
    wired: bool = False
    semantics: str = "corrected"

    def cases(self, seeds: Sequence[int]) -> list[Case]:
        """Networks of each size, for each seed."""
        training = Training(self.epochs, 64, 0.003, final_rate=0.0001)
        return self._networks(Recall(), self.units, seeds, training)


@dataclass(frozen=True)
class FunctionItem(OfTask):
    """Networks of one variant that memorise a random function.

    Attributes
    ----------
    variant
        The cell type.
    units
        Units of the one layer of each network, or vertices of its graph.
    samples
        Points at which the function is given.
    epochs
        Epochs of training, and of fine-tuning if something is pruned.
    percent, wired
        As in `TaskItem`.
    semantics
        Only `corrected`.
    """

    variant: str
    units: tuple[int, ...]
    samples: int
    epochs: int
    percent: int = 0
    wired: bool = False
    semantics: str = "corrected"

    def cases(self, seeds: Sequence[int]) -> list[Case]:
        """Networks of each size, for each seed."""
        task = RandomFunction(samples=self.samples, judged=min(self.samples, 16_384))
        return self._networks(task, self.units, seeds, self.training)

    @property
    def training(self) -> Training:
        """How the networks are trained, and fine-tuned."""
        return Training(self.epochs, 64, 0.002, final_rate=0.0002)


@dataclass(frozen=True)
class FewPointsItem(FunctionItem):
    """Networks of one variant that memorise a random function of few points, which they can learn.

    The report's million points, shown once, teach these networks nothing.
    """

    @property
    def id(self) -> str:
        """The id inside the brackets of the pytest item."""
        return f"{self.samples}-points-{super().id}"

    @property
    def training(self) -> Training:
        """How the networks are trained: with a higher rate and more steps for each epoch."""
        return Training(self.epochs, 32, 0.005, final_rate=0.0005)


@dataclass(frozen=True)
class FunctionVariantsItem:
    """The networks of two function items together, to compare their variants.

    Attributes
    ----------
    items
        One for each of the two variants.
    semantics
        Only `corrected`.
    """

    items: tuple[FunctionItem, FunctionItem]
    semantics: str = "corrected"

    @property
    def id(self) -> str:
        """The id inside the brackets of the pytest item."""
        points = f"{self.items[0].samples}-points-" * isinstance(self.items[0], FewPointsItem)
        return points + "-".join(item.variant for item in self.items)

    def cases(self, seeds: Sequence[int]) -> list[Case]:
        """The cases of both items."""
        return [case for item in self.items for case in item.cases(seeds)]


@dataclass(frozen=True)
class OptimisersItem:
    """Networks of one variant that classify Reber strings, trained with each optimiser.

    Attributes
    ----------
    variant
        The cell type.
    epochs
        Epochs of training.
    semantics
        Only `corrected`.
    """

    variant: str
    epochs: int
    semantics: str = "corrected"

    def __post_init__(self) -> None:
        one_of("variant", self.variant, CELL_TYPES)

    @property
    def id(self) -> str:
        """The id inside the brackets of the pytest item."""
        return self.variant

    def cases(self, seeds: Sequence[int]) -> list[Case]:
        """Networks of each optimiser, for each seed."""
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
    """Networks of one variant that classify Reber strings, with each kind of initial weights.

    Attributes
    ----------
    variant
        The cell type.
    epochs
        Epochs of training.
    semantics
        Only `corrected`.
    """

    variant: str
    epochs: int
    semantics: str = "corrected"

    def __post_init__(self) -> None:
        one_of("variant", self.variant, CELL_TYPES)

    @property
    def id(self) -> str:
        """The id inside the brackets of the pytest item."""
        return self.variant

    def cases(self, seeds: Sequence[int]) -> list[Case]:
        """Networks of each initialisation, for each seed."""
        training = Training(self.epochs, 64, RATES["adam"], optimiser="adam")
        return [
            TaskCase(
                self.variant, ReberStrings(), seed, *SIZES, initialisation=name, training=training
            )
            for name in INITIALISATIONS
            for seed in seeds
        ]


@dataclass(frozen=True)
class LongMemoryItem:
    """Networks of one variant that add two numbers far apart, with initial weights of several kinds.

    Attributes
    ----------
    variant
        The cell type.
    task
        The sequences.
    units
        Units of the one layer.
    epochs
        Epochs of training.
    seeds
        The least number of seeds; more if the run asks for more.
    semantics
        Only `corrected`.
    """

    variant: str
    task: AddingProblem
    units: int
    epochs: int
    seeds: int = 1
    semantics: str = "corrected"

    def __post_init__(self) -> None:
        one_of("variant", self.variant, CELL_TYPES)
        one_of("semantics", self.semantics, ("corrected",))
        instance_of("task", self.task, AddingProblem)
        whole_number("units", self.units, 1)
        whole_number("epochs", self.epochs, 1)
        whole_number("seeds", self.seeds, 1)

    @property
    def id(self) -> str:
        """The id inside the brackets of the pytest item."""
        return f"{name_of(self.task)}-{self.variant}"

    def cases(self, seeds: Sequence[int]) -> list[Case]:
        """Networks of each kind of initial weights, for each seed."""
        rate = RATES["adam"]
        training = Training(self.epochs, 32, rate, final_rate=rate / 10)
        return [
            TaskCase(
                self.variant, self.task, seed, self.units, initialisation=name, training=training
            )
            for name in REMEMBERING
            for seed in at_least(self.seeds, seeds)
        ]


def long_memory_items(
    work: TaskWork, variants: Iterable[str] = ("rnn_tanh", "rnn_relu")
) -> list[LongMemoryItem]:
    """Make the items on initial weights and long memory (report, VI); none in profiles without them.

    Parameters
    ----------
    work
        The profile's work on tasks, `settings.work.tasks`.
    variants
        The cell types; by default those without gates.

    Returns
    -------
    list of LongMemoryItem
        One for each variant.

    Raises
    ------
    TypeError, ValueError
        If the variants are not a list, or one of them does not exist.
    """
    memory = work.long_memory
    return [
        LongMemoryItem(variant, memory.task, memory.units, memory.epochs, memory.seeds)
        for variant in listed("variants", variants)
        if memory
    ]


def recall_items(work: TaskWork, variants: Iterable[str] = VARIANTS) -> list[RecallItem]:
    """Make the items on memory per unit (report, IV.C).

    Parameters
    ----------
    work
        The profile's work on tasks, `settings.work.tasks`.
    variants
        The cell types.

    Returns
    -------
    list of RecallItem
        One for each variant and percentage, and one of wired networks.

    Raises
    ------
    TypeError, ValueError
        If the variants are not a list, or one of them does not exist.
    """
    sizes = work.recall_units, work.recall_epochs
    return [
        item
        for variant in listed("variants", variants)
        for item in each_way(work, variant, partial(RecallItem, variant, *sizes))
    ]


def function_items(
    work: TaskWork, variants: Iterable[str] = ("rnn_tanh", "lstm")
) -> list[FunctionItem]:
    """Make the items on random functions (report, IV.E).

    Parameters
    ----------
    work
        The profile's work on tasks, `settings.work.tasks`.
    variants
        The cell types; by default those that the report compares.

    Returns
    -------
    list of FunctionItem
        One for each variant and percentage, and one of wired networks.

    Raises
    ------
    TypeError, ValueError
        If the variants are not a list, or one of them does not exist.
    """
    sizes = work.function_units, work.function_samples, work.function_epochs
    return [
        item
        for variant in listed("variants", variants)
        for item in each_way(work, variant, partial(FunctionItem, variant, *sizes))
    ]


def few_points_items(
    work: TaskWork, variants: Iterable[str] = ("rnn_tanh", "lstm")
) -> list[FewPointsItem]:
    """Make the items on random functions of few points; none in profiles without them.

    Parameters, errors and order are those of `function_items`.

    Returns
    -------
    list of FewPointsItem
        One for each variant and percentage, and one of wired networks.
    """
    sizes = work.few_points_units, work.few_points, work.few_points_epochs
    return [
        item
        for variant in listed("variants", variants)
        if work.few_points
        for item in each_way(work, variant, partial(FewPointsItem, variant, *sizes))
    ]
