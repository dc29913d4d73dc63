"""Semantics: the switches between what the thesis's programs did and what its text means."""

from __future__ import annotations

from dataclasses import dataclass, fields

from sparsebench.values.checks import one_of
from sparsebench.values.kinds import kind

CHOICES: dict[str, tuple[str, str]] = {
    "readout": ("padded", "last_step"),
    "threshold_scope": ("model", "layer"),
    "prune_count": ("percentile", "rank"),
    "gate_masks": ("repeated", "tiled"),
    "masked_weights": ("kept", "zeroed"),
}
"""The two values of each switch; the first is the published one."""


@kind("Semantics")
@dataclass(frozen=True)
class Semantics:
    """How a network is read out, pruned and masked.

    Attributes
    ----------
    readout
        `padded`: the output is read at the last step of the batch, which is padded with zeros to
        its longest string, so a result depends on the other strings of the batch. `last_step`: the
        output is read at each string's own last step.
    threshold_scope
        `model`: one threshold for the chosen weights of all layers together. `layer`: one threshold
        per layer (thesis, section 5.2). In a wired network, where a layer has one block for each
        earlier layer that feeds it, one threshold per block.
    prune_count
        `percentile`: a weight stays if its magnitude is not below the percentile, so at 100 % the
        largest one survives. `rank`: exactly round(percent / 100 * n) weights are removed, ties
        broken by position.
    gate_masks
        How the vertex mask of a wired LSTM or GRU covers the gates: `repeated`: each row is
        repeated in place; `tiled`: the whole mask is repeated gate after gate.
    masked_weights
        `kept`: a masked weight keeps its stored value and is multiplied by its mask when used.
        `zeroed`: it is zero in storage, in the gradient and in the optimiser's moments.
    """

    readout: str
    threshold_scope: str
    prune_count: str
    gate_masks: str
    masked_weights: str

    def __post_init__(self) -> None:
        for switch, choices in CHOICES.items():
            one_of(f"semantics switch {switch}", getattr(self, switch), choices)

    @property
    def name(self) -> str:
        """`published`, `corrected`, or the values of all switches for any other combination."""
        for name, preset in SEMANTICS.items():
            if self == preset:
                return name
        return "+".join(str(getattr(self, field.name)) for field in fields(self))


PUBLISHED = Semantics(*(first for first, _ in CHOICES.values()))
"""The semantics of the thesis's own programs, as measured on the published models."""

CORRECTED = Semantics(*(second for _, second in CHOICES.values()))
"""The semantics of the thesis's text, or else of careful engineering."""

SEMANTICS = {"published": PUBLISHED, "corrected": CORRECTED}
