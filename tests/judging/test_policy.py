"""A policy holds records by one arithmetic to their bits, and asks its own rule about the others."""

from dataclasses import replace

import pytest

from sparsebench.experiments.pruning.items import PruningItem
from sparsebench.judging.accuracy_change import ACCURACY
from sparsebench.judging.change import Change
from tests.judging.records import records

ITEM = PruningItem("gru", "both", 50)
ASKED = "the rule of those that need not be the same"


def inexact(old, new, same_run=True):
    return Change("unchanged", ASKED)


POLICY = replace(ACCURACY, inexact=inexact)


def some(accuracies, numerics="1", **chosen):
    found = records(ITEM, accuracies, **chosen)
    for record in found:
        record.numerics = numerics
    return found


OLD = some([0.9, 0.8, 0.95])


@pytest.mark.parametrize(
    ("new", "kind", "asked"),
    [
        (some([0.9, 0.8, 0.95]), "unchanged", False),
        (some([0.9, 0.8, 0.9499]), "changed", False),
        (some([0.9, 0.8, 0.95], weights="new"), "changed", False),
        (some([0.8, 0.7, 0.851]), "regressed", False),
        (some([0.1, 0.1, 0.1], "2"), "unchanged", True),
        (some([0.1, 0.1, 0.1], ""), "unchanged", True),
        (some([0.1, 0.1, 0.1], first=9), "unchanged", True),
    ],
)
def test_bits_are_compared_where_they_are_promised_and_only_there(new, kind, asked):
    found = POLICY.change(OLD, new)
    assert (found.kind, found.reason == ASKED) == (kind, asked)
    assert POLICY.in_pairs(OLD, new) == (not asked or ACCURACY.inexact_in_pairs(OLD, new))


def test_a_policy_without_paired_figures_promises_no_bits():
    """Times and analyses are not trained; their own rule says what must come out again."""
    policy = replace(POLICY, paired=None)
    found = policy.change(OLD, some([0.1, 0.1, 0.1]))
    assert (found.kind, found.reason) == ("unchanged", ASKED)


def test_the_verdict_on_pairs_makes_a_change_regressed():
    for verdict, kind in (("worse", "regressed"), ("as good", "changed"), ("undecided", "changed")):
        policy = replace(POLICY, paired=lambda old, new, verdict=verdict: (verdict, "numbers"))
        found = policy.change(OLD, some([0.9, 0.8, 0.9501]))
        assert (found.kind, found.reason.endswith("; are they worse? numbers")) == (kind, True)
