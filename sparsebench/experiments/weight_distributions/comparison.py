"""Did a distribution of weights change? Only the same weights can be compared, and figure by figure."""

from __future__ import annotations

from collections.abc import Sequence

from sparsebench.judging.bits import difference
from sparsebench.judging.change import Change, in_pairs, of_same_weights
from sparsebench.judging.policy import Policy, metric
from sparsebench.parts.records import Record


def distributions_change(
    old: Sequence[Record], new: Sequence[Record], same_run: bool = True
) -> Change:
    """Compare the figures of the same weights, which must be equal; others decide nothing."""
    pairs = of_same_weights(in_pairs(old, new))
    if not pairs:
        return Change("undecided", "other weights than in the baseline, or other networks")
    for was, now in pairs:
        if other := difference(was, now):
            return Change("changed", other, same_weights=True)
    return Change("unchanged", f"{len(pairs)} networks of the same weights", same_weights=True)


def _paired(old: Sequence[Record], new: Sequence[Record]) -> tuple[str, str]:
    """Always undecided: how weights are distributed does not show how good a network is."""
    (was, *_), (now, *_) = old, new
    moved = now.metrics["sd"] - was.metrics["sd"]
    return "undecided", (
        f"distributions do not say (the standard deviation is {moved:+.2g} beside that of the "
        "baseline): see what the accuracies do"
    )


WEIGHTS = Policy(
    figure="standard deviation",
    figure_of=metric("sd"),
    inexact=distributions_change,
    paired=_paired,
    figures=lambda records: [record.metrics["sd"] for record in records],
    statement="weights are distributed as in the baseline",
    replicated=False,
    larger_is="neither",
)
