"""What the thesis says of base models (section 6.1)."""

from __future__ import annotations

from sparsebench.experiments.base.items import BaseItem
from sparsebench.judging.claims import NEAR_100, Claim, Figure

FIRST_EPOCH = Figure(
    "first_epoch",
    lambda record: bool(record.history.get("train_accuracy")),
    lambda record: record.history["train_accuracy"][0],
)
"""Training accuracy over the first epoch."""

_FIRST_EPOCH = "training accuracy over the first epoch is around 0.93"

BASE: dict[str, tuple[Claim, ...]] = {
    "rnn_tanh": (Claim("accuracy is above 0.90", 0.90, 1, "fig 6.1"),),
    "rnn_relu": (Claim("accuracy is above 0.96", 0.96, 1, "fig 6.2"),),
    "lstm": (
        Claim("accuracy is consistently 1.00", NEAR_100, 1, "fig 6.3"),
        Claim(_FIRST_EPOCH, 0.90, 0.96, "fig 6.3", FIRST_EPOCH),
    ),
    "gru": (
        Claim("accuracy is consistently 1.00", NEAR_100, 1, "fig 6.4"),
        Claim(_FIRST_EPOCH, 0.90, 0.96, "fig 6.4", FIRST_EPOCH),
    ),
}


def base_claims(item: BaseItem) -> tuple[Claim, ...]:
    """The thesis's claims about a variant's models; none under the corrected semantics."""
    return BASE[item.variant] if item.semantics == "published" else ()
