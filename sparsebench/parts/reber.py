"""The Reber grammar, altered diagrams, and strings drawn from them.

A string is `B`, a walk through a diagram, and `E`. Each state of a diagram offers two letters, so a
random walk produces a given string of n letters with probability 2**-(n - 2). Distinct strings
collected from N walks therefore include it with probability 1 - exp(-N * 2**-(n - 2)): all short
strings, few of the long ones. If N is chosen such that the wanted number is collected, this law
gives the thesis's histograms of lengths (figure 4.3), which need not be stored.

References
----------
Reber, A. S. (1976). Implicit learning of synthetic languages. J. Exp. Psychol. 2(1), 88.
Thesis, chapter 4: figure 4.1 (the diagram), tables 4.1 and 4.2, figures 4.3-4.5.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from sparsebench.parts.elementary import LN2, exp, expm1

START, END = 1, 6
SHORTEST, LONGEST = 11, 64
"""Lengths of generated strings in letters, including `B` and `E`; figure 4.3 spans 11 to 53."""

State = tuple[int, int]
"""The state of a walk: in its own diagram, and in the one whose strings are left out (or -1)."""
_REFUSED = -1


@dataclass(frozen=True)
class Diagram:
    """A deterministic diagram: two letters leave each of the states 1 to 5, and 6 is the end.

    Attributes
    ----------
    name
        What was altered; shown in error messages.
    edges
        State -> letter -> next state.
    """

    name: str
    edges: Mapping[int, Mapping[str, int]]

    def __post_init__(self) -> None:
        for state in range(START, END):
            if len(self.edges.get(state, {})) != 2:
                raise ValueError(f"diagram {self.name!r}: state {state} must offer two letters")

    def accepts(self, string: str) -> bool:
        """Whether the string is `B`, a walk from the first state to the last, and `E`."""
        if len(string) < 2 or string[0] != "B" or string[-1] != "E":
            return False
        state = START
        for letter in string[1:-1]:
            state = self.edges.get(state, {}).get(letter, _REFUSED)
        return state == END

    def with_letters(self, name: str, letters: str) -> Diagram:
        """The same diagram with other letters: the two of each state, such as `TP SX TV XS PV`."""
        pairs = zip(self.edges.items(), letters.split(), strict=True)
        edges = {state: dict(zip(pair, row.values(), strict=True)) for (state, row), pair in pairs}
        return Diagram(name, edges)

    def relabelled(self, name: str, letters: str) -> Diagram:
        """The same diagram with the letters T, P, S, X, V replaced by five others, in this order."""
        table = str.maketrans("TPSXV", letters)
        edges = {
            state: {letter.translate(table): after for letter, after in row.items()}
            for state, row in self.edges.items()
        }
        return Diagram(name, edges)


REBER = Diagram(
    "Reber",
    {
        1: {"T": 2, "P": 3},
        2: {"S": 2, "X": 4},
        3: {"T": 3, "V": 5},
        4: {"X": 3, "S": END},
        5: {"P": 4, "V": END},
    },
)

ALTERED_EDGES = (
    Diagram("entries crossed", {**REBER.edges, 1: {"P": 2, "T": 3}}),
    Diagram("loops exchanged", {**REBER.edges, 2: {"T": 2, "X": 4}, 3: {"S": 3, "V": 5}}),
    Diagram("exits exchanged", {**REBER.edges, 4: {"P": 3, "V": END}, 5: {"X": 4, "S": END}}),
)
"""Diagrams with the seven Reber letters. Table 4.1 of the thesis shows strings of the first."""

OTHER_LETTERS = (
    REBER.relabelled("letters A-G", "ACDFG"),
    REBER.relabelled("letters H-L", "HIJKL"),
    REBER.relabelled("letters M-R", "MNOQR"),
    REBER.relabelled("letters T-Z", "TUWYZ"),
)
"""Diagrams with other letters; with Reber's, they use all of A to Z (thesis, chapter 4)."""

ALTERED_EDGES_SHARE = 0.44
"""The share of invalid strings that have only the seven letters, as in the author's files."""


class Countable(Protocol):
    """Strings that are counted by length and found by their position."""

    diagram: Diagram

    def count(self, length: int) -> int:
        """The number of strings of this length."""

    def string(self, length: int, rank: int) -> str:
        """The string at a position, from 0, among those of one length."""


