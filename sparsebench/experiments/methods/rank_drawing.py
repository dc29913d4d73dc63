"""Mean ranks of methods as a diagram of critical differences, and as a table."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

from sparsebench.experiments.methods.ranks import Ranking
from sparsebench.experiments.methods.table import kept
from sparsebench.report.contents import Column, Drawing, Entry, Table
from sparsebench.report.drawing import BLUE, FAINT, Panel, drawn, panels

_COLUMNS = 3


def rank_drawing(ranks: Sequence[Ranking]) -> Drawing:
    """A panel for each density: methods from the best mean rank down, and a band from the best to the
    critical difference (Demšar 2006).

    Parameters
    ----------
    ranks
        At least one.
    """
    rows = -(-len(ranks) // _COLUMNS)
    methods = max(len(each.ranks) for each in ranks)
    figure, axes = panels(rows, _COLUMNS, rows * (1.2 + 0.2 * methods), sharex=True)
    for ranking, panel in zip(ranks, axes.flat, strict=False):
        _draw(panel, ranking)
    for panel in axes.flat[len(ranks) :]:
        panel.set_axis_off()
    return drawn(
        "method-rank-differences",
        "Mean ranks of methods, and their critical difference",
        ranks_in_words(ranks),
        figure,
        ranks_table(ranks),
    )


def ranks_table(ranks: Sequence[Ranking]) -> Table:
    """A row for each method, its mean rank at each density; then what tells ranks apart."""
    methods = list(dict.fromkeys(name for each in ranks for name in each.ranks))
    methods.sort(key=lambda name: fmean(each.ranks[name] for each in ranks if name in each.ranks))
    rows: list[list[Entry]] = [
        [
            name,
            *(
                f"{each.ranks[name]:.1f}{' *' if name in each.best else ''}"
                if name in each.ranks
                else ""
                for each in ranks
            ),
        ]
        for name in methods
    ]
    rows.append(["critical difference", *(f"{each.difference:.1f}" for each in ranks)])
    rows.append(["Friedman's p", *(f"{each.probability:.1g}" for each in ranks)])
    rows.append(["cell types and tasks", *(str(each.settings) for each in ranks)])
    columns = (Column("method"), *(Column(kept(each.density)) for each in ranks))
    return Table(
        "method-ranks",
        "Mean rank of each method by density; with a star, those that do not differ from the best",
        columns,
        rows,
    )


def ranks_in_words(ranks: Sequence[Ranking]) -> str:
    """The best method at each density, and those that are not told from it."""
    return " ".join(map(_said, ranks))


def _draw(panel: Panel, ranking: Ranking) -> None:
    count, best = len(ranking.ranks), min(ranking.ranks.values())
    panel.fill_between(
        [best, best + ranking.difference],
        0.5,
        count + 0.5,
        color=FAINT,
        alpha=0.25,
        label="no more than the critical difference from the best",
        reference=True,
    )
    places = range(1, count + 1)
    panel.plot([*ranking.ranks.values()], [*places], "o", color=BLUE, label="mean rank")
    panel.set_title(kept(ranking.density))
    panel.set_xlabel("mean rank")
    panel.set_xlim(0.5, count + 0.5)
    panel.set_ylim(count + 0.5, 0.5)
    panel.set_yticks(places, ranking.ranks)


def _said(ranking: Ranking) -> str:
    """The best, and who does not differ from it or who does, whichever are fewer."""
    first, *others = ranking.best
    behind = [name for name in ranking.ranks if name not in ranking.best]
    where = kept(ranking.density)
    if not behind:
        return f"{where}: no method differs from {first}."
    if not others:
        return f"{where}: {first}, ahead of all others."
    if len(behind) < len(others):
        return f"{where}: {first}; told from it are only {', '.join(behind)}."
    return f"{where}: {first}; not told from it: {', '.join(others)}."
