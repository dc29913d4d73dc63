"""Items of forward passes, timed relative to the dense network."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from sparsebench.experiments.forward_time.cases import ForwardCase
from sparsebench.experiments.random_wiring.items import wired_case
from sparsebench.harness.items import base_case, suffix
from sparsebench.values.checks import listed, one_of
from sparsebench.values.identity import Case
from sparsebench.values.protocol import VARIANTS, check_torch_has
from sparsebench.values.semantics import SEMANTICS

PERCENTS = (0, 50, 90)
"""Pruning percentages of the base models."""


@dataclass(frozen=True)
class SpeedItem:
    """Forward passes of untrained networks of a variant: dense, pruned and wired.

    They are timed first in a process: after thousands of other passes, torch's dense layers may run
    an eighth slower or faster.

    Attributes
    ----------
    variant
        The cell type, of which `torch.nn` has a layer.
    semantics
        A name in `sparsebench.values.semantics.SEMANTICS`.
    """

    variant: str
    semantics: str = "published"

    in_young_process: ClassVar[bool] = True

    def __post_init__(self) -> None:
        check_torch_has(self.variant)
        one_of("semantics", self.semantics, SEMANTICS)

    @property
    def id(self) -> str:
        """The id inside the brackets of the pytest item."""
        return self.variant + suffix(self.semantics)

    def cases(self, seeds: Sequence[int]) -> list[Case]:
        """Networks of seed 0, because the time of a pass does not depend on the seed."""
        base = base_case(self.variant, 0, self.semantics)
        wired = wired_case(self.variant, "watts_strogatz", 0, self.semantics)
        return [*(ForwardCase(base, percent) for percent in PERCENTS), ForwardCase(wired)]


def speed_items(variants: Iterable[str] = VARIANTS) -> list[SpeedItem]:
    """Make the items of forward passes of untrained networks: one per variant.

    Parameters
    ----------
    variants
        The cell types; by default all of the thesis's.

    Returns
    -------
    list of SpeedItem
        One per variant.

    Raises
    ------
    TypeError, ValueError
        If the variants are not a list, or `torch.nn` has no layer of one of them.
    """
    return [SpeedItem(variant) for variant in listed("variants", variants)]
