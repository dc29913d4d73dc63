"""Cases of networks: frozen descriptions of one measurement each.

Two measurements have the same digest (`sparsebench.values.identity`) only if they ask the same
question. A default never changes its meaning; a field that is added later has the default `None`,
which digests leave out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sparsebench.values.checks import instance_of, whole_number
from sparsebench.values.kinds import kind
from sparsebench.values.protocol import Architecture, ReberStrings, StringFiles, Training
from sparsebench.values.semantics import PUBLISHED, Semantics
from sparsebench.values.tasks import Task


class TrainedCase:
    """The base class of cases of trained networks, which can be pruned, fine-tuned and measured.

    Another project's case of a trained network is a frozen dataclass that derives from it. If its
    network is made from another one, that one's case is its field `network`.

    Attributes
    ----------
    variant
        The cell type.
    seed
        Seed of the initial weights and of the orders of examples.
    semantics
        How the network is read out, pruned and masked.
    training
        How it is trained.
    data
        What it is trained on.
    """

    if TYPE_CHECKING:  # dataclasses would take these for defaults of fields

        @property
        def variant(self) -> str:
            """The cell type."""

        @property
        def seed(self) -> int:
            """Seed of the initial weights and of the orders of examples."""

        @property
        def semantics(self) -> Semantics:
            """How the network is read out, pruned and masked."""

        @property
        def training(self) -> Training:
            """How it is trained."""

        @property
        def data(self) -> Task:
            """What it is trained on."""


def origin_of(case: Any) -> Any:
    """The case of the network that was trained from scratch, before any pruning or fine-tuning."""
    while hasattr(case, "network"):
        case = case.network
    return case


def epochs_of(case: Any) -> int:
    """Count a trained network's epochs, including those of the networks that it was made from.

    Parameters
    ----------
    case
        A case of a trained network.

    Returns
    -------
    int
        The number of epochs.
    """
    before = epochs_of(case.network) if hasattr(case, "network") else 0
    return before + int(case.training.length)


@kind("BaseCase")
@dataclass(frozen=True)
class BaseCase(TrainedCase):
    """Train one dense model from scratch and evaluate it after every epoch.

    Attributes
    ----------
    architecture
        Its layers and sizes.
    seed
        Seed of the initial weights and of the orders of examples.
    semantics, training, data
        See `TrainedCase`.

    Raises
    ------
    TypeError, ValueError
        If a field has another class, or the seed is negative.
    """

    architecture: Architecture
    seed: int
    semantics: Semantics = PUBLISHED
    training: Training = field(default_factory=Training)
    data: ReberStrings | StringFiles = field(default_factory=ReberStrings)

    def __post_init__(self) -> None:
        instance_of("architecture", self.architecture, Architecture)
        whole_number("seed", self.seed, 0)
        instance_of("semantics", self.semantics, Semantics)
        instance_of("training", self.training, Training)
        instance_of("data", self.data, ReberStrings, StringFiles)

    @property
    def variant(self) -> str:
        """The cell type of the network."""
        return self.architecture.variant


class OfBase:
    """Base class of cases about a base model, whose seed and variant they have."""

    base: BaseCase

    @property
    def seed(self) -> int:
        """The seed of the model."""
        return self.base.seed

    @property
    def variant(self) -> str:
        """The cell type of the model."""
        return self.base.variant


class OfNetwork:
    """Base class of cases about a network, whose seed, variant, semantics and data they have.

    Attributes
    ----------
    network
        The case of the trained network.
    """

    network: TrainedCase

    @property
    def seed(self) -> int:
        """The seed of the network."""
        return self.network.seed

    @property
    def variant(self) -> str:
        """The cell type of the network."""
        return self.network.variant

    @property
    def semantics(self) -> Semantics:
        """How the network is read out, pruned and masked."""
        return self.network.semantics

    @property
    def data(self) -> Task:
        """What the network is trained on."""
        return self.network.data
