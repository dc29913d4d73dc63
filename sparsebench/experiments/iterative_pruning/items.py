"""Items of iterative magnitude pruning: one per round, with its controls."""

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
from sparsebench.values.protocol import CELL_TYPES, TARGETS, VARIANTS, ReberStrings, Training

if TYPE_CHECKING:
    from sparsebench.harness.profiles import Settings

SIZES = (16, 3)
"""Units per layer, and layers."""

BATCH_SIZE, LEARNING_RATE = 64, 0.002
"""Shared by all trainings; the rate is the best of five for such networks
(docs/results/capacity.md)."""


@dataclass(frozen=True)
class Work:
    """The work of a profile on this experiment.

    Attributes
    ----------
    variants, targets
        The networks, and which of their weights are pruned.
    percents
        Percentage of the target that is pruned after each round.
    epochs
        Epochs of each training; a round repeats them from the epoch that it is rewound to.
    rewinds
        Epochs to rewind to.
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
"""Work by profile. A round of the quick profile prunes half of the remaining weights, a round of
the thesis profile a third; Frankle and Carbin's pruned a fifth."""


@dataclass(frozen=True)
class IterativePruningItem:
    """One round of iterative pruning with its controls: new random weights, and one-shot pruning.

    Attributes
    ----------
    variant, target
        The networks, and which of their weights are pruned.
    percents
        Percentage of the target that is pruned after each round, up to this one.
    epochs, rewind
        Epochs of each training, and the epoch whose weights a round is rewound to.
    data
        The strings to classify.
    semantics
        Only `corrected`.
    """

    variant: str
    target: str
    percents: tuple[int, ...]
    epochs: int
    rewind: int = 0
    data: ReberStrings = field(default_factory=ReberStrings)
    semantics: str = "corrected"

    def __post_init__(self) -> None:
        one_of("variant", self.variant, CELL_TYPES)
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
        """Rewound networks, then new random weights, then one-shot pruning, each for every seed.

        The first round has no one-shot control, because it prunes only once itself.
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
    """Make one item for each round of each protocol.

    Parameters
    ----------
    variants, targets
        The networks, and which of their weights are pruned.
    percents
        Percentage of the target that is pruned after each round, 0-100.
    epochs
        Epochs of each training.
    rewinds
        Epochs to rewind to.

    Returns
    -------
    list of IterativePruningItem
        One for each variant, target, rewind and round.

    Raises
    ------
    TypeError, ValueError
        If an argument is not a list, or a name does not exist.
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
    """The items of a run's profile."""
    work = WORK[settings.profile]
    return iterative_pruning_items(
        work.variants, work.targets, work.percents, work.epochs, work.rewinds
    )
