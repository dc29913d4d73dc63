"""Did the strings change? Every figure of a data set follows from its description."""

from __future__ import annotations

from collections.abc import Sequence

from sparsebench.judging.bits import difference
from sparsebench.judging.change import Change, in_pairs
from sparsebench.judging.policy import Policy, metric
from sparsebench.parts.records import Record


def strings_change(old: Sequence[Record], new: Sequence[Record], same_run: bool = True) -> Change:
    """Compare the figures of the same data sets, which must be equal."""
    pairs = in_pairs(old, new)
    for was, now in pairs:
        if other := difference(was, now):
            return Change("changed", other)
    if not pairs:
        return Change("undecided", "other seeds than before: other strings")
    return Change("unchanged", f"{len(pairs)} data sets")


STRINGS = Policy(
    figure="longest string",
    figure_of=metric("longest all"),
    inexact=strings_change,
    figures=lambda records: [record.metrics["longest all"] for record in records],
    statement="the strings are those of the baseline",
    replicated=False,
    larger_is="neither",
)
