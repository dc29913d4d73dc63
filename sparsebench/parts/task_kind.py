"""The descriptor of a task: what is needed to train networks on it, judge them and show results.

Nothing else knows the class of a task, ours or another project's; the registry
(`sparsebench.parts.tasks`) finds its descriptor.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import numpy as np

    from sparsebench.parts.examples import Dataset, Examples, Halves


class Answered(Protocol):
    """A trained network and the examples that it is tested on."""

    @property
    def metrics(self) -> Mapping[str, float]:
        """Its known figures: `loss`, and, if classes are asked for, `accuracy` or `letters_right`."""

    @property
    def test(self) -> Examples:
        """The test examples."""

    @property
    def said(self) -> np.ndarray:
        """The network's outputs: (N, classes), or (N, T, classes) if each step has an answer."""

    def answer(self, examples: Examples) -> np.ndarray:
        """The network's outputs for other examples, such as windows with its own predictions."""


@dataclass(frozen=True, kw_only=True)
class TaskFigure:
    """A metric, as tables and figures show it.

    Attributes
    ----------
    name
        The table's name: unique, but shared by tasks that are shown in one table.
    metric
        The metric; records without it are left out.
    caption
        What is shown, and its unit.
    scale
        Factor for the metric, such as 100 for percent.
    form
        Format of a figure, such as `.1f`.
    """

    name: str
    metric: str
    caption: str
    scale: float = 1
    form: str = ".3f"


Divider = Callable[["Examples"], Sequence[Sequence[bytes]]]
"""Divides each sequence into its words."""


def _nothing(task: Any, answered: Answered) -> dict[str, float]:
    return {}


def _no_content(task: Any) -> None:
    return None


def _all_columns(task: Any) -> None:
    return None


def _not_taken(content: Any) -> None:
    raise NotImplementedError("a task that has content needs a function that takes it: give one")


@dataclass(frozen=True, kw_only=True)
class TaskKind:
    """The descriptor of a class of tasks: how examples are made, and how results are shown.

    What a task asks for, and with it the loss, follows from the answers of its examples
    (`sparsebench.parts.examples.Examples`): cross entropy for a class at the end or after every
    step, squared error for numbers at the end.

    Attributes
    ----------
    task
        The class of descriptions: a frozen dataclass whose kind has no seeds
        (`sparsebench.kind(name, seeds={})`), with the members of `sparsebench.values.tasks.Task`.
    make
        Makes the dataset of a description; equal descriptions must give equal examples in every
        process.
    title
        The name of its tasks in words; by default the name of the kind.
    name
        Makes the name of a task for ids and tables: lower case, dashes, no dot. By default the
        title and all fields that differ from their defaults.
    metrics
        Computes further figures of a trained network, from the description and the network's
        answers.
    figures
        What tables and the report show; None: accuracy, or the share of right steps, and the loss.
    size
        How much longer an epoch takes than usual for tasks of this class, if that differs much.
    content
        Data that another process needs to make the examples, if the description is not enough.
    give
        Receives that data in the other process.
    held_out
        Splits the training examples, from the description, a share and a seed, for tasks whose
        examples would leak into each other if they were split at random, as
        `sparsebench.values.tasks.Validation` splits all others.
    words
        If sequences of words are classified: from the description, what divides examples into
        their words, bytes that are equal for equal words. Floors count them.
    needs
        The package, of none that is always there, that has the data; empty: nothing is needed.
    repeated
        For the floor "last value": which numbers of a vector are repeated as the answer, one for
        each number that is asked for; empty: none, there is no such floor. None: all of them, where
        as many are read as are asked for.
    """

    task: type
    make: Callable[[Any], Dataset]
    title: str = ""
    name: Callable[[Any], str] | None = None
    metrics: Callable[[Any, Answered], Mapping[str, float]] = _nothing
    figures: tuple[TaskFigure, ...] | None = None
    size: Callable[[Any], float] = lambda task: 1
    content: Callable[[Any], Any] = _no_content
    give: Callable[[Any], object] = _not_taken
    held_out: Callable[[Any, float, int], Halves] | None = None
    words: Callable[[Any], Divider | None] = _no_content
    needs: str = ""
    repeated: Callable[[Any], Sequence[int] | None] = _all_columns
