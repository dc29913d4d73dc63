"""Accuracy by percentage pruned, as a line in a panel and as rows of a table."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

from sparsebench.experiments.pruning.items import PruningItem
from sparsebench.experiments.pruning.table import ThesisResult
from sparsebench.judging.metrics import accuracies
from sparsebench.report.contents import Column
from sparsebench.report.drawing import SEMANTICS_COLOURS, Panel
from sparsebench.report.words import VARIANT_TITLES

COLUMNS = (
    Column("variant", choice=True),
    Column("pruned", choice=True),
    Column("semantics", choice=True),
    Column("percent", ".0f"),
    Column("seeds", ".0f"),
    Column("mean", ".4f"),
    Column("lowest", ".4f"),
    Column("highest", ".4f"),
)
"""The columns of a table of accuracies by percentage."""


def cells(item: PruningItem, result: ThesisResult) -> tuple[str | float, ...]:
    """A row of these columns."""
    values = accuracies(result.records)
    return (
        VARIANT_TITLES[item.variant],
        item.target,
        item.semantics,
        item.percent,
        len(values),
        result.accuracy,
        min(values),
        max(values),
    )


def draw_curve(panel: Panel, line: Sequence[tuple[int, list[float]]], semantics: str) -> None:
    """Draw means by percentage, and a band from the lowest to the highest seed.

    Parameters
    ----------
    panel
        The panel to draw in.
    line
        Percentages with their accuracies, 0-1, one for each seed; nothing is drawn without.
    semantics
        The name of the semantics: colour, markers and label follow from it.
    """
    if not line:
        return
    percents = [percent for percent, _ in line]
    lowest, highest = ([end(values) for _, values in line] for end in (min, max))
    colour = SEMANTICS_COLOURS[semantics]
    panel.fill_between(percents, lowest, highest, color=colour, alpha=0.13)
    panel.plot(
        percents,
        [fmean(values) for _, values in line],
        "o-" if semantics == "published" else "s--",
        color=colour,
        markersize=3,
        label=f"ours, {semantics}",
    )
