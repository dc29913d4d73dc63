"""Cases of iterative magnitude pruning: the network of one round each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sparsebench.values.case import OfNetwork, TrainedCase, origin_of
from sparsebench.values.checks import instance_of, one_of, whole_number
from sparsebench.values.kinds import kind
from sparsebench.values.protocol import TARGETS, Training

STARTS = ("rewound", "new")
"""Which weights a round begins with: those of an early epoch, or new random ones, the control."""

MOST_ROUNDS = 12
"""Files are refused whose cases are nested deeper than those of a few more rounds."""


@kind("IterativePruningCase")
@dataclass(frozen=True)
class IterativePruningCase(OfNetwork, TrainedCase):
    """Prune a trained network, rewind the weights that are left, and train them again.

    Attributes
    ----------
    network
        The network that is pruned: that of the round before, or in the first round the one that was
        trained from scratch. Its smallest weights go.
    target
        Which weights are pruned.
    percent
        How much of the target is gone after this round, of what the first network had: 75 after the
        second of two rounds that take half of what is there.
    rewind
        After which epoch of the first network's training the weights were what they are rewound to.
        0: before the first, as they were drawn.
    start
        `rewound`, or `new`: as many new random weights under the same masks.
    """

    network: TrainedCase
    target: str
    percent: int
    rewind: int = 0
    start: str = "rewound"

    def __post_init__(self) -> None:
        instance_of("network", self.network, TrainedCase)
        one_of("target", self.target, TARGETS)
        whole_number("percent", self.percent, 1, 99)
        one_of("start", self.start, STARTS)
        before = self.network
        if isinstance(before, IterativePruningCase):
            self._check_goes_on_from(before)
        elif hasattr(before, "network"):
            raise TypeError(
                f"network is a {type(before).__name__}: give a network that is trained from scratch, "
                "or that of the round before"
            )
        whole = self.original.training
        if whole.until is not None:
            raise ValueError(
                f"the first network's training stops after epoch {whole.until} of {whole.epochs}: give "
                "one without until"
            )
        whole_number("rewind", self.rewind, 0, whole.epochs - 1)

    def _check_goes_on_from(self, before: IterativePruningCase) -> None:
        """Refuse a round that is not one of the same protocol as the round before."""
        for name, expected in (
            ("target", self.target),
            ("rewind", self.rewind),
            ("start", "rewound"),
        ):
            if getattr(before, name) != expected:
                raise ValueError(
                    f"{name} is {getattr(before, name)!r} in the round before: give a round of "
                    f"{expected!r}"
                )
        whole_number("percent", self.percent, before.percent + 1, 99)
        if before.rounds >= MOST_ROUNDS:
            raise ValueError(
                f"this is round {self.rounds}: {MOST_ROUNDS} are allowed, prune more in each"
            )

    @property
    def percents(self) -> tuple[int, ...]:
        """How much is gone after each round, up to this one."""
        before = self.network
        return (
            *(before.percents if isinstance(before, IterativePruningCase) else ()),
            self.percent,
        )

    @property
    def rounds(self) -> int:
        """Which round this is, from 1."""
        return len(self.percents)

    @property
    def original(self) -> Any:
        """The network that is trained from scratch, before the first round."""
        return origin_of(self)

    @property
    def early(self) -> Any:
        """The same at the epoch that is rewound to."""
        first = self.original
        return replace(first, training=replace(first.training, until=self.rewind))

    @property
    def training(self) -> Training:
        """The first network's protocol: new weights have all of it, rewound ones what is left of it."""
        whole: Training = self.original.training
        if self.start == "new":
            return whole
        left = whole.epochs - self.rewind
        return replace(whole, epochs=left, learning_rate=whole.rate(self.rewind))
