"""Cases of networks: frozen descriptions of one measurement each.

Two measurements share a digest (`sparsebench.values.identity`) only if they ask the same question. A
default never changes its meaning; a field that is added later is born `None`, which digests leave out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sparsebench.values.checks import instance_of, one_of, positive, whole_number
from sparsebench.values.kinds import kind
from sparsebench.values.layout import Block, Layout
from sparsebench.values.protocol import (
    INITIALISATIONS,
    VARIANTS,
    Architecture,
    ReberStrings,
    Training,
)
from sparsebench.values.semantics import CORRECTED, PUBLISHED, Semantics
from sparsebench.values.tasks import TASKS, NextLetters, Task

TARGETS = ("i2h", "h2h", "both")
PUBLISHED_FAMILIES = ("watts_strogatz", "barabasi_albert")


class TrainedCase:
    """What all cases of trained networks have: whoever has it can be pruned, trained on and measured.

    Another project's case of a trained network is a frozen dataclass that derives from it. One that is
    made from another network has that in its field `network`.

    Attributes
    ----------
    variant
        The recurrent cell.
    seed
        Of its weights and of the order of its examples.
    semantics
        How it is read out, pruned and masked.
    training
        How it is trained.
    data
        What it is trained on.
    """

    if TYPE_CHECKING:  # dataclasses would take these for the defaults of fields

        @property
        def variant(self) -> str:
            """The recurrent cell."""

        @property
        def seed(self) -> int:
            """Of the weights and the order of the examples."""

        @property
        def semantics(self) -> Semantics:
            """How it is read out, pruned and masked."""

        @property
        def training(self) -> Training:
            """How it is trained."""

        @property
        def data(self) -> Task:
            """What it is trained on."""


def origin_of(case: Any) -> Any:
    """The network that is trained from scratch: of a pruned one, what it was before all prunings."""
    while hasattr(case, "network"):
        case = case.network
    return case


def epochs_of(case: Any) -> int:
    """Epochs that a trained network has had, those of the networks that it was made from too."""
    before = epochs_of(case.network) if hasattr(case, "network") else 0
    return before + int(case.training.length)


@kind("BaseCase")
@dataclass(frozen=True)
class BaseCase(TrainedCase):
    """Train one dense model from scratch and evaluate it after every epoch."""

    architecture: Architecture
    seed: int
    semantics: Semantics = PUBLISHED
    training: Training = field(default_factory=Training)
    data: ReberStrings = field(default_factory=ReberStrings)

    def __post_init__(self) -> None:
        instance_of("architecture", self.architecture, Architecture)
        whole_number("seed", self.seed, 0)
        instance_of("semantics", self.semantics, Semantics)
        instance_of("training", self.training, Training)
        instance_of("data", self.data, ReberStrings)

    @property
    def variant(self) -> str:
        """The cell of the network."""
        return self.architecture.variant


class _OfBase:
    """What is measured of a base model has its seed and variant."""

    base: BaseCase

    @property
    def seed(self) -> int:
        """The seed of the model."""
        return self.base.seed

    @property
    def variant(self) -> str:
        """The cell of the model."""
        return self.base.variant


@kind("OnsetCase")
@dataclass(frozen=True)
class OnsetCase(_OfBase):
    """The first `steps` training steps of a base model: their losses, before chance takes over."""

    base: BaseCase
    steps: int = 100

    def __post_init__(self) -> None:
        instance_of("base", self.base, BaseCase)
        whole_number("steps", self.steps, 1)


@kind("PruningCase")
@dataclass(frozen=True)
class PruningCase(_OfBase):
    """Prune a trained base model and evaluate it without retraining (thesis, section 6.2)."""

    base: BaseCase
    target: str
    percent: int
    criterion: str = "magnitude"

    def __post_init__(self) -> None:
        instance_of("base", self.base, BaseCase)
        one_of("target", self.target, TARGETS)
        whole_number("percent", self.percent, 0, 100)


@kind("GraphSpec")
@dataclass(frozen=True)
class GraphSpec:
    """A random graph and the direction of its edges.

    Attributes
    ----------
    family
        A name in `sparsebench.parts.graphs.FAMILIES`.
    seed
        The graph's own seed.
    vertices
        How many; None: 10 to 50, uniformly, by the seed (thesis, section 5.3).
    order
        What decides the direction of edges, a name in `sparsebench.parts.wirings.ORDERS`; None: node
        order, as published.
    """

    family: str
    seed: int
    vertices: int | None = None
    order: str | None = None

    def __post_init__(self) -> None:
        instance_of("family", self.family, str)
        whole_number("seed", self.seed, 0)
        if self.vertices is not None:
            whole_number("vertices", self.vertices, 1)


@kind("WiredCase")
@dataclass(frozen=True)
class WiredCase(TrainedCase):
    """Train a network wired by a random graph, as the thesis did (sections 5.3 and 6.3)."""

    variant: str
    graph: GraphSpec
    seed: int
    semantics: Semantics = PUBLISHED
    training: Training = Training(epochs=15, batch_size=128)
    data: ReberStrings = field(default_factory=ReberStrings)

    def __post_init__(self) -> None:
        one_of("variant", self.variant, VARIANTS)
        instance_of("graph", self.graph, GraphSpec)
        whole_number("seed", self.seed, 0)
        instance_of("semantics", self.semantics, Semantics)
        instance_of("training", self.training, Training)
        instance_of("data", self.data, ReberStrings)


@kind("TaskCase")
@dataclass(frozen=True)
class TaskCase(TrainedCase):
    """Train a network on a task (report on capacity; proposal, section 6).

    Attributes
    ----------
    variant
        The cell.
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
        instance_of("task", self.task, *TASKS)
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


