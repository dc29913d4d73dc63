"""A cache of values made for the latest cases, used by their key, their record and their timing."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar, cast

T = TypeVar("T")

HELD = 64
"""Values that are held: those of one item's cases, and of the networks that they are made from. A
run has thousands, and each may take a megabyte."""


class Recent:
    """The latest values by key; the least recently used are dropped."""

    def __init__(self) -> None:
        self._values: dict[Hashable, Any] = {}

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """The value of a key, from the cache or from `make`."""
        value = self._values.pop(key) if key in self._values else make()
        self._values[key] = value
        while len(self._values) > HELD:
            del self._values[next(iter(self._values))]
        return cast(T, value)
