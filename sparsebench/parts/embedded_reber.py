"""The embedded Reber grammar: Reber strings between two letters that must agree.

A string is `B`, then T or P, a whole Reber string, the same T or P again, and `E`. To predict the
last letter but one, a network must remember the second.

References
----------
Hochreiter, S., Schmidhuber, J. (1997). Long short-term memory. Neural computation 9(8), experiment 1.
"""

from __future__ import annotations

from sparsebench.parts.reber import REBER, Language
from sparsebench.values.checks import one_of
from sparsebench.values.tasks import GRAMMARS, VALID_LETTERS

ENVELOPE = "TP"
"""The letters of which the second and the last but one are equal."""

_AROUND = 4
"""Letters around the embedded string."""


class EmbeddedLanguage:
    """The strings of the embedded grammar, counted by length like those of `Language`."""

    def __init__(self) -> None:
        self.diagram = REBER
        self._inner = Language(REBER)

    def count(self, length: int) -> int:
        """The number of strings of this length, the letters around the embedded one included."""
        return len(ENVELOPE) * self._inner.count(length - _AROUND)

    def string(self, length: int, rank: int) -> str:
        """The string at a position (from 0) among those of one length.

        Raises
        ------
        IndexError
            If there are not that many strings of this length.
        """
        inner = self._inner.count(length - _AROUND)
        if not 0 <= rank < len(ENVELOPE) * inner:
            raise IndexError(
                f"string {rank} of length {length}: the embedded grammar has "
                f"{len(ENVELOPE) * inner}, counted from 0"
            )
        letter = ENVELOPE[rank // inner]
        return f"B{letter}{self._inner.string(length - _AROUND, rank % inner)}{letter}E"


def accepts(string: str) -> bool:
    """Whether a string belongs to the embedded grammar."""
    framed = len(string) > _AROUND and string[0] == "B" and string[-1] == "E"
    agree = framed and string[1] == string[-2] and string[1] in ENVELOPE
    return agree and REBER.accepts(string[2:-2])


def legal_next(prefix: str, grammar: str) -> str:
    """The letters that may follow a prefix of a grammatical string.

    Parameters
    ----------
    prefix
        The beginning of the string; may be empty.
    grammar
        `reber` or `embedded_reber`.

    Returns
    -------
    str
        In the order of `VALID_LETTERS`; empty if the string is complete, or not grammatical.

    Raises
    ------
    ValueError
        If there is no such grammar.
    """
    one_of("grammar", grammar, GRAMMARS)
    if grammar == "reber":
        return _reber_next(prefix)
    if len(prefix) < 2:
        return ("B", ENVELOPE)[len(prefix)] if "B".startswith(prefix[:1]) else ""
    if prefix[0] != "B" or prefix[1] not in ENVELOPE:
        return ""
    inner = prefix[2:]
    end = inner.find("E")
    if end < 0:
        return _reber_next(inner)
    after = inner[end + 1 :]
    if not REBER.accepts(inner[: end + 1]) or after not in ("", prefix[1]):
        return ""
    return "E" if after else prefix[1]


def _reber_next(prefix: str) -> str:
    if not prefix:
        return "B"
    if prefix[0] != "B":
        return ""
    state = 1
    for letter in prefix[1:]:
        state = REBER.edges.get(state, {}).get(letter, 0)
    if state == 0:
        return ""
    offered = REBER.edges.get(state, "E")
    return "".join(letter for letter in VALID_LETTERS if letter in offered)
