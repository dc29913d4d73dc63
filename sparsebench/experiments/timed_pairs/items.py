"""Items of two functions each, timed in turn."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from sparsebench.experiments.timed_pairs.cases import TimedPairCase
from sparsebench.parts.tasks import slug
from sparsebench.values.checks import instance_of
from sparsebench.values.identity import Case

Pair = tuple[Callable[[], Any], Callable[[], Any]]


@dataclass(frozen=True)
class PairItem:
    """Two functions, timed in turn.

    Attributes
    ----------
    case
        The functions, and their name.
    semantics
        Only `published`; it has no meaning here.
    """

    case: TimedPairCase
    semantics: str = "published"

    in_young_process: ClassVar[bool] = True

    @property
    def id(self) -> str:
        """The id inside the brackets of the pytest item."""
        return slug(self.case.name)

    def cases(self, seeds: Sequence[int]) -> list[Case]:
        """The pair, once."""
        return [self.case]


def pair_items(pairs: Mapping[str, Pair], rounds: int = 100) -> list[PairItem]:
    """Make items of pairs of functions, such as a sparse step and the dense one that it replaces.

    Parameters
    ----------
    pairs
        By name: the function, and the one that its time is relative to. Neither takes arguments. Ids
        are made of the letters a-z and the digits of a name.
    rounds
        Rounds, in each of which both are called once; at least 5.

    Returns
    -------
    list of PairItem
        One for each pair.

    Raises
    ------
    TypeError, ValueError
        If something is not a pair of functions, or the number of rounds is out of bounds; if a name
        gives no id, or that of another one.
    """
    instance_of("pairs", pairs, Mapping)
    items: dict[str, PairItem] = {}
    for name, pair in pairs.items():
        if not isinstance(pair, tuple | list) or len(pair) != 2:
            raise TypeError(f"{name} is {pair!r}: give two functions without arguments")
        item = PairItem(TimedPairCase(name, rounds, *pair))
        if not item.id:
            raise ValueError(
                f"name is {name!r}, without a letter a-z or a digit, of which ids are made: give it one"
            )
        if item.id in items:
            raise ValueError(
                f"names {items[item.id].case.name!r} and {name!r} have the same id, {item.id}: give "
                "two that differ in their letters a-z or digits"
            )
        items[item.id] = item
    return list(items.values())
