"""Cells of other tasks than the thesis's: what networks store, remember, predict and write.

All are of the corrected semantics: what the thesis's programs did by accident was never published of
these tasks.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import product
from typing import TypeVar

from sparsebench.experiments.task_work import TaskWork
from sparsebench.values.case import GenerationCase, GraphSpec, RetrainingCase, TaskCase
from sparsebench.values.checks import one_of, whole_number
from sparsebench.values.identity import Case
from sparsebench.values.layout import Layout
from sparsebench.values.protocol import (
    INITIALISATIONS,
    OPTIMISERS,
    VARIANTS,
    ReberStrings,
    Training,
)
from sparsebench.values.tasks import (
    GRAMMARS,
    LabelledText,
    NextLetters,
    RandomFunction,
    RandomLabels,
    Recall,
    Task,
    TextLetters,
)

FAMILY = "watts_strogatz"
"""What wires networks that are wired: of the thesis's two families the one that does better."""

VERTICES = 40
"""Of the graphs that wire networks that write."""

FEWEST_VERTICES = 10
"""Of any graph: the thesis's have 10 to 50."""

SIZES = (16, 3)
"""Units in each layer, and layers, of networks that classify Reber strings here."""

RATES = {"adam": 0.002, "nesterov": 0.05, "adagrad": 0.06, "rmsprop": 0.002}
"""The learning rate of each optimiser: the best of five, by a factor of 2 to 3 apart, on seed 100
(docs/capacity.md)."""


def parameters_of(layout: Layout) -> int:
    """How many numbers a dense network trains."""
    return sum(math.prod(shape) for shape in layout.shapes().values())


def units_for(case: TaskCase, parameters: int) -> TaskCase:
    """The same network with as many units in each layer as so many parameters allow, one at least."""
    best = replace(case, hidden_size=1)
    while True:
        wider = replace(best, hidden_size=(best.hidden_size or 0) + 1)
        if parameters_of(wider.layout) > parameters:
            return best
        best = wider


def left_of(layout: Layout, percent: int) -> int:
    """Parameters that are left when a percentage of both is pruned, in each layer by itself."""
    shapes = layout.shapes()
    gone = 0
    for block in layout.blocks:
        total = sum(math.prod(shapes[f"{block.name}.{kind}"]) for kind in ("i2h", "h2h"))
        gone += round(percent * total / 100)
    return parameters_of(layout) - gone


def pruned(case: TaskCase, percent: int) -> TaskCase | RetrainingCase:
    """A network, or what pruning leaves of it, trained again for as long."""
    if percent == 0:
        return case
    return RetrainingCase(case, "both", percent, training=case.training)


class _TaskCell:
    """What cells of tasks share: checks, and ids that tell what is pruned or wired."""

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


def wired_within(case: TaskCase, parameters: int) -> tuple[TaskCase, int]:
    """A network wired by the largest graph that so many parameters allow, and how many it has."""
    from sparsebench.experiments.networks import task_network
    from sparsebench.parts.weights import parameters as count

    best: tuple[TaskCase, int] | None = None
    for vertices in range(FEWEST_VERTICES, 10 * VERTICES):
        wider = replace(case, hidden_size=None, graph=GraphSpec(FAMILY, case.seed, vertices))
        network = task_network(wider)
        found = count(network.layout, network.masks)
        if best is not None and found > parameters:
            break
        best = wider, found
    assert best is not None
    return best


@dataclass(frozen=True)
class CapacityCell(_TaskCell):
    """Networks of one variant that store random labels: how many bits, by parameters and samples.

    Attributes
    ----------
    variant, layers, initialisation
        The networks.
    percent
        How much of both is pruned.
    parameters
        At most so many, one network for each.
    ratios
        Samples for each parameter that is left; the best counts.
    epochs
        Of training, and of training again where something is pruned.
    """

    variant: str
    layers: int
    parameters: tuple[int, ...]
    ratios: tuple[int, ...]
    epochs: int
    percent: int = 0
    initialisation: str | None = None
    wired: bool = False
    semantics: str = "corrected"

    @property
    def id(self) -> str:
        """The id inside the brackets of the pytest item."""
        drawn = f"-{self.initialisation}" if self.initialisation else ""
        return f"{self.variant}{drawn}-l{self.layers}{self._how}"

    def cases(self, seeds: Sequence[int]) -> list[Case]:
        """Networks of every size for every number of samples, seed by seed."""
        cases: list[Case] = []
        training = Training(self.epochs, 64, 0.01, final_rate=0.0001)
        for most in self.parameters:
            blank = TaskCase(
                self.variant,
                RandomLabels(1),
                0,
                1,
                self.layers,
                initialisation=self.initialisation,
                training=training,
            )
            for seed in seeds:
                if self.wired:
                    sized, left = wired_within(replace(blank, seed=seed), most)
                else:
                    sized = units_for(replace(blank, seed=seed), most)
                    left = left_of(sized.layout, self.percent)
                cases += [
                    pruned(replace(sized, task=RandomLabels(ratio * left)), self.percent)
                    for ratio in self.ratios
                ]
        return cases


