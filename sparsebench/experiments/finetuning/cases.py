"""Case of a network that is pruned and fine-tuned."""

from __future__ import annotations

from dataclasses import dataclass

from sparsebench.values.case import OfNetwork, TrainedCase
from sparsebench.values.checks import instance_of, one_of, positive, whole_number
from sparsebench.values.kinds import kind
from sparsebench.values.protocol import TARGETS, Training

FINETUNED_TARGETS = (*TARGETS, "readout")
"""What can be pruned before fine-tuning."""


def check_target(target: str) -> None:
    """Refuse a target after whose pruning no network can be fine-tuned.

    Raises
    ------
    ValueError
        With the targets that can be.
    """
    if target == "embedding":
        raise ValueError(
            "target 'embedding' cannot be fine-tuned: the engine adds the embedding's gradient after "
            "it has zeroed those of pruned weights. Evaluate it without fine-tuning "
            f"(pruning_items), or choose one of {', '.join(FINETUNED_TARGETS)}"
        )
    one_of("target", target, FINETUNED_TARGETS)


@kind("RetrainingCase", seeds={"order": None}, words={"training": "then"})
@dataclass(frozen=True)
class FinetuningCase(OfNetwork, TrainedCase):
    """Prune a trained network and fine-tune it (thesis, section 5.2; slides, section 5.3).

    Attributes
    ----------
    network
        The network to prune, trained as its own case says. It may already be pruned and fine-tuned.
    target, percent, criterion
        What is pruned, the percentage of the network's weights, and the criterion; the percentage
        is None if a threshold decides. The target is one of `FINETUNED_TARGETS`.
    training
        How it is fine-tuned, with fixed masks and a new optimiser.
    threshold
        All weights with scores below it are pruned; None if a percentage decides.
    order
        Seed of the orders of strings during fine-tuning; None: the network's own sequence
        continues.
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
        check_target(self.target)
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
