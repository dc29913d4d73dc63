"""Items of iterative magnitude pruning: one for each round, with its controls."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sparsebench.experiments.capacity.cases import TaskCase
from sparsebench.experiments.iterative_pruning.cases import IterativePruningCase
from sparsebench.harness.items import suffix
from sparsebench.values.case import TrainedCase
from sparsebench.values.checks import listed, one_of, whole_number
from sparsebench.values.identity import Case
from sparsebench.values.protocol import TARGETS, VARIANTS, ReberStrings, Training

if TYPE_CHECKING:
    from sparsebench.harness.profiles import Settings

SIZES = (16, 3)
"""Units in each layer, and layers."""

BATCH_SIZE, LEARNING_RATE = 64, 0.002
"""Of all trainings; the rate is the best of five for such networks (docs/capacity.md)."""


@dataclass(frozen=True)
class Work:
    """How much of this experiment a profile does.

    Attributes
    ----------
    variants, targets
        The networks, and which of their weights are pruned.
    percents
        How much of the target is gone after each round.
    epochs
        Of every training: of the first network, and of each round, less those that are rewound.
    rewinds
        Epochs that are rewound to.
    """

    variants: tuple[str, ...]
    targets: tuple[str, ...]
    percents: tuple[int, ...]
    epochs: int
    rewinds: tuple[int, ...]


WORK = {
    "smoke": Work(("gru",), ("both",), (50, 75), epochs=1, rewinds=(0,)),
    "quick": Work(("lstm", "gru"), ("both",), (50, 75, 88, 94, 97), epochs=3, rewinds=(0,)),
    "thesis": Work(
        VARIANTS,
        ("both",),
        (33, 56, 70, 80, 87, 91, 94, 96, 97),
        epochs=10,
        rewinds=(0, 2),
    ),
}
"""By the profile's name. A round of the quick profile takes half of what is there, one of the thesis
profile a third; Frankle and Carbin's took a fifth."""


@dataclass(frozen=True)
class IterativePruningItem:
    """Networks of one round, and its controls: new random weights, and one pruning instead of several.

    Attributes
    ----------
    variant, target
        The networks, and which of their weights are pruned.
    percents
        How much of the target is gone after each round, up to this one.
    epochs, rewind
        Of every training; and how many of them are not done again, for the weights are rewound to what
        they were after these.
    data
        The strings that networks learn to classify.
    """

    variant: str
    target: str
    percents: tuple[int, ...]
    epochs: int
    rewind: int = 0
    data: ReberStrings = field(default_factory=ReberStrings)
    semantics: str = "corrected"

    def __post_init__(self) -> None:
        one_of("variant", self.variant, VARIANTS)
        one_of("target", self.target, TARGETS)
        one_of("semantics", self.semantics, ("corrected",))
        whole_number("epochs", self.epochs, 1)
        if not self.percents:
            raise ValueError("percents is empty: give how much is gone after each round")

    @property
    def id(self) -> str:
        """The id inside the brackets of the pytest item."""
        rewound = f"-k{self.rewind}" if self.rewind else ""
        round_of = f"r{len(self.percents)}{rewound}"
        return f"{self.variant}-{self.target}-p{self.percents[-1]}-{round_of}" + suffix("published")

    def cases(self, seeds: Sequence[int]) -> list[Case]:
        """Rewound networks, then new random weights, then networks pruned at once: each for every seed.

        The first round itself prunes at once.
        """
        first = [self._original(seed) for seed in seeds]
        last = [self._rounds(network, self.percents[:-1]) for network in first]
        cases = [
            self._round(network, self.percents[-1], start)
            for start in ("rewound", "new")
            for network in last
        ]
        if len(self.percents) > 1:
            cases += [self._round(network, self.percents[-1]) for network in first]
        return [*cases]

    def _original(self, seed: int) -> TaskCase:
        training = Training(self.epochs, BATCH_SIZE, LEARNING_RATE)
        return TaskCase(self.variant, self.data, seed, *SIZES, training=training)

    def _rounds(self, network: TrainedCase, percents: Iterable[int]) -> TrainedCase:
        for percent in percents:
            network = self._round(network, percent)
        return network

    def _round(
        self, network: TrainedCase, percent: int, start: str = "rewound"
    ) -> IterativePruningCase:
        return IterativePruningCase(network, self.target, percent, self.rewind, start)


def iterative_pruning_items(
    variants: Iterable[str],
    targets: Iterable[str],
    percents: Iterable[int],
    epochs: int,
    rewinds: Iterable[int] = (0,),
) -> list[IterativePruningItem]:
    """Every round of every protocol: one item each.

    Parameters
    ----------
    variants, targets
        The networks, and which of their weights are pruned.
    percents
        How much of the target is gone after each round.
    epochs
        Of every training.
    rewinds
        Epochs that are rewound to.

    Raises
    ------
    TypeError, ValueError
        If one of them is no list, or does not exist.
    """
    percents = tuple(listed("percents", percents))
    targets, rewinds = listed("targets", targets), listed("rewinds", rewinds)
    return [
        IterativePruningItem(variant, target, percents[:rounds], epochs, rewind)
        for variant in listed("variants", variants)
        for target in targets
        for rewind in rewinds
        for rounds in range(1, len(percents) + 1)
    ]


def of_profile(settings: Settings) -> list[IterativePruningItem]:
    """What a run's profile measures."""
    work = WORK[settings.profile]
    return iterative_pruning_items(
        work.variants, work.targets, work.percents, work.epochs, work.rewinds
    )
