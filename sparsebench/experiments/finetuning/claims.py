"""Claims about fine-tuned models: the thesis's (section 6.2) and the slides' (5.1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sparsebench.experiments.finetuning.items import FinetuningItem, ThresholdItem
from sparsebench.judging.claims import AROUND_95, NEAR_100, Claim, Figure
from sparsebench.judging.metrics import regained
from sparsebench.parts.records import Record


@dataclass(frozen=True)
class Regained:
    """The claims of section 6.2 about one variant and target after pruning and fine-tuning.

    Attributes
    ----------
    level
        The accuracy, 0-1, that is recovered.
    epochs
        Epochs until recovery, by percentage pruned; None: never.
    source
        The figure of the thesis.
    """

    level: float
    epochs: Mapping[int, int | None]
    source: str


REGAIN: dict[tuple[str, str], Regained] = {
    ("rnn_tanh", "both"): Regained(0.90, {80: 1, 90: 1, 100: None}, "fig 6.6"),
    ("rnn_relu", "both"): Regained(NEAR_100, {80: 1, 90: 1, 100: None}, "fig 6.8"),
    ("lstm", "both"): Regained(NEAR_100, {70: 1, 80: 1, 90: 1, 100: None}, "fig 6.10"),
    ("gru", "both"): Regained(NEAR_100, {90: 1, 100: None}, "fig 6.12"),
    ("rnn_tanh", "i2h"): Regained(0.90, {80: 1, 90: 2, 100: None}, "fig 6.14"),
    ("rnn_relu", "i2h"): Regained(0.90, {80: 1, 90: 1, 100: None}, "fig 6.16"),
    ("lstm", "i2h"): Regained(AROUND_95, {80: 1, 90: 1, 100: None}, "fig 6.18"),
    ("gru", "i2h"): Regained(0.95, {90: 1, 100: None}, "fig 6.20"),
    ("rnn_tanh", "h2h"): Regained(0.90, {90: 1, 100: None}, "fig 6.22"),
    ("rnn_relu", "h2h"): Regained(0.95, {80: 1, 90: 1, 100: None}, "fig 6.24"),
    ("lstm", "h2h"): Regained(AROUND_95, {100: 1}, "fig 6.26"),
    ("gru", "h2h"): Regained(AROUND_95, {100: 1}, "fig 6.28"),
}
"""Where the text gives no level, it is the level before the decline
(`sparsebench.experiments.pruning.claims`)."""

APPROXIMATELY = 0.02


def best_within(epochs: int | None = None) -> Figure:
    """The best accuracy within the first epochs of fine-tuning; within all of them if None."""
    return Figure(
        "regained" if epochs is None else f"regained within {epochs}",
        lambda record: len(record.history.get("test_accuracy", [])) >= (epochs or 1),
        lambda record: regained(record, epochs),
    )


def _difference(name: str, metric: str) -> Figure:
    """Difference between an accuracy and that of the model before pruning."""

    def of(record: Record) -> float:
        return record.metrics[metric] - record.metrics["accuracy_trained"]

    return Figure(
        name,
        lambda record: "accuracy_trained" in record.metrics,
        of,
    )


def threshold_claims(item: ThresholdItem) -> tuple[Claim, ...]:
    """The slides' claims; none under the corrected semantics."""
    if item.semantics != "published":
        return ()
    return tuple(
        Claim(
            f"accuracy stays approximately the same {when}, +- {APPROXIMATELY}",
            -APPROXIMATELY,
            APPROXIMATELY,
            "slides, section 5.1",
            _difference(name, metric),
        )
        for when, name, metric in (
            ("after pruning", "difference_pruned", "accuracy_before"),
            ("after fine-tuning", "difference", "accuracy"),
        )
    )


def finetuning_claims(item: FinetuningItem) -> tuple[Claim, ...]:
    """The thesis's claims about an item.

    None under the corrected semantics, by another criterion, or of a readout.
    """
    published = REGAIN.get((item.variant, item.target))
    if published is None or item.semantics != "published" or item.criterion != "magnitude":
        return ()
    level, source = published.level, published.source
    if item.percent not in published.epochs:
        return ()
    epochs = published.epochs[item.percent]
    if epochs is None:
        return (Claim(f"accuracy does not regain {level:.2f}", 0, level, source, best_within()),)
    found = [
        Claim(
            f"accuracy regains {level:.2f} within {epochs} epoch{'s' * (epochs > 1)}",
            level,
            1,
            source,
            best_within(epochs),
        )
    ]
    if epochs > 1:
        found.append(
            Claim(
                f"accuracy does not regain {level:.2f} within {epochs - 1} epoch",
                0,
                level,
                source,
                best_within(epochs - 1),
            )
        )
    if (item.variant, item.target) == ("gru", "h2h"):
        found.append(
            Claim("accuracy is 1.00 after two epochs", NEAR_100, 1, source, best_within(2))
        )
    return tuple(found)
