"""Text of unknown origin, made fit to be shown: no control characters, of bounded length."""

from __future__ import annotations

import unicodedata

LONGEST = 1000
"""Characters of any one text on the page."""

_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
"""Unicode categories of what has no shape of its own: controls, halves of pairs, marks that turn the
direction of writing, breaks of lines and paragraphs."""


def plain(text: str, longest: int = LONGEST) -> str:
    """A text in one line, its unseen characters shown as U+FFFD, cut where it is too long."""
    cut = text if len(text) <= longest else f"{text[: longest - 1]}\N{HORIZONTAL ELLIPSIS}"
    spaced = cut.replace("\n", " ").replace("\t", " ")
    if spaced.isascii() and spaced.isprintable():
        return spaced
    return "".join(
        "\N{REPLACEMENT CHARACTER}" if unicodedata.category(each) in _UNSEEN else each
        for each in spaced
    )
