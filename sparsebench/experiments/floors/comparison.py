"""Did a floor change? Compares its figures with those of the baseline."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sparsebench.judging.change import Change, in_pairs
from sparsebench.judging.policy import Policy, metric
from sparsebench.parts.records import Record

APART = 0.002
"""Allowed difference of a share, and of a loss relative to it: linear algebra and solvers of other
machines and versions end elsewhere near the same optimum."""


def floors_change(old: Sequence[Record], new: Sequence[Record], same_run: bool = True) -> Change:
    """Compare the figures of all methods with those of the baseline."""
    pairs = in_pairs(old, new)
    for was, now in pairs:
        for name, before, after in _figures(was, now):
            if before is None or after is None or abs(after - before) > APART * max(1, abs(before)):
                return Change("changed", f"{name} is {_shown(after)}, expected {_shown(before)}")
    return (
        Change("unchanged", f"{len(pairs)} tasks") if pairs else Change("undecided", "other tasks")
    )


def _figures(was: Record, now: Record) -> Iterator[tuple[str, float | None, float | None]]:
    for table in dict.fromkeys([*was.tables, *now.tables]):
        before, after = was.tables.get(table, {}), now.tables.get(table, {})
        for name in dict.fromkeys([*before, *after]):
            yield f"{table} by {name}", before.get(name), after.get(name)


def _shown(figure: float | None) -> str:
    return "not there" if figure is None else f"{figure:.4f}"


FLOORS = Policy(
    figure="lowest loss",
    figure_of=metric("loss"),
    inexact=floors_change,
    figures=lambda records: [record.metrics["loss"] for record in records],
    statement="what methods without recurrence reach is as in the baseline",
    replicated=False,
    larger_is="neither",
)
