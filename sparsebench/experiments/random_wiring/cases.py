"""Case of a network wired by a random graph."""

from __future__ import annotations

from dataclasses import dataclass, field

from sparsebench.values.case import TrainedCase
from sparsebench.values.checks import instance_of, one_of, whole_number
from sparsebench.values.graphs import GraphSpec
from sparsebench.values.kinds import kind
from sparsebench.values.protocol import CELL_TYPES, ReberStrings, Training
from sparsebench.values.semantics import PUBLISHED, Semantics


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
        one_of("variant", self.variant, CELL_TYPES)
        instance_of("graph", self.graph, GraphSpec)
        whole_number("seed", self.seed, 0)
        instance_of("semantics", self.semantics, Semantics)
        instance_of("training", self.training, Training)
        instance_of("data", self.data, ReberStrings)
