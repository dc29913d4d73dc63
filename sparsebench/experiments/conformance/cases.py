"""Cases of another author's trained models, identified by the checksums of the files read."""

from __future__ import annotations

from dataclasses import dataclass

from sparsebench.values.checks import one_of, whole_number
from sparsebench.values.graphs import PUBLISHED_FAMILIES
from sparsebench.values.kinds import kind
from sparsebench.values.protocol import TARGETS, VARIANTS


@kind("ConformanceCase")
@dataclass(frozen=True)
class ConformanceCase:
    """Prune another author's trained model, evaluate it on their strings, compare with their
    accuracy.

    `weights` and `strings` are checksums of the files read, so the case depends on the content of
    the files and not on their location.
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
    """Evaluate another author's trained wired network on their strings; compare with their
    accuracy.

    Attributes
    ----------
    variant, family, number
        The names by which the files are found.
    graph, weights, strings
        Checksums of the graph, weights and strings that were read.
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
