"""Populations of other seeds, or trained anew: worse by more than the margin, or not."""

from dataclasses import replace
from statistics import fmean

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sparsebench.experiments.base.items import BaseItem
from sparsebench.experiments.finetuning.items import FinetuningItem
from sparsebench.experiments.pruning.items import PruningItem
from sparsebench.experiments.random_wiring.items import FamiliesItem, WiredItem
from sparsebench.harness.comparing import change
from sparsebench.judging.accuracy_change import FEWEST, MARGIN
from sparsebench.judging.change import GATE_CONFIDENCE
from sparsebench.judging.intervals import difference_interval, lower_by_rank
from tests.judging.records import networks, records, retrained

ITEM = PruningItem("lstm", "both", 70)
OTHERS = 1000  # the first of some seeds that the old records do not have
ACCURACIES = st.lists(st.floats(0, 1), min_size=1, max_size=8)
LEVEL = 0.0001  # one error in 10,000 on each side
NEARLY_PERFECT = st.lists(st.floats(0.9985, 1), min_size=3, max_size=8)


def of_other_seeds(accuracies, item=ITEM):
    return records(item, accuracies, first=OTHERS)


# Laws


@given(ACCURACIES)
def test_a_population_is_never_worse_or_better_than_itself(accuracies):
    found = change(records(ITEM, accuracies), of_other_seeds(accuracies))
    assert found.kind in ("unchanged", "undecided")
    assert not found.same_weights
    again = change(records(ITEM, accuracies), records(ITEM, accuracies, weights="new"))
    assert again.kind == found.kind


@given(NEARLY_PERFECT)
def test_a_population_of_little_spread_is_as_good_as_itself(accuracies):
    """Undecided is for those that scatter: here the margin is wider than the interval."""
    assert change(records(ITEM, accuracies), of_other_seeds(accuracies)).kind == "unchanged"


@given(NEARLY_PERFECT, st.floats(0.01, 0.2))
def test_a_nearly_perfect_population_a_point_or_more_lower_is_worse_and_back_is_better(
    accuracies, lower
):
    down = [accuracy - lower for accuracy in accuracies]
    assert change(records(ITEM, accuracies), of_other_seeds(down)).kind == "regressed"
    assert change(records(ITEM, down), of_other_seeds(accuracies)).kind == "improved"


@given(ACCURACIES, ACCURACIES)
def test_what_is_worse_one_way_is_better_the_other_way(old, new):
    assume(min(len(old), len(new)) >= FEWEST)
    mirrored = {"regressed": "improved", "improved": "regressed"}
    there = change(records(ITEM, old), of_other_seeds(new)).kind
    back = change(records(ITEM, new), of_other_seeds(old)).kind
    assert mirrored.get(there, back if back not in mirrored else None) == back


@given(ACCURACIES, ACCURACIES)
def test_a_population_is_worse_if_that_is_sure_and_more_than_the_margin_and_ranks_say_so(old, new):
    usual = difference_interval(old, new)
    sure = difference_interval(old, new, GATE_CONFIDENCE)
    kind = change(records(ITEM, old), of_other_seeds(new)).kind
    if usual is None or sure is None or len(new) < FEWEST:
        assert kind == "undecided"
        return
    moved = fmean(new) - fmean(old)
    assume(abs(abs(moved) - MARGIN) > 1e-9)  # which side of the margin is no matter of rounding
    if sure[1] < 0 and moved < -MARGIN and lower_by_rank(new, old, LEVEL):
        assert kind == "regressed"
    elif sure[0] > 0 and moved > MARGIN and lower_by_rank(old, new, LEVEL):
        assert kind == "improved"
    else:
        assert kind == ("unchanged" if usual[0] >= -MARGIN else "undecided")


@given(NEARLY_PERFECT, st.randoms(use_true_random=False))
def test_the_order_of_seeds_does_not_matter(accuracies, random):
    old, new = records(ITEM, [1.0, 0.999, 0.9985]), of_other_seeds([a - 0.01 for a in accuracies])
    expected = change(old, new).kind
    random.shuffle(old)
    random.shuffle(new)
    assert change(old, new).kind == expected


# Examples


@pytest.mark.parametrize(
    ("new", "kind"),
    [
        ([0.93, 0.78, 0.9], "undecided"),  # three that scatter say little
        ([0.7, 0.3, 0.9], "undecided"),
        ([0.2, 0.21, 0.2], "regressed"),
        ([0.9, 0.8, 0.95], "undecided"),
    ],
)
def test_models_that_scatter_are_worse_only_if_the_interval_of_the_difference_says_so(new, kind):
    old = records(ITEM, [0.9, 0.8, 0.95])
    assert change(old, of_other_seeds(new)).kind == kind
    assert change(old, records(ITEM, new, weights="new")).kind == kind


