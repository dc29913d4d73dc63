"""Items of networks that predict and generate letters, and that classify texts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import product

from sparsebench.experiments.capacity.task_items import VERTICES, OfTask, each_way
from sparsebench.experiments.language_modelling.cases import GenerationCase
from sparsebench.harness.task_profiles import TaskWork
from sparsebench.parts.tasks import name_of
from sparsebench.values.checks import instance_of, listed, one_of
from sparsebench.values.identity import Case
from sparsebench.values.protocol import VARIANTS, Training
from sparsebench.values.tasks import GRAMMARS, LabelledText, NextLetters, TextLetters


@dataclass(frozen=True)
class LettersItem(OfTask):
    """Networks of one variant that predict the next letter of strings, or of a text.

    Attributes
    ----------
    variant, task
        The cell type, and what is predicted.
    units
        Units of the one layer of each network, or vertices of its graph.
    epochs
        Epochs of training, and of fine-tuning if something is pruned.
    percent
        Percentage of input and hidden weights that is pruned, 0-100.
    wired
        Whether the networks are wired by a graph; otherwise their layer is fully connected.
    semantics
        Only `corrected`.
    """

    variant: str
    task: NextLetters | TextLetters
    units: tuple[int, ...]
    epochs: int
    percent: int = 0
    wired: bool = False
    semantics: str = "corrected"

    def __post_init__(self) -> None:
        super().__post_init__()
        instance_of("task", self.task, NextLetters, TextLetters)

    @property
    def id(self) -> str:
        """The id inside the brackets of the pytest item."""
        return f"{name_of(self.task)}-{self.variant}{self._how}"

    def cases(self, seeds: Sequence[int]) -> list[Case]:
        """Networks of each size, for each seed."""
        training = Training(self.epochs, 64, 0.005, final_rate=0.0005)
        return self._networks(self.task, self.units, seeds, training)


@dataclass(frozen=True)
class LabelsItem(OfTask):
    """Networks of one variant that classify a user's labelled texts.

    Attributes
    ----------
    variant, task
        The cell type, and the labelled texts.
    units, epochs, percent, wired
        As in `LettersItem`; there is one network per seed.
    semantics
        Only `corrected`.
    """

    variant: str
    task: LabelledText
    units: int
    epochs: int
    percent: int = 0
    wired: bool = False
    semantics: str = "corrected"

    def __post_init__(self) -> None:
        super().__post_init__()
        instance_of("task", self.task, LabelledText)

    @property
    def id(self) -> str:
        """The id inside the brackets of the pytest item."""
        return f"{name_of(self.task)}-{self.variant}{self._how}"

    def cases(self, seeds: Sequence[int]) -> list[Case]:
        """One network per seed."""
        training = Training(self.epochs, 32, 0.003, final_rate=0.0003)
        return self._networks(self.task, [self.units], seeds, training)


@dataclass(frozen=True)
class WritingItem(OfTask):
    """Networks of one variant that generate strings of a grammar.

    Attributes
    ----------
    grammar
        One of `sparsebench.values.tasks.GRAMMARS`.
    wired
        Whether the networks are wired by a graph; otherwise their layer is fully connected.
    units
        Units of a network that is not wired.
    epochs, strings
        Epochs of training, and strings that each network generates.
    variant
        The cell type.
    percent
        Percentage of input and hidden weights that is pruned, 0-100.
    semantics
        Only `corrected`.
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
        """Each seed's network, then the strings that it generates."""
        training = Training(self.epochs, 64, 0.005, final_rate=0.0005)
        size = VERTICES if self.wired else self.units
        networks = self._networks(NextLetters(self.grammar), [size], seeds, training)
        written = [GenerationCase(network, self.strings) for network in networks]  # type: ignore[arg-type]
        return [*networks, *written]


def letters_items(
    work: TaskWork,
    tasks: Iterable[NextLetters | TextLetters],
    variants: Iterable[str] = VARIANTS,
) -> list[LettersItem]:
    """Make the items on bits per letter (report, IV.D).

    Parameters
    ----------
    work
        The profile's work on tasks, `settings.work.tasks`.
    tasks
        Strings or texts.
    variants
        The cell types.

    Returns
    -------
    list of LettersItem
        One for each task, variant and percentage, and one of wired networks.

    Raises
    ------
    TypeError, ValueError
        If an argument is not a list, a task is of another class, or a variant does not exist.
    """
    items = []
    for task, variant in product(listed("tasks", tasks), listed("variants", variants)):
        epochs = work.text_epochs if isinstance(task, TextLetters) else work.letter_epochs
        make = partial(LettersItem, variant, task, work.letter_units, epochs)
        items += each_way(work, variant, make)
    return items


def labels_items(
    work: TaskWork, tasks: Iterable[LabelledText], variants: Iterable[str] = VARIANTS
) -> list[LabelsItem]:
    """Make the items of labelled texts to classify (proposal, section 6).

    Parameters
    ----------
    work
        The profile's work on tasks, `settings.work.tasks`.
    tasks
        The labelled texts.
    variants
        The cell types.

    Returns
    -------
    list of LabelsItem
        One for each corpus, variant and percentage, and one of wired networks.

    Raises
    ------
    TypeError, ValueError
        If an argument is not a list, a task is of another class, or a variant does not exist.
    """
    sizes = work.letter_units[-1], work.text_epochs
    return [
        item
        for task, variant in product(listed("tasks", tasks), listed("variants", variants))
        for item in each_way(work, variant, partial(LabelsItem, variant, task, *sizes))
    ]


def writing_items(
    work: TaskWork, grammars: Iterable[str] = GRAMMARS, variants: Iterable[str] = VARIANTS
) -> list[WritingItem]:
    """Make the items of networks that generate strings (proposal, section 6): dense, pruned, wired.

    Parameters
    ----------
    work
        The profile's work on tasks, `settings.work.tasks`.
    grammars
        Names in `sparsebench.values.tasks.GRAMMARS`.
    variants
        The cell types.

    Returns
    -------
    list of WritingItem
        One for each grammar, variant and percentage, and one of wired networks.

    Raises
    ------
    TypeError, ValueError
        If an argument is not a list, or a name does not exist.
    """
    sizes = work.letter_units[-1], work.letter_epochs, work.strings
    items = []
    for grammar, variant in product(listed("grammars", grammars), listed("variants", variants)):
        percents = work.percents if variant in work.pruned_variants else (0,)
        items += [WritingItem(variant, grammar, *sizes, percent) for percent in percents]
        items.append(WritingItem(variant, grammar, *sizes, wired=True))
    return items
