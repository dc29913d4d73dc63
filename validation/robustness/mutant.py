"""One small bug."""

from __future__ import annotations

from typing import NamedTuple


class Mutant(NamedTuple):
    """A text that stands once in a file, and what stands there instead; empty texts change nothing."""

    name: str
    file: str
    old: str
    new: str