@dataclass(frozen=True)
class CapacityVariantsCell:
    """All variants that store random labels, beside each other.

    Attributes
    ----------
    cells
        One for each variant, and one for ReLU networks that begin with an identity.
    """

    cells: tuple[CapacityCell, ...]
    semantics: str = "corrected"

    @property
    def id(self) -> str:
        """The id inside the brackets of the pytest item."""
        return f"l{self.cells[0].layers}"

    def cases(self, seeds: Sequence[int]) -> list[Case]:
        """Those of every cell."""
        return [case for cell in self.cells for case in cell.cases(seeds)]


@dataclass(frozen=True)
class RecallCell(_TaskCell):
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
class LettersCell(_TaskCell):
    """Networks of one variant that say the next letter of strings, or of a text, by their units."""

    variant: str
    task: NextLetters | TextLetters
    units: tuple[int, ...]
    epochs: int
    percent: int = 0
    wired: bool = False
    semantics: str = "corrected"

    @property
    def id(self) -> str:
        """The id inside the brackets of the pytest item."""
        return f"{name_of(self.task)}-{self.variant}{self._how}"

    def cases(self, seeds: Sequence[int]) -> list[Case]:
        """Networks of every size, seed by seed."""
        training = Training(self.epochs, 64, 0.005, final_rate=0.0005)
        return self._networks(self.task, self.units, seeds, training)


@dataclass(frozen=True)
class LabelsCell(_TaskCell):
    """Networks of one variant that tell a user's labelled texts apart."""

    variant: str
    task: LabelledText
    units: int
    epochs: int
    percent: int = 0
    wired: bool = False
    semantics: str = "corrected"

    @property
    def id(self) -> str:
        """The id inside the brackets of the pytest item."""
        return f"{name_of(self.task)}-{self.variant}{self._how}"

    def cases(self, seeds: Sequence[int]) -> list[Case]:
        """One network per seed."""
        training = Training(self.epochs, 32, 0.003, final_rate=0.0003)
        return self._networks(self.task, [self.units], seeds, training)


@dataclass(frozen=True)
class FunctionCell(_TaskCell):
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
class FunctionVariantsCell:
    """Two variants that learn a random function, beside each other."""

    cells: tuple[FunctionCell, FunctionCell]
    semantics: str = "corrected"

    @property
    def id(self) -> str:
        """The id inside the brackets of the pytest item."""
        return "-".join(cell.variant for cell in self.cells)

    def cases(self, seeds: Sequence[int]) -> list[Case]:
        """Those of both cells."""
        return [case for cell in self.cells for case in cell.cases(seeds)]


@dataclass(frozen=True)
class OptimisersCell:
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
class InitialisationsCell:
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


@dataclass(frozen=True)
class WritingCell(_TaskCell):
    """Networks of one variant that write strings of a grammar.

    Attributes
    ----------
    grammar
        One of `sparsebench.values.tasks.GRAMMARS`.
    wired
        Wired by a graph, instead of layers wholly connected.
    units
        Of a network that is not.
    epochs, strings
        For how long it learns, and how much it writes.
    """

    variant: str
    grammar: str
    units: int
    epochs: int
    strings: int
    percent: int = 0
    wired: bool = False
    semantics: str = "corrected"

    def __post_init__(self) -> None:
        super().__post_init__()
        one_of("grammar", self.grammar, GRAMMARS)

    @property
    def id(self) -> str:
        """The id inside the brackets of the pytest item."""
        return f"{self.grammar}-{self.variant}{self._how}"

    def cases(self, seeds: Sequence[int]) -> list[Case]:
        """What each seed's network learned, and what it writes."""
        training = Training(self.epochs, 64, 0.005, final_rate=0.0005)
        size = VERTICES if self.wired else self.units
        networks = self._networks(NextLetters(self.grammar), [size], seeds, training)
        written = [GenerationCase(network, self.strings) for network in networks]  # type: ignore[arg-type]
        return [*networks, *written]


