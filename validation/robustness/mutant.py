"""A small bug."""

from __future__ import annotations

from typing import NamedTuple


class Mutant(NamedTuple):
    """A text that occurs once in a file, and its replacement; empty texts change nothing."""

    name: str
    file: str
    old: str
    new: str
