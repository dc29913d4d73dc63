"""Case of a network that generates strings."""

from __future__ import annotations

from dataclasses import dataclass

from sparsebench.values.case import OfNetwork, TrainedCase
from sparsebench.values.checks import instance_of, whole_number
from sparsebench.values.kinds import kind
from sparsebench.values.tasks import NextLetters


@kind("GenerationCase")
@dataclass(frozen=True)
class GenerationCase(OfNetwork):
    """Generate strings letter by letter with a network that predicts letters (proposal, section 6).

    Attributes
    ----------
    network
        Trained on `sparsebench.values.tasks.NextLetters`; may be pruned and fine-tuned.
    strings
        Number of strings to generate.
    draw
        Seed for drawing letters from the network's predictions.
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
