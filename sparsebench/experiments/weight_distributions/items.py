"""Items of distributions: of base models and of wired networks, before and after pruning."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sparsebench.experiments.finetuning.items import FinetuningItem
from sparsebench.experiments.random_wiring.items import WiredPruningItem
from sparsebench.experiments.weight_distributions.cases import WeightsCase
from sparsebench.harness.items import PrunedItem, combinations, suffix
from sparsebench.values.checks import whole_number
from sparsebench.values.identity import Case
from sparsebench.values.protocol import TARGETS, VARIANTS


def stages(finetuned: Sequence[Any], target: str, percent: int) -> list[Case]:
    """The cases of distributions: trained, pruned and fine-tuned, for each fine-tuned network."""
    found: list[Case] = []
    for case in finetuned:
        trained = case.network
        found += [WeightsCase(trained), WeightsCase(trained, target, percent), WeightsCase(case)]
    return found


@dataclass(frozen=True)
class WeightsItem(PrunedItem):
    """The weights of base models, trained, pruned by magnitude, and fine-tuned.

    Attributes
    ----------
    variant, target, percent
        What is pruned; the percentage is 0-100.
    epochs
        Epochs of fine-tuning.
    semantics
        A name in `sparsebench.values.semantics.SEMANTICS`.
    order
        Seed of the orders of strings during fine-tuning; None: each model's own sequence continues.
    """

    variant: str
    target: str
    percent: int
    epochs: int
    semantics: str = "published"
    order: int | None = None

    criterion = "magnitude"

    def __post_init__(self) -> None:
        super().__post_init__()
        whole_number("epochs", self.epochs, 1)

    def cases(self, seeds: Sequence[int]) -> list[Case]:
        """Three for each seed, of the networks that `finetuning_items` fine-tunes."""
        finetuned = FinetuningItem(
            self.variant, self.target, self.percent, self.epochs, self.semantics, order=self.order
        )
        return stages(finetuned.cases(seeds), self.target, self.percent)


@dataclass(frozen=True)
class WiredWeightsItem(PrunedItem):
    """The weights of the thesis's wired networks, trained, pruned by magnitude, and fine-tuned.

    Attributes
    ----------
    variant, target, percent
        What is pruned; the percentage is 0-100.
    graphs
        Networks of each of the thesis's families.
    epochs
        Epochs of fine-tuning.
    semantics
        A name in `sparsebench.values.semantics.SEMANTICS`.
    first
        Seed of the first network of each family.
    """

    variant: str
    target: str
    percent: int
    graphs: int
    epochs: int
    semantics: str = "published"
    first: int = 0

    criterion = "magnitude"

    def __post_init__(self) -> None:
        super().__post_init__()
        whole_number("epochs", self.epochs, 1)

    @property
    def id(self) -> str:
        """The id inside the brackets of the pytest item."""
        return f"wired-{self.variant}-{self.target}-p{self.percent}{suffix(self.semantics)}"

    def cases(self, seeds: Sequence[int]) -> list[Case]:
        """Three for each network of `wired_pruning_items`, whatever the seeds."""
        finetuned = WiredPruningItem(
            self.variant,
            self.target,
            self.percent,
            self.graphs,
            self.epochs,
            self.semantics,
            first=self.first,
        )
        return stages(finetuned.cases(seeds), self.target, self.percent)


def weights_items(
    epochs: int,
    variants: Iterable[str] = VARIANTS,
    targets: Iterable[str] = TARGETS,
    percents: Iterable[int] = (50, 90),
    order: int | None = None,
) -> list[WeightsItem]:
    """Make the items of base models' distributions of weights (proposal, section 4; slides, 5.1).

    Parameters
    ----------
    epochs
        Epochs of fine-tuning.
    variants, targets, percents
        What is pruned; percentages are 0-100.
    order
        As in `WeightsItem`.

    Returns
    -------
    list of WeightsItem
        One for each combination.

    Raises
    ------
    TypeError, ValueError
        If an argument is not a list, or a name does not exist.
    """
    return [
        WeightsItem(*pruned, epochs, order=order)
        for pruned in combinations(variants, targets, percents)
    ]


def wired_weights_items(
    graphs: int,
    epochs: int,
    variants: Iterable[str] = VARIANTS,
    targets: Iterable[str] = TARGETS,
    percents: Iterable[int] = (50, 90),
    first: int = 0,
) -> list[WiredWeightsItem]:
    """Make the items of wired networks' distributions of weights (slides, section 5.3).

    Parameters
    ----------
    graphs
        Networks of each of the thesis's families in an item.
    epochs
        Epochs of fine-tuning.
    variants, targets, percents
        What is pruned; percentages are 0-100.
    first
        Seed of the first network of each family.

    Returns
    -------
    list of WiredWeightsItem
        One for each combination.

    Raises
    ------
    TypeError, ValueError
        If an argument is not a list, or a name does not exist.
    """
    return [
        WiredWeightsItem(*pruned, graphs, epochs, first=first)
        for pruned in combinations(variants, targets, percents)
    ]
