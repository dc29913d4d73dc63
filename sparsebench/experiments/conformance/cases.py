"""Cases of somebody else's trained models: what was read is named by its checksum."""

from __future__ import annotations

from dataclasses import dataclass

from sparsebench.values.checks import one_of, whole_number
from sparsebench.values.graphs import PUBLISHED_FAMILIES
from sparsebench.values.kinds import kind
from sparsebench.values.protocol import TARGETS, VARIANTS


@kind("ConformanceCase")
@dataclass(frozen=True)
class ConformanceCase:
    """Prune somebody's trained model and evaluate it on their strings, beside their own figure.

    `weights` and `strings` are checksums of what was read, so the case follows the content of the
    files and not their place.
    """

    variant: str
    target: str
    percent: int
    weights: str
    strings: str
    batch_size: int = 32

    def __post_init__(self) -> None:
        one_of("variant", self.variant, VARIANTS)
        one_of("target", self.target, TARGETS)
        whole_number("percent", self.percent, 0, 100)
        whole_number("batch_size", self.batch_size, 1)


@kind("WiredConformanceCase")
@dataclass(frozen=True)
class WiredConformanceCase:
    """Evaluate somebody's trained wired network on their strings, beside their own figure.

    Attributes
    ----------
    variant, family, number
        What the files are called by.
    graph, weights, strings
        Checksums of the wiring, of the weights and of the strings that were read.
    """

    variant: str
    family: str
    number: int
    graph: str
    weights: str
    strings: str
    batch_size: int = 128

    def __post_init__(self) -> None:
        one_of("variant", self.variant, VARIANTS)
        one_of("family", self.family, PUBLISHED_FAMILIES)
        whole_number("number", self.number, 0)
        whole_number("batch_size", self.batch_size, 1)
