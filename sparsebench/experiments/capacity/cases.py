"""Case of a network trained on a task."""

from __future__ import annotations

from dataclasses import dataclass

from sparsebench.parts.tasks import task_kind_of
from sparsebench.values.case import TrainedCase
from sparsebench.values.checks import instance_of, one_of, whole_number
from sparsebench.values.graphs import GraphSpec
from sparsebench.values.kinds import kind
from sparsebench.values.layout import Block, Layout
from sparsebench.values.protocol import CELL_TYPES, INITIALISATIONS, Training
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
        The task that the network learns.
    seed
        Seed of the weights and of the order of the examples.
    hidden_size, layers
        Units per layer, and layers; of a wired network, None and 1.
    graph
        The graph of a wired network, else None. Its first layer reads whole vectors, or an
        embedding as wide as that layer.
    initialisation
        One of `INITIALISATIONS`; None: the first.
    semantics
        How the network is pruned and masked. The readout uses the last step of each sequence.
    training
        How the network is trained.
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
        one_of("variant", self.variant, CELL_TYPES)
        task_kind_of(self.task)  # refuses an object that is not a task
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
        """The task, under the name that all cases use for their data."""
        return self.task

    @property
    def width(self) -> int | None:
        """Entries of the vectors that the task shows; None if it shows letters."""
        return None if self.task.symbols else getattr(self.task, "width", None)

    @property
    def layout(self) -> Layout:
        """The layout of a network that is not wired; its embedding is as wide as a layer."""
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
