"""The thesis's claims about pruned models without fine-tuning (section 6.2)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sparsebench.experiments.pruning.items import PruningItem
from sparsebench.judging.claims import AROUND_95, CHANCE, FALL, NEAR_100, Claim


@dataclass(frozen=True)
class Published:
    """The claims of section 6.2 about one variant and target.

    Attributes
    ----------
    level
        Accuracy, 0-1, that the model keeps through `holds_through` percent pruned.
    declines_at
        Percentage at which accuracy falls sharply.
    chance_from
        Lowest percentage with accuracy at chance level; None if the text does not say.
    source
        The figure of the thesis.
    """

    level: float
    holds_through: int
    declines_at: int
    chance_from: int | None
    source: str


PRUNING: dict[tuple[str, str], Published] = {
    ("rnn_tanh", "both"): Published(0.90, 80, 90, 100, "section 6.2.1, fig 6.5"),
    ("rnn_relu", "both"): Published(0.90, 70, 80, 100, "fig 6.7"),
    ("lstm", "both"): Published(NEAR_100, 60, 70, 90, "fig 6.9"),
    ("gru", "both"): Published(NEAR_100, 80, 90, 100, "fig 6.11"),
    ("rnn_tanh", "i2h"): Published(0.90, 70, 80, None, "section 6.2.2, fig 6.13"),
    ("rnn_relu", "i2h"): Published(0.90, 80, 90, None, "fig 6.15"),
    ("lstm", "i2h"): Published(AROUND_95, 80, 90, 100, "fig 6.17"),
    ("gru", "i2h"): Published(0.95, 80, 90, 100, "fig 6.19"),
    ("rnn_tanh", "h2h"): Published(0.90, 80, 90, 100, "section 6.2.3, fig 6.21"),
    ("rnn_relu", "h2h"): Published(0.95, 70, 80, None, "fig 6.23"),
    ("lstm", "h2h"): Published(AROUND_95, 90, 100, None, "fig 6.25"),
    ("gru", "h2h"): Published(AROUND_95, 90, 100, None, "fig 6.27"),
}


SAFE: dict[tuple[str, str], int] = {
    ("rnn_tanh", "both"): 80,
    ("rnn_relu", "both"): 70,
    ("lstm", "both"): 60,
    ("gru", "both"): 80,
    ("rnn_tanh", "i2h"): 70,
    ("rnn_relu", "i2h"): 70,
    ("lstm", "i2h"): 70,
    ("gru", "i2h"): 80,
    ("rnn_tanh", "h2h"): 80,
    ("rnn_relu", "h2h"): 70,
    ("lstm", "h2h"): 90,
    ("gru", "h2h"): 90,
}
"""Percentages that "we can safely prune": section 7.2."""

MORE_THAN = 60
"""Percentage by which the weights of all variants can be reduced, and more (chapter 8)."""

LSTM_60 = "figure 6.9 and section 7.2 of the same text say 60 % of LSTM and no more"
"""Note on the claim of chapter 8 about LSTM."""

SWINGS = "pruned as it was after its last epoch, wherever its accuracy swung: there is no curve"
"""Note on claims about RNN-Tanh."""


def pruning_claims(item: PruningItem) -> tuple[Claim, ...]:
    """The thesis's claims about an item.

    None under the corrected semantics, by another criterion, or of readout and embedding: slides
    5.1 ask about hidden-to-output weights and say nothing.
    """
    published = PRUNING.get((item.variant, item.target))
    if published is None or item.semantics != "published" or item.criterion != "magnitude":
        return ()
    note = SWINGS if item.variant == "rnn_tanh" else ""
    return (*_of_figure(item, published, note), *_concluded(item, published.level, note))


def _concluded(item: PruningItem, level: float, note: str) -> Iterator[Claim]:
    """What section 7.2 and chapter 8 conclude from the figures."""
    if item.percent == SAFE[item.variant, item.target]:
        statement = f"can safely be pruned: accuracy is {level:.2f} or more"
        yield Claim(statement, level, 1, "section 7.2", note=note)
    if item.target == "both" and item.percent == MORE_THAN + 10:
        yield Claim(
            f"more than {MORE_THAN} % can go: accuracy is {level:.2f} or more",
            level,
            1,
            "chapter 8",
            note=note or (LSTM_60 if item.variant == "lstm" else ""),
        )


def _of_figure(item: PruningItem, published: Published, note: str) -> tuple[Claim, ...]:
    """What section 6.2 says of the figure's curve at this percentage."""
    level, source = published.level, published.source
    if 10 <= item.percent <= published.holds_through:
        return (Claim(f"accuracy holds at {level:.2f} or more", level, 1, source, note=note),)
    if published.chance_from is not None and item.percent >= published.chance_from:
        return (Claim("accuracy is that of chance, 0.50 +- 0.05", *CHANCE, source, note=note),)
    if item.percent == published.declines_at:
        below = round(level - FALL, 2)
        statement = f"accuracy falls sharply below {level:.2f}, to {below:.2f} or less"
        return (Claim(statement, 0, below, source, note=note),)
    return ()
