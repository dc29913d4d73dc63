"""The thesis's claims: ranges that a mean accuracy lies in, and groups of networks that do better.

Words are made into numbers here and nowhere else: "near 100 %" is read as at least 0.99 (the author's
own GRU stands at 0.9936 where the text says so), "around 95 %" as at least 0.94 (his GRU has 0.9507),
"baseline accuracy" as 0.5 +- 0.05 (a constant answer is right for 0.494 or 0.506 of the strings),
"a sharp decline at p" as below the level that held before p, and "approximately the same" (slides) as
within 0.02.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sparsebench.experiments.finetuning.items import RegainCell, ThresholdCell
from sparsebench.experiments.random_wiring.items import GATED, PLAIN, FamiliesCell, VariantsCell
from sparsebench.harness.items import BaseCell, Cell, PruningCell
from sparsebench.values.case import PUBLISHED_FAMILIES, WiredCase

NEAR_100, AROUND_95 = 0.99, 0.94
CHANCE = (0.45, 0.55)


@dataclass(frozen=True)
class Claim:
    """A published statement about the records of one cell.

    Attributes
    ----------
    statement
        What is claimed, in words and numbers.
    low, high
        The range that the mean over seeds lies in, 0-1, both ends included.
    source
        Section, figure or table of the thesis, or section of the slides.
    figure
        What is judged: `accuracy`; `first_epoch`, training accuracy over the first epoch; `regained`,
        the best accuracy after any of the first `epochs` of training again; `difference_pruned` and
        `difference`, between the accuracy right after pruning, or in the end, and that of the model
        before.
    epochs
        How many epochs of training again count; None: all.
    """

    statement: str
    low: float
    high: float
    source: str
    figure: str = "accuracy"
    epochs: int | None = None


@dataclass(frozen=True)
class Contrast:
    """A published statement that one group of wired networks does better than another, on average.

    Attributes
    ----------
    statement
        What is claimed, in words.
    better, worse
        Variant and family of each group.
    source
        Section, figure or table of the thesis.
    """

    statement: str
    better: tuple[str, str]
    worse: tuple[str, str]
    source: str


def group_of(case: WiredCase) -> tuple[str, str]:
    """The group of a contrast that a network belongs to."""
    return case.variant, case.graph.family


@dataclass(frozen=True)
class Published:
    """What section 6.2 says of one variant and target.

    Attributes
    ----------
    level
        Accuracy, 0-1, that holds through `holds_through` percent pruned.
    declines_at
        Percentage of the sharp decline.
    chance_from
        Percentage from which on accuracy is that of chance; None where the text does not say.
    source
        The figure.
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
    ("rnn_relu", "i2h"): Published(0.90, 80, 90, None, "fig 6.15; ch. 7.2 says 70 %"),
    ("lstm", "i2h"): Published(AROUND_95, 80, 90, 100, "fig 6.17; ch. 7.2 says 70 %"),
    ("gru", "i2h"): Published(0.95, 80, 90, 100, "fig 6.19"),
    ("rnn_tanh", "h2h"): Published(0.90, 80, 90, 100, "section 6.2.3, fig 6.21"),
    ("rnn_relu", "h2h"): Published(0.95, 70, 80, None, "fig 6.23"),
    ("lstm", "h2h"): Published(AROUND_95, 90, 100, None, "fig 6.25"),
    ("gru", "h2h"): Published(AROUND_95, 90, 100, None, "fig 6.27"),
}


