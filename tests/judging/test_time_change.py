"""Times of forward passes: all of them a little slower, or one of them much, or only noise."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparsebench.experiments.forward_time.comparison import DRIFT, ONE_SLOWER, SLOWER
from sparsebench.harness.comparing import change
from tests.judging.records import forward

RATIOS = [1.5, 0.7, 0.3, 0.5]
OLD = forward(RATIOS)
TIMES = st.lists(st.floats(0.01, 10), min_size=1, max_size=4)


def times(*factors):
    return forward([ratio * factor for ratio, factor in zip(RATIOS, factors, strict=True)])


@pytest.mark.parametrize(
    ("factors", "kind"),
    [
        ((1, 1, 1, 1), "unchanged"),
        ((1.01 * SLOWER,) * 4, "regressed"),
        ((0.99 * SLOWER,) * 4, "unchanged"),
        ((1, 1, 1, 1.01 * ONE_SLOWER), "regressed"),
        ((1, 1, 1, 0.99 * ONE_SLOWER), "unchanged"),  # one network alone may be unlucky
        ((1.2, 1.2, 1.2, 0.9), "regressed"),
        ((0.99 / SLOWER,) * 4, "improved"),
        ((1.01 / SLOWER,) * 4, "unchanged"),
        ((0.1, 1, 1, 1.01 * ONE_SLOWER), "regressed"),  # a gain hides no loss
    ],
)
def test_networks_are_held_to_their_mean_and_each_to_a_wider_limit(factors, kind):
    found = change(OLD, times(*factors))
    assert found.kind == kind
    assert "expected 1.500 / 0.700 / 0.300 / 0.500" in found.reason
    assert f"allowed are {SLOWER:.2f} and {ONE_SLOWER:.2f}" in found.reason


@pytest.mark.parametrize(
    ("factors", "kind"),
    [
        ((1.01 * SLOWER,) * 4, "unchanged"),
        ((0.99 * SLOWER * DRIFT,) * 4, "unchanged"),
        ((1.01 * SLOWER * DRIFT,) * 4, "regressed"),
        ((1, 1, 1, 0.99 * ONE_SLOWER * DRIFT), "unchanged"),
        ((1, 1, 1, 1.01 * ONE_SLOWER * DRIFT), "regressed"),
        ((0.99 / SLOWER / DRIFT,) * 4, "improved"),
    ],
)
def test_times_of_another_run_may_lie_further_apart(factors, kind):
    found = change(OLD, times(*factors), same_run=False)
    assert found.kind == kind
    assert "1.15 times as much as within an hour" in found.reason


@given(TIMES)
def test_passes_are_as_fast_as_themselves(ratios):
    assert change(forward(ratios), forward(ratios)).kind == "unchanged"


@given(TIMES, st.floats(1.2, 5))
def test_a_fifth_more_time_in_every_network_is_seen_and_so_is_its_return(ratios, factor):
    slower = forward([ratio * factor for ratio in ratios])
    assert change(forward(ratios), slower).kind == "regressed"
    assert change(slower, forward(ratios)).kind == "improved"


def test_networks_are_compared_with_themselves_in_whatever_order():
    assert change(OLD, times(1, 1, 1, 1)[::-1]).kind == "unchanged"
    assert change(OLD[::-1], times(1, 1, 1, 1.4)).kind == "regressed"


def test_times_that_grew_are_worse_whatever_else_changed():
    slower = forward([ratio * 2 for ratio in RATIOS], kept=99)
    found = change(OLD, slower)
    assert (found.kind, found.reason.startswith("weights kept 99")) == ("regressed", True)
    assert change(slower, OLD).kind == "changed"


def test_times_beside_other_dense_networks_are_a_change():
    other = times(1, 1, 1, 1)
    other[0].history["time_ratios"] = RATIOS[:2]
    found = change(OLD, other)
    assert (found.kind, found.reason) == ("changed", "timed beside 2 dense networks, expected 4")


def test_another_number_of_weights_is_a_change_whatever_it_takes():
    found = change(OLD, forward(RATIOS, kept=99))
    assert found.kind == "changed"
    assert found.reason == "weights kept 99, expected 100"
    assert change(OLD, forward([None] * 4, kept=99)).kind == "changed"


@pytest.mark.parametrize(
    ("old", "new"), [([None], [0.5]), ([0.5], [None]), ([None], [None]), ([1, 1], [1, None])]
)
def test_what_was_not_timed_is_undecided(old, new):
    assert change(forward(old), forward(new)).kind == "undecided"


def test_where_no_network_is_on_both_sides_nothing_is_decided():
    """Two files of a project whose items time networks of other seeds, compared."""
    assert change(OLD[:1], OLD[1:]).kind == "undecided"
