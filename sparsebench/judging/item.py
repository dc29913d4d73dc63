"""The interface of a benchmark item: what one pytest item measures, over all its seeds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from sparsebench.values.identity import Case


class BenchmarkItem(Protocol):
    """What the plugin needs of an item. Items are dataclasses, so that `semantics` can be replaced."""

    @property
    def id(self) -> str:
        """The id inside the brackets of the pytest item: lower case, dashes, no dot."""

    @property
    def semantics(self) -> str:
        """A name in `sparsebench.values.semantics.SEMANTICS`."""

    def cases(self, seeds: Sequence[int]) -> list[Case]:
        """The cases to measure, in the order of the seeds."""
