"""Cases of networks: frozen descriptions of one measurement each.

Two measurements share a digest (`sparsebench.values.identity`) only if they ask the same question. A
default never changes its meaning; a field that is added later is born `None`, which digests leave out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sparsebench.values.checks import instance_of, whole_number
from sparsebench.values.kinds import kind
from sparsebench.values.protocol import Architecture, ReberStrings, Training
from sparsebench.values.semantics import PUBLISHED, Semantics
from sparsebench.values.tasks import Task


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


class OfBase:
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


class OfNetwork:
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
