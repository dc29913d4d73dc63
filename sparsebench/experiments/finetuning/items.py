"""Items of trained base models that are pruned and fine-tuned."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from sparsebench.experiments.finetuning.cases import (
    FINETUNED_TARGETS,
    FinetuningCase,
    check_target,
)
from sparsebench.harness.items import (
    PERCENTS,
    PrunedItem,
    base_case,
    check_criterion,
    combinations,
    suffix,
)
from sparsebench.values.case import BaseCase
from sparsebench.values.checks import one_of, whole_number
from sparsebench.values.identity import Case
from sparsebench.values.protocol import TARGETS, VARIANTS, Architecture, Training
from sparsebench.values.semantics import SEMANTICS

THRESHOLD = 0.01
"""Magnitude below which the slides' first experiment prunes weights."""


@dataclass(frozen=True)
class FinetuningItem(PrunedItem):
    """Trained base models of a variant, pruned, and fine-tuned with fixed masks.

    Attributes
    ----------
    variant, target, percent, criterion
        What is pruned, and how; the percentage is 0-100.
    epochs
        Epochs of fine-tuning.
    order
        Seed of the orders of strings during fine-tuning; None: each model's own sequence continues.
    semantics
        A name in `sparsebench.values.semantics.SEMANTICS`.
    """

    variant: str
    target: str
    percent: int
    epochs: int
    semantics: str = "published"
    criterion: str = "magnitude"
    order: int | None = None

    targets: ClassVar[Sequence[str]] = FINETUNED_TARGETS

    def __post_init__(self) -> None:
        check_target(self.target)
        super().__post_init__()
        whole_number("epochs", self.epochs, 1)

    def cases(self, seeds: Sequence[int]) -> list[Case]:
        """One pruned model per seed, fine-tuned with the protocol of base models."""
        return [
            FinetuningCase(
                base_case(self.variant, seed, self.semantics),
                self.target,
                self.percent,
                self.criterion,
                Training(epochs=self.epochs),
                order=self.order,
            )
            for seed in seeds
        ]


@dataclass(frozen=True)
class ThresholdItem:
    """RNN-ReLU models without their smallest hidden-to-hidden weights (slides, section 5.1).

    They have three layers of 100 units and are trained for 12 epochs in batches of 16. Weights
    below `THRESHOLD` are removed.

    Attributes
    ----------
    epochs
        Epochs of fine-tuning.
    order
        As in `FinetuningItem`.
    semantics
        A name in `sparsebench.values.semantics.SEMANTICS`.
    """

    epochs: int
    semantics: str = "published"
    order: int | None = None

    variant = "rnn_relu"
    target = "h2h"

    def __post_init__(self) -> None:
        whole_number("epochs", self.epochs, 1)
        one_of("semantics", self.semantics, SEMANTICS)

    @property
    def id(self) -> str:
        """The id inside the brackets of the pytest item."""
        return "rnn_relu-h2h-threshold" + suffix(self.semantics)

    def cases(self, seeds: Sequence[int]) -> list[Case]:
        """The trained models, one per seed, then the pruned and fine-tuned ones."""
        models = [
            BaseCase(
                Architecture("rnn_relu", hidden_size=100),
                seed,
                SEMANTICS[self.semantics],
                Training(epochs=12, batch_size=16),
            )
            for seed in seeds
        ]
        again = Training(epochs=self.epochs, batch_size=16)
        pruned = [
            FinetuningCase(model, "h2h", training=again, threshold=THRESHOLD, order=self.order)
            for model in models
        ]
        return [*models, *pruned]


def finetuning_items(
    epochs: int,
    variants: Iterable[str] = VARIANTS,
    targets: Iterable[str] = TARGETS,
    percents: Iterable[int] = PERCENTS,
    criterion: str = "magnitude",
    order: int | None = None,
) -> list[FinetuningItem]:
    """Make the items of base models, pruned and fine-tuned (thesis, section 6.2).

    Parameters
    ----------
    epochs
        Epochs of fine-tuning.
    variants, targets, percents
        By default all of the thesis's; percentages are 0-100. A further target, by name: `readout`.
    criterion
        A name in `sparsebench.parts.pruning.CRITERIA`.
    order
        As in `FinetuningItem`.

    Returns
    -------
    list of FinetuningItem
        One for each combination.

    Raises
    ------
    TypeError, ValueError
        If an argument is not a list, or a name does not exist.
    """
    check_criterion(criterion)
    return [
        FinetuningItem(*pruned, epochs, criterion=criterion, order=order)
        for pruned in combinations(variants, targets, percents)
    ]
