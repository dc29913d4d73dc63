"""Foreign text made safe to show: no control characters, limited length."""

from __future__ import annotations

import unicodedata

LONGEST = 1000
"""Most characters of one text on the page."""

_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
"""Unicode categories without a visible shape: controls, surrogates, direction marks, line and
paragraph separators."""


def plain(text: str, longest: int = LONGEST) -> str:
    """A text on one line, with invisible characters shown as U+FFFD, cut if too long."""
    cut = text if len(text) <= longest else f"{text[: longest - 1]}\N{HORIZONTAL ELLIPSIS}"
    spaced = cut.replace("\n", " ").replace("\t", " ")
    if spaced.isascii() and spaced.isprintable():
        return spaced
    return "".join(
        "\N{REPLACEMENT CHARACTER}" if unicodedata.category(each) in _UNSEEN else each
        for each in spaced
    )
