"""Case of a network that is trained on a task."""

from __future__ import annotations

from dataclasses import dataclass

from sparsebench.parts.tasks import task_kind_of
from sparsebench.values.case import TrainedCase
from sparsebench.values.checks import instance_of, one_of, whole_number
from sparsebench.values.graphs import GraphSpec
from sparsebench.values.kinds import kind
from sparsebench.values.layout import Block, Layout
from sparsebench.values.protocol import INITIALISATIONS, VARIANTS, Training
from sparsebench.values.semantics import CORRECTED, Semantics
from sparsebench.values.tasks import Task


@kind("TaskCase")
@dataclass(frozen=True)
class TaskCase(TrainedCase):
    """Train a network on a task (report on capacity; proposal, section 6).

    Attributes
    ----------
    variant
        The recurrent cell type.
    task
        What it learns.
    seed
        Of its weights and of the order of its examples.
    hidden_size, layers
        Units in each of its layers; of a wired network none and 1.
    graph
        What it is wired by, if it is; its first layer reads whole vectors, or an embedding as wide as
        that layer.
    initialisation
        One of `INITIALISATIONS`; None: the first.
    semantics
        How it is pruned and masked; it is read out at the last step of each sequence.
    training
        How it is trained.
    """

    variant: str
    task: Task
    seed: int
    hidden_size: int | None = None
    layers: int = 1
    graph: GraphSpec | None = None
    initialisation: str | None = None
    semantics: Semantics = CORRECTED
    training: Training = Training(epochs=10, batch_size=64)

    def __post_init__(self) -> None:
        one_of("variant", self.variant, VARIANTS)
        task_kind_of(self.task)  # refuses what is none
        whole_number("seed", self.seed, 0)
        whole_number("layers", self.layers, 1)
        if (self.hidden_size is None) == (self.graph is None):
            raise ValueError(
                f"hidden_size is {self.hidden_size} and graph is {self.graph}: give one of the two"
            )
        if self.graph is None:
            whole_number("hidden_size", self.hidden_size, 1)
        else:
            instance_of("graph", self.graph, GraphSpec)
            if self.layers != 1:
                raise ValueError(
                    f"layers is {self.layers}: the graph decides the layers of a wired network, "
                    "leave it at 1"
                )
        if self.initialisation is not None:
            one_of("initialisation", self.initialisation, INITIALISATIONS)
        instance_of("semantics", self.semantics, Semantics)
        instance_of("training", self.training, Training)

    @property
    def data(self) -> Task:
        """What it learns, under the name that all cases have for it."""
        return self.task

    @property
    def width(self) -> int | None:
        """Entries of the vectors that the task shows; None: it shows letters."""
        return None if self.task.symbols else getattr(self.task, "width", None)

    @property
    def layout(self) -> Layout:
        """The network as blocks, where no graph decides them; its embedding is as wide as a layer."""
        assert self.hidden_size is not None
        width = self.width or self.hidden_size
        return Layout(
            self.variant,
            sizes=(self.hidden_size,) * self.layers,
            blocks=tuple(Block(layer - 1, layer) for layer in range(self.layers)),
            width=width,
            symbols=self.task.symbols,
            classes=self.task.classes,
        )
