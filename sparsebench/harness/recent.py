"""What was made for the latest cases, for whoever needs it next: the key, the record, the time."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar, cast

T = TypeVar("T")

HELD = 64
"""Values: those of one item's cases, and of the networks that they are made from. A run has thousands,
of which each may take a megabyte."""


class Recent:
    """The latest values, by what they were made for; those go that nobody has asked for longest."""

    def __init__(self) -> None:
        self._values: dict[Hashable, Any] = {}

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """The value of a key: the one that is held, or what `make` returns now."""
        value = self._values.pop(key) if key in self._values else make()
        self._values[key] = value
        while len(self._values) > HELD:
            del self._values[next(iter(self._values))]
        return cast(T, value)
