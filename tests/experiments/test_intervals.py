"""Intervals cover what they claim to, shrink with evidence and stay within 0 and 1."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparsebench.experiments.intervals import (
    accuracy_interval,
    binomial_interval,
    difference_interval,
    mean_interval,
)

ACCURACIES = st.lists(st.floats(0, 1), min_size=2, max_size=8)
SEEDS = st.lists(st.floats(0, 1), min_size=1, max_size=8)
STRINGS = st.integers(1, 10_000)
CONFIDENCES = st.floats(0.8, 0.9999)


@given(ACCURACIES, st.integers(1, 10_000))
def test_an_interval_holds_its_mean_and_stays_within_0_and_1(accuracies, strings):
    low, high = accuracy_interval(accuracies, strings)
    assert 0 <= low <= np.mean(accuracies) + 0.5 / strings + 1e-9
    assert np.mean(accuracies) - 0.5 / strings - 1e-9 <= high <= 1


@given(ACCURACIES, ACCURACIES, st.integers(1, 10_000))
def test_swapping_the_sides_turns_the_difference_around(old, new, strings):
    there, back = difference_interval(old, new, strings), difference_interval(new, old, strings)
    assert there == pytest.approx((-back[1], -back[0]))


@given(SEEDS, SEEDS, STRINGS, CONFIDENCES)
def test_the_interval_of_a_difference_holds_the_difference(old, new, strings, confidence):
    found = difference_interval(old, new, strings, confidence)
    if len(old) == len(new) == 1:
        assert found is None
        return
    low, high = found
    assert low <= np.mean(new) - np.mean(old) + 1e-9
    assert np.mean(new) - np.mean(old) - 1e-9 <= high


@given(ACCURACIES, SEEDS, STRINGS, st.tuples(CONFIDENCES, CONFIDENCES))
def test_intervals_widen_with_confidence(one, other, strings, both):
    less, more = sorted(both)
    for interval in (
        lambda confidence: accuracy_interval(one, strings, confidence),
        lambda confidence: difference_interval(one, other, strings, confidence),
        lambda confidence: mean_interval(one, confidence),
        lambda confidence: binomial_interval(other[0], strings, confidence),
    ):
        (low, high), (lower, higher) = interval(less), interval(more)
        assert lower <= low + 1e-12
        assert high - 1e-12 <= higher


@given(st.integers(0, 100), st.integers(1, 100))
def test_an_accuracy_on_some_strings_has_an_interval_within_0_and_1(right, strings):
    accuracy = min(right, strings) / strings
    low, high = binomial_interval(accuracy, strings)
    assert 0 <= low <= accuracy + 1e-12
    assert accuracy - 1e-12 <= high <= 1


def test_wilson_s_interval_is_that_of_the_books():
    assert binomial_interval(0.0, 10) == pytest.approx((0.0, 0.2775), abs=1e-4)
    assert binomial_interval(0.5, 100) == pytest.approx((0.4038, 0.5962), abs=1e-4)


def test_one_seed_tells_nothing_of_the_spread():
    assert accuracy_interval([], 6250) is None
    assert accuracy_interval([0.9], 6250) is None
    assert mean_interval([0.9]) is None
    assert difference_interval([0.5], [0.9], 6250) is None


def test_one_seed_is_taken_to_scatter_as_those_of_the_other_side_do():
    assert difference_interval([0.5], [0.9, 0.9], 10**9) == pytest.approx((0.4, 0.4), abs=1e-3)
    low, high = difference_interval([0.9, 0.8, 1.0], [0.9], 10**9)  # t = 4.303, sd = 0.1
    assert (low, high) == pytest.approx((-0.4969, 0.4969), abs=1e-4)


def test_both_sides_share_one_spread():
    """As in Student's test: two seeds that happen to agree do not make it smaller than it is."""
    low, high = difference_interval([0.8, 0.9, 1.0], [0.5, 0.5], 10**9)
    spread = (2 * 0.01 / 3) ** 0.5 * (1 / 3 + 1 / 2) ** 0.5
    assert (low, high) == pytest.approx((-0.4 - 3.182 * spread, -0.4 + 3.182 * spread), abs=1e-3)


def test_seeds_that_agree_leave_the_error_of_the_strings_alone():
    low, high = accuracy_interval([0.9, 0.9, 0.9], 6250)
    assert (low, high) == pytest.approx((0.8923, 0.9072), abs=1e-4)  # Wilson's interval


def test_many_strings_leave_the_spread_between_seeds_alone():
    low, high = accuracy_interval([0.8, 0.9, 1.0], 10**9)
    assert (low, high) == pytest.approx((0.9 - 0.2484, 1.0), abs=1e-4)  # t = 4.303, sd = 0.1


@pytest.mark.parametrize(("strings", "spread"), [(6250, 0.02), (200, 0.0), (1000, 0.01)])
def test_the_interval_covers_the_true_mean_at_least_as_often_as_it_says(strings, spread):
    """Strings are drawn once for all seeds, as in a test set, and every seed has its own skill."""
    random = np.random.RandomState(0)
    covered, rounds = 0, 400
    for _ in range(rounds):
        difficulty = random.random_sample(strings)
        skills = 0.9 + spread * random.standard_normal(3)
        measured = [(difficulty < skill).mean() for skill in skills]
        low, high = accuracy_interval(measured, strings)
        covered += low <= 0.9 <= high
    assert covered / rounds > 0.93


@pytest.mark.parametrize("seeds", [(3, 3), (3, 10), (1, 5)])
@pytest.mark.parametrize("confidence", [0.95, 0.99])
def test_the_interval_of_a_difference_covers_none_as_often_as_it_says(seeds, confidence):
    random = np.random.RandomState(1)
    covered, rounds = 0, 400
    for _ in range(rounds):
        old, new = (0.9 + 0.02 * random.standard_normal(count) for count in seeds)
        low, high = difference_interval(list(old), list(new), 6250, confidence)
        covered += low <= 0 <= high
    assert covered / rounds > confidence - 0.02
