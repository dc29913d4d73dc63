"""What a task is to whoever trains networks on it, judges or shows them: a frozen descriptor.

Nobody else knows the class of a task, ours or another project's: they ask its descriptor, which the
registry (`sparsebench.parts.tasks`) finds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import numpy as np

    from sparsebench.parts.examples import Dataset, Examples


class Answered(Protocol):
    """A trained network beside the examples that it is judged by."""

    @property
    def metrics(self) -> Mapping[str, float]:
        """What is known of it: `loss`, and by what is asked for, `accuracy` or `letters_right`."""

    @property
    def test(self) -> Examples:
        """The examples."""

    @property
    def said(self) -> np.ndarray:
        """(N, classes), or where something is asked after every step (N, T, classes): what it says."""


@dataclass(frozen=True, kw_only=True)
class TaskFigure:
    """A metric as tables and figures show it.

    Attributes
    ----------
    name
        Of its table: unique, but shared by tasks that stand in one table.
    metric
        The metric; records that lack it are left out.
    caption
        What is shown, and in which unit.
    scale
        What the metric is multiplied by, such as 100 for percent.
    form
        How a figure is written, such as `.1f`.
    """

    name: str
    metric: str
    caption: str
    scale: float = 1
    form: str = ".3f"


def _nothing(task: Any, answered: Answered) -> dict[str, float]:
    return {}


def _no_content(task: Any) -> None:
    return None


def _not_taken(content: Any) -> None:
    raise NotImplementedError("a task that has content needs a function that takes it: give one")


@dataclass(frozen=True, kw_only=True)
class TaskKind:
    """A class of tasks: how their examples are made, and how networks on them are told of.

    What is asked for, and with it the loss, follows from the answers of the examples
    (`sparsebench.parts.examples.Examples`): cross entropy for a class at the end or after every step,
    squared error for numbers at the end.

    Attributes
    ----------
    task
        The class of the descriptions: a frozen dataclass with a kind of no seeds
        (`sparsebench.kind(name, seeds={})`), and with what `sparsebench.values.tasks.Task` says.
    make
        Makes the dataset of a description: of equal ones, equal examples in every process.
    title
        What its tasks are called in words; by default the name of the kind.
    name
        What one is called in ids and tables: lower case, dashes, no dot. By default its title, and
        whatever is not at its default.
    metrics
        Further figures of a trained network, from the description and what the network answered.
    figures
        What tables and the report show; None: accuracy, or the share of right steps, and the loss.
    size
        How much longer an epoch takes than that of other tasks of this kind, where it differs much.
    content
        What another process must be given before it can make the examples, if the description does not
        say it all.
    give
        Takes that, in the other process.
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
