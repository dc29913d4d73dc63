"""Cases of data sets of strings: those that are generated here, and another author's files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sparsebench.values.checks import instance_of
from sparsebench.values.kinds import kind
from sparsebench.values.protocol import ReberStrings


@kind("StringsCase")
@dataclass(frozen=True)
class StringsCase:
    """Count classes, lengths and letters of Reber strings (thesis, figures 4.2 to 4.5)."""

    data: ReberStrings

    variant: ClassVar[str] = "none"

    def __post_init__(self) -> None:
        instance_of("data", self.data, ReberStrings)

    @property
    def seed(self) -> int:
        """The seed of the strings."""
        return self.data.seed


@kind("StringFilesCase")
@dataclass(frozen=True)
class StringFilesCase:
    """Count the same in two files of another author; the case depends on their content.

    Attributes
    ----------
    train, test
        Checksums of the strings and labels that were read.
    """

    train: str
    test: str

    variant: ClassVar[str] = "none"
    seed: ClassVar[int] = 0
