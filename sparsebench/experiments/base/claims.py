"""The thesis's claims about base models (section 6.1)."""

from __future__ import annotations

from statistics import fmean, median

from sparsebench.experiments.base.items import BaseItem
from sparsebench.judging.claims import NEAR_100, Claim, Figure

FIRST_EPOCH = Figure(
    "first_epoch",
    lambda record: bool(record.history.get("train_accuracy")),
    lambda record: record.history["train_accuracy"][0],
    "no record has the history of its training",
)
"""Mean training accuracy over the first epoch."""

LAST_EPOCHS = 10

STEADY = Figure(
    "steady",
    lambda record: len(record.history.get("test_accuracy", ())) >= LAST_EPOCHS,
    lambda record: median(record.history["test_accuracy"][-LAST_EPOCHS:]),
    "no record has the history of its training",
)
"""The median test accuracy over the last epochs. An RNN-Tanh that performs "steadily" (section 6.1,
about a curve) swings from one epoch to the next, so its accuracy after the very last epoch is a
matter of luck."""

BRIEF = 5
"""Epochs that count as "a brief period of time initially": a tenth of the training."""

THROUGHOUT = Figure(
    "throughout",
    lambda record: len(record.history.get("test_accuracy", ())) > BRIEF,
    lambda record: min(record.history["test_accuracy"][BRIEF:]),
    "no record has the history of its training",
)
"""The lowest test accuracy after any epoch but the first ones."""

RELU_LEVEL = 0.96

MOSTLY = Figure(
    "mostly",
    lambda record: bool(record.history.get("test_accuracy")),
    lambda record: fmean(each > RELU_LEVEL for each in record.history["test_accuracy"]),
    "no record has the history of its training",
)
"""The share of epochs with a test accuracy above the level of figure 6.2."""


def _throughout(level: float, source: str) -> Claim:
    words = f"accuracy is {level:.2f} or more after every epoch but the first {BRIEF}"
    return Claim(words, level, 1, source, THROUGHOUT)


_AFTER_TRAINING = Claim("accuracy after training is over 0.90", 0.90, 1, "section 7.1")

_FIRST_EPOCH = "training accuracy over the first epoch is around 0.93"

BASE: dict[str, tuple[Claim, ...]] = {
    "rnn_tanh": (
        Claim(
            f"accuracy is above 0.90, the median of the last {LAST_EPOCHS} epochs",
            0.90,
            1,
            "fig 6.1",
            STEADY,
        ),
        _throughout(0.90, "fig 6.1"),
        _AFTER_TRAINING,
    ),
    "rnn_relu": (
        Claim("accuracy is above 0.96", RELU_LEVEL, 1, "fig 6.2"),
        Claim("accuracy is above 0.96 after most epochs", 0.5, 1, "fig 6.2", MOSTLY),
        _AFTER_TRAINING,
    ),
    "lstm": (
        Claim("accuracy is consistently 1.00", NEAR_100, 1, "fig 6.3"),
        Claim(_FIRST_EPOCH, 0.90, 0.96, "fig 6.3", FIRST_EPOCH),
        _throughout(NEAR_100, "fig 6.3"),
        _AFTER_TRAINING,
    ),
    "gru": (
        Claim("accuracy is consistently 1.00", NEAR_100, 1, "fig 6.4"),
        Claim(_FIRST_EPOCH, 0.90, 0.96, "fig 6.4", FIRST_EPOCH),
        _throughout(NEAR_100, "fig 6.4"),
        _AFTER_TRAINING,
    ),
}


def base_claims(item: BaseItem) -> tuple[Claim, ...]:
    """The thesis's claims about a variant's models; none under the corrected semantics."""
    return BASE.get(item.variant, ()) if item.semantics == "published" else ()
