"""Items of forward passes whose time is gated, in units of the dense network's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from sparsebench.experiments.forward_time.cases import ForwardCase
from sparsebench.experiments.random_wiring.items import wired_case
from sparsebench.harness.items import base_case, suffix
from sparsebench.values.checks import listed, one_of
from sparsebench.values.identity import Case
from sparsebench.values.protocol import VARIANTS
from sparsebench.values.semantics import SEMANTICS

PERCENTS = (0, 50, 90)
"""How much of the base models is pruned."""


@dataclass(frozen=True)
class SpeedItem:
    """Forward passes of untrained networks of a variant: base models, pruned, and a wired network.

    They are timed before anything else in a process: after thousands of other passes, torch's plain
    ones may run an eighth slower or faster.
    """

    variant: str
    semantics: str = "published"

    in_young_process: ClassVar[bool] = True

    def __post_init__(self) -> None:
        one_of("variant", self.variant, VARIANTS)
        one_of("semantics", self.semantics, SEMANTICS)

    @property
    def id(self) -> str:
        """The id inside the brackets of the pytest item."""
        return self.variant + suffix(self.semantics)

    def cases(self, seeds: Sequence[int]) -> list[Case]:
        """Networks of seed 0: what a pass costs does not follow from the seed."""
        base = base_case(self.variant, 0, self.semantics)
        wired = wired_case(self.variant, "watts_strogatz", 0, self.semantics)
        return [*(ForwardCase(base, percent) for percent in PERCENTS), ForwardCase(wired)]


def speed_items(variants: Iterable[str] = VARIANTS) -> list[SpeedItem]:
    """Forward passes of untrained networks: one item per variant."""
    return [SpeedItem(variant) for variant in listed("variants", variants)]
