"""Did generated strings change? Compares the shares of ungrammatical strings."""

from __future__ import annotations

from sparsebench.judging.loss_change import Losses
from sparsebench.judging.policy import Policy, metric
from sparsebench.parts.records import Record

FEWEST = 0.01
"""Shares of ungrammatical strings below this count as equal: ten in a thousand are chance."""


def ungrammatical(record: Record) -> float:
    """The share of ungrammatical strings, at least `FEWEST`."""
    return max(1 - record.metrics["grammatical"], FEWEST)


_GRAMMATICAL = Losses("grammatical", ungrammatical)

GRAMMAR = Policy(
    figure="grammatical share",
    figure_of=metric("grammatical"),
    inexact=_GRAMMATICAL,
    paired=_GRAMMATICAL.paired,
    figures=lambda records: [ungrammatical(each) for each in records],
    statement="what is written is as grammatical as in the baseline",
    unit="points",
)
