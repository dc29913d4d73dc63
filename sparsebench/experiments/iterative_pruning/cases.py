"""Cases of iterative magnitude pruning: the network of one round each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sparsebench.values.case import OfNetwork, TrainedCase, origin_of
from sparsebench.values.checks import instance_of, one_of, whole_number, with_article
from sparsebench.values.kinds import kind
from sparsebench.values.protocol import TARGETS, Training

STARTS = ("rewound", "new")
"""Weights that a round starts from: those of an early epoch, or new random ones (the control)."""

MOST_ROUNDS = 12
"""Most rounds; files whose cases are nested much deeper than this are refused."""


@kind("IterativePruningCase")
@dataclass(frozen=True)
class IterativePruningCase(OfNetwork, TrainedCase):
    """Prune a trained network, rewind the remaining weights, and train them again.

    Attributes
    ----------
    network
        The network to prune: that of the previous round or, in the first round, the one trained
        from scratch. Its smallest weights are pruned.
    target
        The weights to prune.
    percent
        Percentage of the first network's target weights that is pruned after this round: 75 after
        the second of two rounds that each prune half of what remains.
    rewind
        Epoch of the first network's training whose weights are restored; 0: the initial weights.
    start
        `rewound`, or `new`: the same number of new random weights under the same masks.
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
                f"network is {with_article(type(before))}: give a network that is trained from "
                "scratch, or that of the round before"
            )
        whole = self.original.training
        if whole.until is not None:
            raise ValueError(
                f"the first network's training stops after epoch {whole.until} of {whole.epochs}: give "
                "one without until"
            )
        whole_number("rewind", self.rewind, 0, whole.epochs - 1)

    def _check_goes_on_from(self, before: IterativePruningCase) -> None:
        """Refuse a round whose protocol differs from that of the previous round."""
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
        """Percentage pruned after each round, up to this one."""
        before = self.network
        return (
            *(before.percents if isinstance(before, IterativePruningCase) else ()),
            self.percent,
        )

    @property
    def rounds(self) -> int:
        """Number of this round, from 1."""
        return len(self.percents)

    @property
    def original(self) -> Any:
        """The network trained from scratch, before the first round."""
        return origin_of(self)

    @property
    def early(self) -> Any:
        """The same network at the epoch that is rewound to."""
        first = self.original
        return replace(first, training=replace(first.training, until=self.rewind))

    @property
    def training(self) -> Training:
        """The first network's training: all of it for new weights, the rest of it for rewound ones."""
        whole: Training = self.original.training
        if self.start == "new":
            return whole
        left = whole.epochs - self.rewind
        return replace(whole, epochs=left, learning_rate=whole.rate(self.rewind))
