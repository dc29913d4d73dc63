"""Did what networks write change? Compared by the share of strings that is not grammatical."""

from __future__ import annotations

from sparsebench.judging.loss_change import Losses
from sparsebench.judging.policy import Policy, metric
from sparsebench.parts.records import Record

FEWEST = 0.01
"""A share of strings that is as good as none: of a thousand, ten are chance."""


def ungrammatical(record: Record) -> float:
    """The share of strings that the grammar has not."""
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
