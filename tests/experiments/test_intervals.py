"""Intervals cover what they claim to, shrink with evidence and stay within 0 and 1."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparsebench.experiments.intervals import accuracy_interval, difference_interval

ACCURACIES = st.lists(st.floats(0, 1), min_size=2, max_size=8)


@given(ACCURACIES, st.integers(1, 10_000))
def test_an_interval_holds_its_mean_and_stays_within_0_and_1(accuracies, strings):
    low, high = accuracy_interval(accuracies, strings)
    assert 0 <= low <= np.mean(accuracies) + 0.5 / strings + 1e-9
    assert np.mean(accuracies) - 0.5 / strings - 1e-9 <= high <= 1


@given(ACCURACIES, ACCURACIES, st.integers(1, 10_000))
def test_swapping_the_sides_turns_the_difference_around(old, new, strings):
    there, back = difference_interval(old, new, strings), difference_interval(new, old, strings)
    assert there == pytest.approx((-back[1], -back[0]))


@pytest.mark.parametrize("accuracies", [[], [0.9]])
def test_one_seed_tells_nothing_of_the_spread(accuracies):
    assert accuracy_interval(accuracies, 6250) is None
    assert difference_interval(accuracies or [0.5], [0.9, 0.9], 6250) is None


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
