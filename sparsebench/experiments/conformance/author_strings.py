"""The thesis's claims about base models and pruning, on the strings of its author.

Networks are trained here, on his files. What is claimed and does not hold on our strings may hold on
his: then the strings differ, and not what trains and prunes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sparsebench.experiments.base.claims import base_claims
from sparsebench.experiments.base.items import BaseItem, base_items
from sparsebench.experiments.pruning.cases import PruningCase
from sparsebench.experiments.pruning.claims import pruning_claims
from sparsebench.experiments.pruning.items import PruningItem, pruning_items
from sparsebench.harness.items import PERCENTS
from sparsebench.harness.profiles import Profile, Settings
from sparsebench.judging.claims import Claim
from sparsebench.values.case import BaseCase
from sparsebench.values.checks import one_of
from sparsebench.values.identity import Case
from sparsebench.values.protocol import ReberStrings, StringFiles
from sparsebench.values.semantics import SEMANTICS

TRAIN, TEST = "train_data.csv", "test_data.csv"
"""His files, in a folder `dataset`."""


@dataclass(frozen=True)
class AuthorStringsItem:
    """An item of the thesis's base models, pruned or not, trained on other strings.

    Attributes
    ----------
    thesis
        The item with our strings.
    data
        The strings instead of these.
    semantics
        A name in `sparsebench.values.semantics.SEMANTICS`.
    """

    thesis: BaseItem | PruningItem
    data: StringFiles
    semantics: str = "published"

    def __post_init__(self) -> None:
        one_of("semantics", self.semantics, SEMANTICS)

    @property
    def id(self) -> str:
        """The id inside the brackets of the pytest item."""
        return self.under_semantics.id

    @property
    def under_semantics(self) -> BaseItem | PruningItem:
        """The item with our strings, under this one's semantics."""
        return replace(self.thesis, semantics=self.semantics)

    def cases(self, seeds: Sequence[int]) -> list[Case]:
        """One model per seed."""
        return [
            on_strings(case, self.data)
            for case in self.under_semantics.cases(seeds)
            if isinstance(case, BaseCase | PruningCase)
        ]

    def is_in(self, profile: Profile) -> bool:
        """Whether a profile measures it: only those that train base models."""
        return profile.from_scratch


def author_strings_items(settings: Settings) -> list[AuthorStringsItem]:
    """Base models of each variant, and all their prunings that the thesis makes a claim about.

    Raises
    ------
    OSError, ValueError
        If the run's checkout has several data sets, or a file cannot be read.
    """
    data = author_strings(settings.artifacts) if settings.artifacts else None
    if data is None:
        return []
    pruned = [item for item in pruning_items(percents=PERCENTS) if pruning_claims(item)]
    items: list[BaseItem | PruningItem] = [*base_items(), *pruned]
    return [AuthorStringsItem(item, data) for item in items]


def author_strings(folder: Path) -> StringFiles | None:
    """The author's strings in a checkout of his repository; None if it has none.

    Raises
    ------
    OSError, ValueError
        If there are several data sets, or a file cannot be read.
    """
    from sparsebench.parts.string_files import string_files  # imports numpy

    found = sorted(folder.glob(f"**/dataset/{TRAIN}"))
    if len(found) > 1:
        raise ValueError(
            f"{folder}: {found[0]} and {found[1]} are both there: give a folder with one of them"
        )
    return string_files(found[0], found[0].with_name(TEST)) if found else None


def author_strings_claims(item: AuthorStringsItem) -> tuple[Claim, ...]:
    """What the thesis claims about the models, which is about the author's strings."""
    thesis = item.under_semantics
    return base_claims(thesis) if isinstance(thesis, BaseItem) else pruning_claims(thesis)


def on_strings(
    case: BaseCase | PruningCase, data: ReberStrings | StringFiles
) -> BaseCase | PruningCase:
    """The same model, trained on other strings."""
    if isinstance(case, BaseCase):
        return replace(case, data=data)
    return replace(case, base=replace(case.base, data=data))