class Language:
    """The strings of a diagram, counted by length: all, or those that another diagram refuses.

    Parameters
    ----------
    diagram
        The diagram to walk through.
    without
        Leave out each string that this diagram accepts: `REBER` leaves ungrammatical strings.
    """

    def __init__(self, diagram: Diagram, *, without: Diagram | None = None) -> None:
        self.diagram = diagram
        self._without: Mapping[int, Mapping[str, int]] = {} if without is None else without.edges
        self._counts: dict[tuple[State, int], int] = {}

    def count(self, length: int) -> int:
        """The number of strings of this length, including `B` and `E`."""
        return self._walks((START, START), length - 2) if length > 2 else 0

    def string(self, length: int, rank: int) -> str:
        """The string at a position (from 0) among those of one length.

        Raises
        ------
        IndexError
            If there are not that many strings of this length.
        """
        if not 0 <= rank < self.count(length):
            raise IndexError(
                f"string {rank} of length {length}: diagram {self.diagram.name!r} has "
                f"{self.count(length)}, counted from 0"
            )
        letters = ["B"]
        state = (START, START)
        for left in range(length - 3, -1, -1):
            for letter, after in self._steps(state):
                ways = self._walks(after, left)
                if rank < ways:
                    letters.append(letter)
                    state = after
                    break
                rank -= ways
        return "".join([*letters, "E"])

    def _steps(self, state: State) -> Iterator[tuple[str, State]]:
        own, other = state
        allowed = self._without.get(other, {})
        for letter, after in self.diagram.edges.get(own, {}).items():
            yield letter, (after, allowed.get(letter, _REFUSED))

    def _walks(self, state: State, left: int) -> int:
        own, other = state
        if left == 0 or own == END:
            return int(left == 0 and own == END and other != END)
        known = self._counts.get((state, left))
        if known is None:
            known = sum(self._walks(after, left - 1) for _, after in self._steps(state))
            self._counts[state, left] = known
        return known


def lengths_collected(language: Countable, wanted: int) -> dict[int, int]:
    """The number of strings of each length to draw, `wanted` distinct ones in total.

    Parameters
    ----------
    language
        The strings to draw from.
    wanted
        The total number.

    Returns
    -------
    dict
        Length -> number of strings, never more than there are; they add up to `wanted`.

    Raises
    ------
    ValueError
        If fewer than `wanted` strings exist up to the longest length.
    """
    counts = {length: language.count(length) for length in range(SHORTEST, LONGEST + 1)}
    if wanted > sum(counts.values()):
        raise ValueError(
            f"{wanted} strings wanted, but diagram {language.diagram.name!r} has only "
            f"{sum(counts.values())} of {SHORTEST} to {LONGEST} letters: ask for fewer"
        )

    lengths, there = np.array([*counts]), np.array([*counts.values()], np.float64)

    def expected(log2_walks: float) -> dict[int, float]:
        share = -expm1(-exp((log2_walks - (lengths - 2)) * LN2))
        return dict(zip(counts, (there * share).tolist(), strict=True))

    low, high = 0.0, float(2 * LONGEST)
    while low < (middle := (low + high) / 2) < high:
        enough = math.fsum(expected(middle).values()) >= wanted
        low, high = (low, middle) if enough else (middle, high)
    shares = expected(high)
    quotas = {length: math.floor(share) for length, share in shares.items()}
    by_remainder = sorted(shares, key=lambda length: (quotas[length] - shares[length], length))
    missing = wanted - sum(quotas.values())
    for length in by_remainder:
        if missing > 0 and quotas[length] < counts[length]:
            quotas[length] += 1
            missing -= 1
    return quotas


def draw(language: Countable, wanted: int, random: np.random.RandomState) -> list[str]:
    """Draw distinct strings whose lengths are distributed as those of collected random walks.

    Parameters
    ----------
    language
        The strings to draw from.
    wanted
        Their number.
    random
        The generator; equal states give equal strings on every platform.

    Returns
    -------
    list of str
        `wanted` distinct strings, ordered by length.

    Raises
    ------
    ValueError
        If fewer than `wanted` exist.
    """
    strings: list[str] = []
    for length, quota in lengths_collected(language, wanted).items():
        ranks = _distinct_below(language.count(length), quota, random)
        strings += [language.string(length, rank) for rank in ranks]
    return strings


def _distinct_below(bound: int, size: int, random: np.random.RandomState) -> list[int]:
    """`size` different whole numbers from 0 up to, not including, `bound`."""
    if bound <= 4 * size:
        return [int(rank) for rank in random.permutation(bound)[:size]]
    chosen: dict[int, None] = {}
    while len(chosen) < size:
        for rank in random.randint(0, bound, size=size - len(chosen), dtype=np.int64):
            chosen.setdefault(int(rank))
    return list(chosen)
