"""Books of the package: texts in the public domain, with the SHA-256 of each file.

Where they come from, and what was cut: docs/reference/texts.md.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cache

from sparsebench.parts.texts import FOLDER


@dataclass(frozen=True)
class Book:
    """A file of the package.

    Attributes
    ----------
    file
        Its name in `FOLDER`.
    sha256
        The checksum of its bytes, in hexadecimal digits.
    """

    file: str
    sha256: str


BOOKS = {
    "austen": Book(
        "pride_and_prejudice.txt",
        "faddaad1f38f92fda0c1c05ccc8fca8bb9502ff6a645326c4e6fbbcb7ca42521",
    ),
    "carroll": Book(
        "alice.txt", "99e53cbb0aeb274344a254733db996ca2d05d5fcd10fc0ca02d6966f2b2bc961"
    ),
    "milton": Book(
        "paradise_lost.txt", "c4c6a344fbae7030fa2ddd2ed0ad6ffd193d9b52672777cf0b0211bca09cc514"
    ),
    "shakespeare": Book(
        "as_you_like_it.txt", "191f25ee8bead031ac535272037a053602da18034ea69c7f75444920e2cf46d1"
    ),
}
"""By author."""

INDENTED = " " * 8
"""What lines begin with that are set in the middle: headings and most verses of Alice."""


@cache
def text_of(author: str) -> str:
    """The text of an author's book.

    Raises
    ------
    OSError
        If the file cannot be read.
    ValueError
        If it is not the file that belongs to the package.
    """
    book = BOOKS[author]
    content = (FOLDER / book.file).read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != book.sha256:
        raise ValueError(
            f"{FOLDER / book.file} has the SHA-256 {found[:16]}..., expected {book.sha256[:16]}...: "
            "the file was changed; install sparsebench again"
        )
    return content.decode("ascii")


def words_of(author: str) -> list[str]:
    """The words of an author's book in lower case, with the apostrophes within them."""
    lines = text_of(author).split("\n")
    running = "\n".join(line for line in lines if not line.startswith(INDENTED))
    return re.findall(r"[a-z]+(?:'[a-z]+)*", running.lower())
