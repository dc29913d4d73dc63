"""Invalid strings as the thesis's author made them: eight altered diagrams and their shares.

"By slightly altering the same procedure, we generate false Reber sequences" (thesis, chapter 4).
How, is inferred from his files (docs/reference/strings.md). Each of his 12,500 invalid strings is a
walk through Reber's diagram with other letters on its edges, one of eight ways; a walk takes either
edge of a state with equal odds, and walks were collected until a round number of different strings
of at least 11 letters was there. Four ways have Reber's letters at other places. Four have other
letters, and nearly every edge has a letter of its own, so that a letter tells the state.

Two of the ways share some strings, and his files hold eight of these twice. Here the second leaves
out what the first accepts, so that all strings are different.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate, pairwise

from sparsebench.parts.reber import REBER, Diagram, Language

_UPPER_LETTERS = REBER.with_letters("letters M-Z", "MN OQ WV UR ZY")

AUTHOR_LIKE: tuple[tuple[Diagram, Diagram, int], ...] = (
    (REBER.with_letters("entries crossed", "PT SX TV XS PV"), REBER, 3),
    (REBER.with_letters("exits exchanged", "TP SX TV PV XS"), REBER, 3),
    (REBER.with_letters("states 2 and 3 exchanged", "TP TV SX XS PV"), REBER, 4),
    (REBER.with_letters("loops and exits exchanged", "TP XS VT XS PV"), REBER, 1),
    (REBER.with_letters("letters A-L", "AC DF JI HG LK"), REBER, 4),
    (_UPPER_LETTERS, REBER, 4),
    (REBER.with_letters("letters M-R and A-F", "MN OQ CA UR FD"), _UPPER_LETTERS, 3),
    (REBER.with_letters("letters O-R and A-F", "QO MN CA UR FD"), REBER, 3),
)
"""Each diagram, the one whose strings it leaves out, and its share of the strings in units of 1/25.

Reber's states have the letters `TP SX TV XS PV`."""


def languages(invalid: int) -> Iterator[tuple[Language, int]]:
    """The altered diagrams' strings, and how many of each make `invalid` strings together."""
    ends = list(accumulate((share for *_, share in AUTHOR_LIKE), initial=0))
    ends = [invalid * end // ends[-1] for end in ends]
    for (diagram, without, _), (start, end) in zip(AUTHOR_LIKE, pairwise(ends), strict=True):
        yield Language(diagram, without=without), end - start
