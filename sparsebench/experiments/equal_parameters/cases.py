"""Case of four ways to spend the same number of weights."""

from __future__ import annotations

from dataclasses import dataclass

from sparsebench.experiments.random_wiring.cases import WiredCase
from sparsebench.values.checks import instance_of, one_of, whole_number
from sparsebench.values.kinds import kind
from sparsebench.values.protocol import Training

WAYS = ("dense", "pruned dense", "wired", "pruned wired")


@kind("FourWaysCase", words={"training": "first", "retraining": "then"}, phrases=WAYS)
@dataclass(frozen=True)
class FourWaysCase:
    """One of four ways to spend the same number of weights (slides, section 5.3).

    Attributes
    ----------
    way
        One of `WAYS`: fully connected layers, a larger such network pruned, a wired network, a
        larger wired network pruned.
    wired
        The wired network whose number of recurrent weights the others match as closely as possible.
        The unpruned networks use its training.
    percent
        Percentage of weights removed from the pruned networks.
    training
        How the pruned networks are trained before pruning.
    retraining
        How they are fine-tuned. All networks should have the same number of epochs in total.
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
        """The recurrent cell type of the network."""
        return self.wired.variant
