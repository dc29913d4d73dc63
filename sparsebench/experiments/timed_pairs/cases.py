"""Case of two functions that are timed in turn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sparsebench.values.checks import whole_number
from sparsebench.values.kinds import kind


def _nothing() -> None:
    """What a case that was read from a file would call."""


@kind("TimedPairCase", seeds={})
@dataclass(frozen=True)
class TimedPairCase:
    """Time a function relative to another one.

    Attributes
    ----------
    name
        Says which functions they are; the case's identity.
    rounds
        Rounds, in each of which both are called once.
    first, second
        The function, and the one that it is compared with. Neither takes arguments.
    """

    name: str
    rounds: int = 100
    first: Callable[[], Any] = field(default=_nothing, compare=False, repr=False)
    second: Callable[[], Any] = field(default=_nothing, compare=False, repr=False)

    variant = ""
    seed = 0

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name:
            raise ValueError(f"name is {self.name!r}: give a text that says what is timed")
        whole_number("rounds", self.rounds, 5)
        for which in ("first", "second"):
            if not callable(getattr(self, which)):
                raise TypeError(
                    f"{which} is {getattr(self, which)!r}: give a function without arguments"
                )