@dataclass(frozen=True)
class Regained:
    """What section 6.2 says of one variant and target after pruning and training again.

    Attributes
    ----------
    level
        The accuracy, 0-1, that is regained.
    epochs
        After how many epochs, by the percentage that was pruned; None: never.
    source
        The figure.
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
"""Where the text gives no level, it is the one that held before the decline (`PRUNING`)."""

APPROXIMATELY = 0.02

_FIRST_EPOCH = "training accuracy over the first epoch is around 0.93"

BASE: dict[str, tuple[Claim, ...]] = {
    "rnn_tanh": (Claim("accuracy is above 0.90", 0.90, 1, "fig 6.1"),),
    "rnn_relu": (Claim("accuracy is above 0.96", 0.96, 1, "fig 6.2"),),
    "lstm": (
        Claim("accuracy is consistently 1.00", NEAR_100, 1, "fig 6.3"),
        Claim(_FIRST_EPOCH, 0.90, 0.96, "fig 6.3", "first_epoch"),
    ),
    "gru": (
        Claim("accuracy is consistently 1.00", NEAR_100, 1, "fig 6.4"),
        Claim(_FIRST_EPOCH, 0.90, 0.96, "fig 6.4", "first_epoch"),
    ),
}


def claims(cell: Cell) -> tuple[Claim, ...]:
    """The thesis's claims about a cell; none under the corrected semantics or another criterion."""
    if cell.semantics != "published":
        return ()
    if isinstance(cell, BaseCell):
        return BASE[cell.variant]
    if isinstance(cell, PruningCell) and cell.criterion == "magnitude":
        return _pruning_claims(cell)
    if isinstance(cell, RegainCell) and cell.criterion == "magnitude":
        return _regain_claims(cell)
    if isinstance(cell, ThresholdCell):
        return tuple(
            Claim(
                f"accuracy stays approximately the same {when}, +- {APPROXIMATELY}",
                -APPROXIMATELY,
                APPROXIMATELY,
                "slides, section 5.1",
                figure,
            )
            for when, figure in (
                ("after pruning", "difference_pruned"),
                ("after training again", "difference"),
            )
        )
    return ()


WIRED: dict[str, str] = {
    "rnn_tanh": "fig 6.29", "rnn_relu": "fig 6.30", "lstm": "fig 6.31", "gru": "fig 6.32"
}  # fmt: skip
"""The figure that shows a variant's accuracies by family."""


def contrasts(cell: Cell) -> tuple[Contrast, ...]:
    """The thesis's contrasts between groups of a cell's networks; none but under its own semantics."""
    if cell.semantics != "published":
        return ()
    if isinstance(cell, FamiliesCell):
        return (
            Contrast(
                f"{cell.variant}: Watts-Strogatz above Barabási-Albert on average",
                (cell.variant, "watts_strogatz"),
                (cell.variant, "barabasi_albert"),
                WIRED[cell.variant],
            ),
        )
    if isinstance(cell, VariantsCell) and cell.family in PUBLISHED_FAMILIES:
        return tuple(
            Contrast(
                f"{cell.family}: {gated} above {plain} on average",
                (gated, cell.family),
                (plain, cell.family),
                f"{WIRED[plain]}, {WIRED[gated]}",
            )
            for gated in GATED
            for plain in PLAIN
        )
    return ()


def _regain_claims(cell: RegainCell) -> tuple[Claim, ...]:
    published = REGAIN[cell.variant, cell.target]
    level, source = published.level, published.source
    if cell.percent not in published.epochs:
        return ()
    epochs = published.epochs[cell.percent]
    if epochs is None:
        return (Claim(f"accuracy does not regain {level:.2f}", 0, level, source, "regained"),)
    found = [
        Claim(
            f"accuracy regains {level:.2f} within {epochs} epoch{'s' * (epochs > 1)}",
            level,
            1,
            source,
            "regained",
            epochs,
        )
    ]
    if epochs > 1:
        found.append(
            Claim(
                f"accuracy does not regain {level:.2f} within {epochs - 1} epoch",
                0,
                level,
                source,
                "regained",
                epochs - 1,
            )
        )
    if (cell.variant, cell.target) == ("gru", "h2h"):
        found.append(Claim("accuracy is 1.00 after two epochs", NEAR_100, 1, source, "regained", 2))
    return tuple(found)


def _pruning_claims(cell: PruningCell) -> tuple[Claim, ...]:
    published = PRUNING[cell.variant, cell.target]
    level, source = published.level, published.source
    if 10 <= cell.percent <= published.holds_through:
        return (Claim(f"accuracy holds at {level:.2f} or more", level, 1, source),)
    if published.chance_from is not None and cell.percent >= published.chance_from:
        return (Claim("accuracy is that of chance, 0.50 +- 0.05", *CHANCE, source),)
    if cell.percent == published.declines_at:
        return (Claim(f"accuracy falls below {level:.2f}", 0, level, source),)
    return ()
