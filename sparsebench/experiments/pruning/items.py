"""Items of pruned models: one for each variant, target and percentage."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sparsebench.experiments.pruning.cases import PruningCase
from sparsebench.harness.items import PERCENTS, PrunedItem, base_case, check_criterion, combinations
from sparsebench.values.identity import Case
from sparsebench.values.protocol import TARGETS, VARIANTS

if TYPE_CHECKING:
    from sparsebench.harness.profiles import Profile


@dataclass(frozen=True)
class PruningItem(PrunedItem):
    """Trained models of one variant with one target pruned by one percentage."""

    variant: str
    target: str
    percent: int
    semantics: str = "published"
    criterion: str = "magnitude"

    def cases(self, seeds: Sequence[int]) -> list[Case]:
        """One pruned model per seed."""
        return [
            PruningCase(
                base_case(self.variant, seed, self.semantics),
                self.target,
                self.percent,
                self.criterion,
            )
            for seed in seeds
        ]

    def is_in(self, profile: Profile) -> bool:
        """Whether a profile has the percentage: of the thesis's, not every profile has each."""
        return self.percent not in PERCENTS or self.percent in profile.percents


def pruning_items(
    variants: Iterable[str] = VARIANTS,
    targets: Iterable[str] = TARGETS,
    percents: Iterable[int] = PERCENTS,
    criterion: str = "magnitude",
) -> list[PruningItem]:
    """The thesis's pruning experiment (section 6.2): one item per variant, target and percentage.

    Parameters
    ----------
    variants, targets, percents
        Which ones; the thesis's by default.
    criterion
        A name in `sparsebench.parts.pruning.CRITERIA`.

    Raises
    ------
    TypeError, ValueError
        If one of them is no list, or does not exist.
    """
    check_criterion(criterion)
    return [
        PruningItem(*pruned, criterion=criterion)
        for pruned in combinations(variants, targets, percents)
    ]