@pytest.mark.parametrize(
    ("points", "kind"), [(0.1, "unchanged"), (0.4, "unchanged"), (0.6, "regressed")]
)
def test_less_than_the_margin_may_be_lost(points, kind):
    """Ten seeds that lie close together: it is sure that they are worse, only not by much."""
    accuracies = [0.9990 + 0.0001 * (seed % 3) for seed in range(10)]
    lower = [accuracy - points / 100 for accuracy in accuracies]
    assert change(records(ITEM, accuracies), of_other_seeds(lower)).kind == kind


# Two groups of eight, nine points apart, of which each has one among the other's: sure enough for
# Student, not for Mann and Whitney.
LOWER, HIGHER = [0.90] * 7 + [0.95], [1.0] * 7 + [0.94]


def test_a_population_that_is_worse_by_its_mean_and_not_by_ranks_is_undecided():
    found = change(records(ITEM, HIGHER), of_other_seeds(LOWER))
    assert (found.kind, "the rank test does not" in found.reason) == ("undecided", True)
    apart = change(records(ITEM, HIGHER[:-1]), of_other_seeds(LOWER[:-1]))
    assert (apart.kind, "ranks" in apart.reason) == ("regressed", False)


def test_a_population_that_is_better_by_its_mean_and_not_by_ranks_is_at_least_no_worse():
    assert change(records(ITEM, LOWER), of_other_seeds(HIGHER)).kind == "unchanged"
    apart = change(records(ITEM, LOWER[:-1]), of_other_seeds(HIGHER[:-1]))
    assert apart.kind == "improved"


def test_both_intervals_and_the_margin_are_told():
    reason = change(records(ITEM, [1.0] * 3), of_other_seeds([0.99] * 3)).reason
    assert "mean accuracy 0.9900 (0.9900 / 0.9900 / 0.9900), before 1.0000" in reason
    assert "(95%)" in reason
    assert "(99.98%)" in reason
    assert f"margin {MARGIN}" in reason


def test_of_many_seeds_the_extremes_are_told():
    reason = change(records(ITEM, [1.0] * 3), of_other_seeds([0.99, 0.98, 0.985, 0.99])).reason
    assert "(4 from 0.9800 to 0.9900)" in reason


@pytest.mark.parametrize("seeds", [1, 2])
def test_one_or_two_may_come_from_the_tail_and_say_nothing_of_a_population(seeds):
    many = records(ITEM, [1.0, 0.999, 1.0, 0.999, 1.0])
    found = change(many, of_other_seeds([0.9] * seeds))
    assert found.kind == "undecided"
    assert "fewer than 3 replicates" in found.reason
    assert change(many, of_other_seeds([0.9] * 3)).kind == "regressed"


def test_one_seed_on_both_sides_tells_nothing():
    assert change(records(ITEM, [0.9]), of_other_seeds([0.2])).kind == "undecided"
    assert change(records(ITEM, [0.9]), records(ITEM, [0.2], weights="new")).kind == "undecided"


def test_seeds_beyond_those_of_the_baseline_count_where_models_were_trained_anew():
    old = records(ITEM, [1.0, 0.9, 0.95])
    few = records(ITEM, [0.7, 0.75, 0.72], weights="new")
    more = records(ITEM, [0.7, 0.75, 0.72] * 4, weights="new")
    assert (change(old, few).kind, change(old, more).kind) == ("undecided", "regressed")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (records(BaseItem("gru"), [1.0] * 3), records(BaseItem("gru"), [0.98] * 3, first=9)),
        (
            retrained(FinetuningItem("gru", "both", 90, 2), [[0.9, 1.0]] * 3),
            retrained(FinetuningItem("gru", "both", 90, 2, order=7), [[0.9, 0.98]] * 3),
        ),
        (
            networks(FamiliesItem("gru", 2), [1.0] * 4),
            networks(FamiliesItem("gru", 2, first=9), [0.98] * 4),
        ),
    ],
    ids=["base", "retraining", "wired"],
)
def test_every_kind_of_population_can_get_worse(old, new):
    assert change(old, new).kind == "regressed"


def test_one_wired_network_says_nothing_of_its_group():
    group = networks(FamiliesItem("gru", 4), [0.95, 0.96, 0.94, 0.95, 0.95, 0.96, 0.95, 0.94])
    other = networks(WiredItem("gru", "watts_strogatz", 99), [0.5])
    found = change(group[:4], other)
    assert found.kind == "undecided"


def test_strings_that_both_sides_share_do_not_make_the_difference_less_sure():
    """A point is a point, whether on 6,250 strings or on 100."""
    old, new = records(ITEM, [1.0] * 3), of_other_seeds([0.99] * 3)
    assert change(old, new).kind == "regressed"
    for record in (*old, *new):
        record.metrics["strings"] = 100
    assert change(old, new).kind == "regressed"


def test_semantics_do_not_matter_to_the_comparison():
    corrected = replace(ITEM, semantics="corrected")
    found = change(records(corrected, [1.0] * 3), of_other_seeds([0.98] * 3, corrected))
    assert found.kind == "regressed"
