"""The records of one file, grouped as the sections need them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from sparsebench.parts.records import Record

T = TypeVar("T")


@dataclass(frozen=True)
class Measured:
    """Records that `sparsebench.report.intake` admitted."""

    records: tuple[Record, ...]
    _made: dict[Callable[..., Any], Any] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def of(self, group: Callable[[Sequence[Record]], T]) -> T:
        """What a function makes of all records; several sections that ask share the answer."""
        if group not in self._made:
            self._made[group] = group(self.records)
        return cast(T, self._made[group])

    def once(self, make: Callable[[Measured], T]) -> T:
        """The same of a function that asks for groups of the records itself."""
        if make not in self._made:
            self._made[make] = make(self)
        return cast(T, self._made[make])
