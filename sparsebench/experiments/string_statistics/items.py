"""Items of data sets of strings: one for each way of making invalid strings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from sparsebench.experiments.string_statistics.cases import StringsCase
from sparsebench.values.checks import listed, one_of
from sparsebench.values.identity import Case
from sparsebench.values.protocol import NEGATIVES, ReberStrings


@dataclass(frozen=True)
class StringsItem:
    """Data sets of the thesis's size, one for each seed.

    Attributes
    ----------
    negatives
        How invalid strings are made, one of `sparsebench.values.protocol.NEGATIVES`.
    """

    negatives: str = NEGATIVES[0]

    semantics: ClassVar[str] = "corrected"  # strings have none

    def __post_init__(self) -> None:
        one_of("negatives", self.negatives, NEGATIVES)

    @property
    def id(self) -> str:
        """The id inside the brackets of the pytest item."""
        return f"strings-{self.negatives}"

    def cases(self, seeds: Sequence[int]) -> list[Case]:
        """One data set per seed."""
        return [StringsCase(ReberStrings(seed=seed, negatives=self.negatives)) for seed in seeds]


def strings_items(negatives: Iterable[str] = NEGATIVES) -> list[StringsItem]:
    """Make the items of data sets of strings (thesis, figures 4.2 to 4.5).

    Parameters
    ----------
    negatives
        Names in `sparsebench.values.protocol.NEGATIVES`.

    Returns
    -------
    list of StringsItem
        One for each.

    Raises
    ------
    TypeError, ValueError
        If it is not a list, or a name does not exist.
    """
    return [StringsItem(each) for each in listed("negatives", negatives)]