def name_of(task: Task) -> str:
    """What a task is called in ids: lower case, dashes, no dot."""
    if isinstance(task, NextLetters):
        return task.grammar
    if isinstance(task, TextLetters | LabelledText):
        path = task.text if isinstance(task, TextLetters) else task.corpus
        stem = path.rstrip("/").rpartition("/")[2].partition(".")[0].lower()
        return "".join(letter if letter.isalnum() else "-" for letter in stem) or "text"
    return _NAMES[type(task)]


_NAMES: dict[type, str] = {
    RandomLabels: "labels",
    Recall: "recall",
    RandomFunction: "function",
    ReberStrings: "reber_classes",
}


Made = TypeVar("Made", bound="_TaskCell")


def _each_way(
    work: TaskWork, variant: str, make: Callable[[int, bool], Made], wires: bool = True
) -> list[Made]:
    """A cell for each percentage, and one of wired networks, of the variants that are made sparse."""
    if variant not in work.pruned_variants:
        return [make(0, False)]
    cells = [make(percent, False) for percent in work.percents]
    return [*cells, make(0, True)] if wires else cells


def capacity_cells(work: TaskWork, variants: Iterable[str] = VARIANTS) -> list[CapacityCell]:
    """Bits per parameter (report, IV.A and IV.B): every variant, and ReLU begun with an identity."""
    cells = []
    for layers in work.label_layers:
        sizes = (layers, work.label_parameters, work.label_ratios, work.label_epochs)
        for variant in variants:
            make = partial(_capacity_cell, variant, sizes)
            cells += _each_way(work, variant, make, wires=layers == 1)
        if "rnn_relu" in variants:
            cells.append(CapacityCell("rnn_relu", *sizes, initialisation="identity"))
    return cells


def _capacity_cell(
    variant: str,
    sizes: tuple[int, tuple[int, ...], tuple[int, ...], int],
    percent: int,
    wired: bool,
) -> CapacityCell:
    return CapacityCell(variant, *sizes, percent=percent, wired=wired)


def capacity_variants_cells(work: TaskWork) -> list[CapacityVariantsCell]:
    """The same networks, unpruned, beside each other: one cell for each number of layers."""
    whole = [cell for cell in capacity_cells(work) if cell.plain]
    return [
        CapacityVariantsCell(tuple(cell for cell in whole if cell.layers == layers))
        for layers in work.label_layers
    ]


def recall_cells(work: TaskWork, variants: Iterable[str] = VARIANTS) -> list[RecallCell]:
    """Memory per unit (report, IV.C): one cell per variant and percentage, and of wired networks."""
    sizes = work.recall_units, work.recall_epochs
    return [
        cell
        for variant in variants
        for cell in _each_way(work, variant, partial(RecallCell, variant, *sizes))
    ]


def letters_cells(
    work: TaskWork,
    tasks: Iterable[NextLetters | TextLetters],
    variants: Iterable[str] = VARIANTS,
) -> list[LettersCell]:
    """Bits per letter (report, IV.D): one cell per task, variant and percentage, and of wired ones."""
    cells = []
    for task, variant in product(tasks, variants):
        epochs = work.text_epochs if isinstance(task, TextLetters) else work.letter_epochs
        make = partial(LettersCell, variant, task, work.letter_units, epochs)
        cells += _each_way(work, variant, make)
    return cells


def labels_cells(
    work: TaskWork, tasks: Iterable[LabelledText], variants: Iterable[str] = VARIANTS
) -> list[LabelsCell]:
    """Labelled texts told apart (proposal, section 6): one cell per corpus, variant and percentage."""
    sizes = work.letter_units[-1], work.text_epochs
    return [
        cell
        for task, variant in product(tasks, variants)
        for cell in _each_way(work, variant, partial(LabelsCell, variant, task, *sizes))
    ]


def function_cells(
    work: TaskWork, variants: Iterable[str] = ("rnn_tanh", "lstm")
) -> list[FunctionCell]:
    """Random functions (report, IV.E): the variants that the report compares."""
    sizes = work.function_units, work.function_samples, work.function_epochs
    return [
        cell
        for variant in variants
        for cell in _each_way(work, variant, partial(FunctionCell, variant, *sizes))
    ]


def writing_cells(
    work: TaskWork, grammars: Iterable[str] = GRAMMARS, variants: Iterable[str] = VARIANTS
) -> list[WritingCell]:
    """Strings written by networks (proposal, section 6): dense, pruned and wired."""
    sizes = work.letter_units[-1], work.letter_epochs, work.strings
    cells = []
    for grammar, variant in product(grammars, variants):
        percents = work.percents if variant in work.pruned_variants else (0,)
        cells += [WritingCell(variant, grammar, *sizes, percent) for percent in percents]
        cells.append(WritingCell(variant, grammar, *sizes, wired=True))
    return cells
