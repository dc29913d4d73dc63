"""Items of pruned models: one for each variant, target and percentage."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from sparsebench.experiments.pruning.cases import PruningCase
from sparsebench.harness.items import PERCENTS, PrunedItem, base_case, check_criterion, combinations
from sparsebench.values.identity import Case
from sparsebench.values.protocol import OTHER_TARGETS, TARGETS, VARIANTS

if TYPE_CHECKING:
    from sparsebench.harness.profiles import Profile


@dataclass(frozen=True)
class PruningItem(PrunedItem):
    """Trained models of one variant, with one target pruned by one percentage.

    Attributes
    ----------
    variant
        The cell type.
    target
        One of `sparsebench.values.protocol.TARGETS` or `OTHER_TARGETS`.
    percent
        Percentage of the target's weights that is pruned, 0-100.
    criterion
        A name in `sparsebench.parts.pruning.CRITERIA`.
    semantics
        A name in `sparsebench.values.semantics.SEMANTICS`.
    by_profile
        Whether the run's profile decides if the percentage is measured. An item whose percentage was
        asked for by name is measured under every profile.
    """

    variant: str
    target: str
    percent: int
    semantics: str = "published"
    criterion: str = "magnitude"
    by_profile: bool = field(default=False, compare=False, repr=False)

    targets: ClassVar[Sequence[str]] = (*TARGETS, *OTHER_TARGETS)

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
        """Whether a profile measures it."""
        return not self.by_profile or self.percent in profile.percents


def pruning_items(
    variants: Iterable[str] = VARIANTS,
    targets: Iterable[str] = TARGETS,
    percents: Iterable[int] | None = None,
    criterion: str = "magnitude",
) -> list[PruningItem]:
    """Make the items of the thesis's pruning experiment (section 6.2).

    Parameters
    ----------
    variants, targets
        By default all of the thesis's. Further targets, by name: `readout` and `embedding`.
    percents
        Percentages, 0-100, that are measured under every profile; by default the thesis's, of which a
        run measures those of its profile (`smoke`: 50, 90 and 100).
    criterion
        A name in `sparsebench.parts.pruning.CRITERIA`.

    Returns
    -------
    list of PruningItem
        One for each variant, target and percentage.

    Raises
    ------
    TypeError, ValueError
        If an argument is not a list, or a name does not exist.
    """
    check_criterion(criterion)
    by_profile = percents is None
    return [
        PruningItem(*pruned, criterion=criterion, by_profile=by_profile)
        for pruned in combinations(variants, targets, PERCENTS if percents is None else percents)
    ]
