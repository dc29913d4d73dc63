"""Case of a pruned base model."""

from __future__ import annotations

from dataclasses import dataclass

from sparsebench.values.case import BaseCase, OfBase
from sparsebench.values.checks import instance_of, one_of, whole_number
from sparsebench.values.kinds import kind
from sparsebench.values.protocol import OTHER_TARGETS, TARGETS


@kind("PruningCase")
@dataclass(frozen=True)
class PruningCase(OfBase):
    """Prune a trained base model and evaluate it without fine-tuning (thesis, section 6.2)."""

    base: BaseCase
    target: str
    percent: int
    criterion: str = "magnitude"

    def __post_init__(self) -> None:
        instance_of("base", self.base, BaseCase)
        one_of("target", self.target, (*TARGETS, *OTHER_TARGETS))
        whole_number("percent", self.percent, 0, 100)
