"""The switches between what the thesis's programs did and what its text means."""

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
        `padded`: the class is read at the last step of the batch padded with zeros to its longest
        string, so a result depends on batch mates. `last_step`: at each string's last true step.
    threshold_scope
        `model`: one threshold over the chosen weights of all layers together.
        `layer`: one threshold per layer (thesis, section 5.2). Of a wired network, whose layers have
        a block for each earlier layer that feeds them, it is one per block.
    prune_count
        `percentile`: a weight stays where its magnitude is not below the percentile, so at 100 %
        the largest one survives. `rank`: exactly round(percent / 100 * n) weights go, ties broken
        by position.
    gate_masks
        How a wired LSTM's or GRU's vertex mask covers the gates: each row `repeated` in place, or
        the whole mask `tiled` gate after gate.
    masked_weights
        `kept`: a masked weight stays in storage and is multiplied by its mask when used.
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
        """`published`, `corrected`, or the switches spelled out for any other mixture."""
        for name, preset in SEMANTICS.items():
            if self == preset:
                return name
        return "+".join(str(getattr(self, field.name)) for field in fields(self))


PUBLISHED = Semantics(*(first for first, _ in CHOICES.values()))
"""What the published artefacts were measured to do."""

CORRECTED = Semantics(*(second for _, second in CHOICES.values()))
"""What the thesis's text says, or what a careful engineer would do."""

SEMANTICS = {"published": PUBLISHED, "corrected": CORRECTED}