class _OfNetwork:
    """What is measured of a network has its seed, variant, semantics and data."""

    network: TrainedCase

    @property
    def seed(self) -> int:
        """The seed of the network."""
        return self.network.seed

    @property
    def variant(self) -> str:
        """The cell of the network."""
        return self.network.variant

    @property
    def semantics(self) -> Semantics:
        """How the network is read out, pruned and masked."""
        return self.network.semantics

    @property
    def data(self) -> Task:
        """What the network is trained on."""
        return self.network.data


@kind("RetrainingCase", seeds={"order": None})
@dataclass(frozen=True)
class RetrainingCase(_OfNetwork, TrainedCase):
    """Prune a trained network and train what is left (thesis, section 5.2; slides, section 5.3).

    Attributes
    ----------
    network
        The network that is pruned, trained as its own case says; it may have been pruned and trained
        before.
    target, percent, criterion
        What is pruned, how much of the weights that the network has, and by which criterion; no
        percentage where a threshold decides.
    training
        How it is trained again: with the masks fixed and a fresh optimiser.
    threshold
        All weights go whose scores are below it, however many they are.
    order
        The seed of the orders in which it sees the strings then; None: it goes on with the network's.
    """

    network: TrainedCase
    target: str
    percent: int | None = None
    criterion: str = "magnitude"
    training: Training = Training(epochs=10, batch_size=128)
    threshold: float | None = None
    order: int | None = None

    def __post_init__(self) -> None:
        instance_of("network", self.network, TrainedCase)
        one_of("target", self.target, TARGETS)
        if (self.percent is None) == (self.threshold is None):
            raise ValueError(
                f"percent is {self.percent} and threshold is {self.threshold}: give one of the two"
            )
        if self.percent is not None:
            whole_number("percent", self.percent, 0, 100)
        if self.threshold is not None:
            positive("threshold", self.threshold)
            object.__setattr__(self, "threshold", float(self.threshold))
        if self.order is not None:
            whole_number("order", self.order, 0)
        instance_of("training", self.training, Training)


@kind("GenerationCase")
@dataclass(frozen=True)
class GenerationCase(_OfNetwork):
    """Let a network that says next letters write strings, letter by letter (proposal, section 6).

    Attributes
    ----------
    network
        Trained on `sparsebench.values.tasks.NextLetters`, and maybe pruned and trained again.
    strings
        How many it writes.
    draw
        The seed by which letters are drawn from what the network says.
    """

    network: TrainedCase
    strings: int = 1000
    draw: int = 0

    def __post_init__(self) -> None:
        instance_of("network", self.network, TrainedCase)
        if not isinstance(self.network.data, NextLetters):
            raise TypeError(
                "only networks trained on NextLetters write strings of a grammar: give the case of one"
            )
        whole_number("strings", self.strings, 1)
        whole_number("draw", self.draw, 0)


WAYS = ("dense", "pruned dense", "wired", "pruned wired")


@kind("FourWaysCase")
@dataclass(frozen=True)
class FourWaysCase:
    """One of four ways to spend the same number of weights (slides, section 5.3).

    Attributes
    ----------
    way
        One of `WAYS`: layers that are wholly connected, a larger such network pruned, a wired network,
        a larger wired network pruned.
    wired
        The wired network whose number of recurrent weights the others come as close to as they can.
        The unpruned networks are trained as it is.
    percent
        How much of the pruned networks goes.
    training
        How these are trained before they are pruned.
    retraining
        How they are trained again. All networks should have had as many epochs in the end.
    """

    way: str
    wired: WiredCase
    percent: int
    training: Training = Training(epochs=15, batch_size=128)
    retraining: Training = Training(epochs=10, batch_size=128)

    def __post_init__(self) -> None:
        one_of("way", self.way, WAYS)
        instance_of("wired", self.wired, WiredCase)
        whole_number("percent", self.percent, 1, 99)
        instance_of("training", self.training, Training)
        instance_of("retraining", self.retraining, Training)

    @property
    def seed(self) -> int:
        """The seed of the network."""
        return self.wired.seed

    @property
    def variant(self) -> str:
        """The cell of the network."""
        return self.wired.variant


@kind("ForwardCase")
@dataclass(frozen=True)
class ForwardCase(_OfNetwork):
    """Time the forward pass of a network as it is before its first step.

    What a pass costs follows from the structure and not from the weights, so nothing is trained.

    Attributes
    ----------
    network
        What is run.
    percent
        How much of its recurrent weights is pruned first, by magnitude.
    batch_size
        Strings per pass.
    """

    network: BaseCase | WiredCase
    percent: int = 0
    batch_size: int = 128

    def __post_init__(self) -> None:
        instance_of("network", self.network, BaseCase, WiredCase)
        whole_number("percent", self.percent, 0, 100)
        whole_number("batch_size", self.batch_size, 1)
