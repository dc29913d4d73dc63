"""Case of a network that writes strings."""

from __future__ import annotations

from dataclasses import dataclass

from sparsebench.values.case import OfNetwork, TrainedCase
from sparsebench.values.checks import instance_of, whole_number
from sparsebench.values.kinds import kind
from sparsebench.values.tasks import NextLetters


@kind("GenerationCase")
@dataclass(frozen=True)
class GenerationCase(OfNetwork):
    """Let a network that says next letters write strings, letter by letter (proposal, section 6).

    Attributes
    ----------
    network
        Trained on `sparsebench.values.tasks.NextLetters`, and maybe pruned and fine-tuned.
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
