"""Case of a base model's loss trace."""

from __future__ import annotations

from dataclasses import dataclass

from sparsebench.values.case import BaseCase, OfBase
from sparsebench.values.checks import instance_of, whole_number
from sparsebench.values.kinds import kind


@kind("OnsetCase")
@dataclass(frozen=True)
class LossTraceCase(OfBase):
    """The losses of the first `steps` training steps of a base model."""

    base: BaseCase
    steps: int = 100

    def __post_init__(self) -> None:
        instance_of("base", self.base, BaseCase)
        whole_number("steps", self.steps, 1)
