"""Items of base models: one per variant."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sparsebench.experiments.base.cases import LossTraceCase
from sparsebench.harness.items import base_case, suffix
from sparsebench.values.checks import listed, one_of
from sparsebench.values.identity import Case
from sparsebench.values.protocol import CELL_TYPES, VARIANTS
from sparsebench.values.semantics import SEMANTICS


@dataclass(frozen=True)
class BaseItem:
    """The dense base models of one variant, and the loss trace of the first seed.

    Attributes
    ----------
    variant
        The cell type, one of `sparsebench.values.protocol.CELL_TYPES`.
    semantics
        A name in `sparsebench.values.semantics.SEMANTICS`.
    """

    variant: str
    semantics: str = "published"

    def __post_init__(self) -> None:
        one_of("variant", self.variant, CELL_TYPES)
        one_of("semantics", self.semantics, SEMANTICS)

    @property
    def id(self) -> str:
        """The id inside the brackets of the pytest item."""
        return self.variant + suffix(self.semantics)

    def cases(self, seeds: Sequence[int]) -> list[Case]:
        """One trained model per seed, and the loss trace of the first seed's training."""
        bases: list[Case] = [base_case(self.variant, seed, self.semantics) for seed in seeds]
        return [*bases, LossTraceCase(base_case(self.variant, seeds[0], self.semantics))]


def base_items(variants: Iterable[str] = VARIANTS) -> list[BaseItem]:
    """Make the items of the thesis's base models (section 6.1): one per variant.

    Parameters
    ----------
    variants
        The cell types; by default all of the thesis's.

    Returns
    -------
    list of BaseItem
        One per variant, in the given order.

    Raises
    ------
    TypeError, ValueError
        If the variants are not a list, or one of them does not exist.
    """
    return [BaseItem(variant) for variant in listed("variants", variants)]
