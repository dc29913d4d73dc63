"""The records of one file, and dense networks of a baseline, with groupings that sections share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from sparsebench.parts.records import Record
from sparsebench.report.dense_column import DenseNetworks

T = TypeVar("T")


@dataclass(frozen=True)
class Measured:
    """What sections show.

    Attributes
    ----------
    records
        Records of the file, admitted by `sparsebench.report.intake`.
    dense
        Where dense networks are looked up that the file lacks; None: nowhere.
    """

    records: tuple[Record, ...]
    dense: DenseNetworks | None = field(default=None, repr=False, compare=False)
    _made: dict[Callable[..., Any], Any] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def of(self, group: Callable[[Sequence[Record]], T]) -> T:
        """The result of a function of all records, computed once for all sections."""
        if group not in self._made:
            self._made[group] = group(self.records)
        return cast(T, self._made[group])

    def once(self, make: Callable[[Measured], T]) -> T:
        """The result of a function of this object, computed once for all sections."""
        if make not in self._made:
            self._made[make] = make(self)
        return cast(T, self._made[make])
