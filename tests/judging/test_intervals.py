"""Intervals cover what they claim to, shrink with evidence and stay within 0 and 1."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, binomtest, t

from sparsebench.judging.intervals import (
    FEWEST_VALUES,
    accuracy_interval,
    binomial_interval,
    bootstrap_interval,
    covering_interval,
    difference_interval,
    lower_by_rank,
    mean_interval,
    share_interval,
    student,
)

ACCURACIES = st.lists(st.floats(0, 1), min_size=2, max_size=8)
SEEDS = st.lists(st.floats(0, 1), min_size=1, max_size=8)
STRINGS = st.integers(1, 10_000)
CONFIDENCES = st.floats(0.8, 0.9999)
BOUNDS = (0.1932037075851477, 0.7631957892761063)
"""Of the bootstrap-t interval of twelve squares."""

LEVEL = 0.0001  # of one side, as the gate has it


@given(ACCURACIES, st.integers(1, 10_000))
def test_an_interval_holds_its_mean_and_stays_within_0_and_1(accuracies, strings):
    low, high = accuracy_interval(accuracies, strings)
    assert 0 <= low <= np.mean(accuracies) + 0.5 / strings + 1e-9
    assert np.mean(accuracies) - 0.5 / strings - 1e-9 <= high <= 1


@given(ACCURACIES, ACCURACIES)
def test_swapping_the_sides_turns_the_difference_around(old, new):
    there, back = difference_interval(old, new), difference_interval(new, old)
    assert there == pytest.approx((-back[1], -back[0]))


@given(SEEDS, SEEDS, CONFIDENCES)
def test_the_interval_of_a_difference_holds_the_difference(old, new, confidence):
    found = difference_interval(old, new, confidence)
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
        lambda confidence: difference_interval(one, other, confidence),
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
    assert difference_interval([0.5], [0.9]) is None


def test_one_seed_is_taken_to_scatter_as_those_of_the_other_side_do():
    assert difference_interval([0.5], [0.9, 0.9]) == pytest.approx((0.4, 0.4))
    low, high = difference_interval([0.9, 0.8, 1.0], [0.9])  # t = 4.303, sd = 0.1
    assert (low, high) == pytest.approx((-0.4969, 0.4969), abs=1e-4)


def test_both_sides_share_one_spread():
    """As in Student's test: two seeds that happen to agree do not make it smaller than it is."""
    low, high = difference_interval([0.8, 0.9, 1.0], [0.5, 0.5])
    spread = (2 * 0.01 / 3) ** 0.5 * (1 / 3 + 1 / 2) ** 0.5
    assert (low, high) == pytest.approx((-0.4 - 3.182 * spread, -0.4 + 3.182 * spread), abs=1e-3)


def test_the_strings_that_both_sides_share_make_no_difference_unsure():
    """Where all seeds of a side agree, nothing is left that could scatter."""
    found = difference_interval([0.9, 0.9], [0.8, 0.8, 0.8], 0.9999)
    assert found == pytest.approx((-0.1, -0.1))


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
        low, high = difference_interval(list(old), list(new), confidence)
        covered += low <= 0 <= high
    assert covered / rounds > confidence - 0.02


@given(st.integers(0, 60), st.integers(1, 60), CONFIDENCES)
def test_wilson_s_interval_is_that_of_scipy(right, strings, confidence):
    right = min(right, strings)
    known = binomtest(right, strings).proportion_ci(confidence, method="wilson")
    found = binomial_interval(right / strings, strings, confidence)
    assert found == pytest.approx((known.low, known.high), rel=1e-12, abs=1e-12)


@given(st.integers(1, 1000), CONFIDENCES)
def test_student_s_factor_is_that_of_scipy(freedom, confidence):
    assert student(freedom, confidence) == pytest.approx(t.ppf((1 + confidence) / 2, freedom))


# Shares and means that claims speak of


@given(st.integers(0, 60), st.integers(1, 60), CONFIDENCES)
def test_the_interval_of_a_share_is_clopper_s_and_pearson_s(true, of, confidence):
    true = min(true, of)
    low, high = share_interval(true, of, confidence)
    tail = (1 - confidence) / 2
    assert low <= true / of <= high
    if true > 0:  # so low a share has so many or more as rarely as the tail says
        assert binom.sf(true - 1, of, low) == pytest.approx(tail, rel=1e-6)
    if true < of:
        assert binom.cdf(true, of, high) == pytest.approx(tail, rel=1e-6)


def test_three_of_three_say_little_of_a_share_and_six_of_six_that_it_is_most():
    assert share_interval(3, 3) == pytest.approx((0.2924, 1.0), abs=1e-4)
    assert share_interval(6, 6)[0] > 0.5 > share_interval(5, 5)[0]


def test_a_mean_of_few_values_has_no_interval_that_covers():
    assert covering_interval([0.1] * (FEWEST_VALUES - 1)) is None
    assert covering_interval([0.1] * FEWEST_VALUES) == pytest.approx((0.1, 0.1))


def test_the_bootstrap_s_bounds_never_change():
    """They are held to stored verdicts: resamples come from a stream that numpy promises."""
    values = [0.01 * number**2 for number in range(12)]
    assert covering_interval(values) == covering_interval(values[:])
    low, high = covering_interval(values)
    assert (low, high) == pytest.approx(BOUNDS, abs=1e-9)


def test_the_bootstrap_s_interval_moves_and_grows_with_the_values():
    values = [0.01 * number**2 for number in range(12)]
    low, high = covering_interval(values)
    moved = covering_interval([3 * each + 1 for each in values])
    assert moved == pytest.approx((3 * low + 1, 3 * high + 1))
    turned = covering_interval([-each for each in values])
    assert turned == pytest.approx((-high, -low), abs=0.02)
    wider = covering_interval(values, 0.9998)
    assert wider[0] < low < high < wider[1]


def test_two_or_three_values_have_no_bounds():
    assert bootstrap_interval([0.1, 0.2, 0.4]) == (-np.inf, np.inf)


# Ranks


@given(SEEDS, SEEDS, st.floats(0, 0.4))
def test_never_are_two_sides_each_below_the_other(one, other, level):
    assert not (lower_by_rank(one, other, level) and lower_by_rank(other, one, level))


@given(SEEDS, st.floats(0, 0.4))
def test_nothing_ranks_below_itself(accuracies, level):
    assert not lower_by_rank(accuracies, accuracies, level)


@given(SEEDS, SEEDS, st.floats(0, 1))
def test_all_below_all_others_rank_below_them_however_few_they_are(one, other, level):
    above = [1.5 + accuracy for accuracy in other]
    assert lower_by_rank(one, above, level)
    assert not lower_by_rank(above, one, min(level, 0.4))


@given(SEEDS, SEEDS, st.tuples(st.floats(0, 1), st.floats(0, 1)))
def test_what_ranks_below_at_one_level_does_so_at_any_weaker_one(one, other, both):
    strict, weak = sorted(both)
    assert lower_by_rank(one, other, weak) or not lower_by_rank(one, other, strict)


@given(SEEDS, SEEDS, st.randoms(use_true_random=False))
def test_ranks_do_not_depend_on_the_order_of_seeds(one, other, random):
    expected = lower_by_rank(one, other, 0.05)
    random.shuffle(one)
    random.shuffle(other)
    assert lower_by_rank(one, other, 0.05) == expected


def test_how_far_one_network_falls_does_not_move_its_rank():
    higher = [0.9, 0.91, 0.92]
    for lowest in (0.0, 0.5, 0.89):
        assert not lower_by_rank([lowest, 0.905, 0.915], higher, LEVEL)
        assert lower_by_rank([lowest, 0.88, 0.87], higher, LEVEL)


def test_few_seeds_reach_the_level_only_if_not_one_lies_among_the_others():
    """Of 8 and 8, the surest of all ranks is one of 12,870; with one exchange, one of 6,435."""
    low, high = [0.5 + seed / 100 for seed in range(8)], [0.8 + seed / 100 for seed in range(8)]
    assert lower_by_rank(low, high, LEVEL)
    assert not lower_by_rank([*low[:-1], 0.805], high, LEVEL)
    assert lower_by_rank([*low[:-1], 0.805], high, 2 * LEVEL)


def test_with_many_seeds_some_may_lie_among_the_others():
    low, high = [0.5 + seed / 100 for seed in range(20)], [0.8 + seed / 100 for seed in range(20)]
    assert lower_by_rank([*low[:-2], 0.85, 0.99], high, LEVEL)
    assert not lower_by_rank([*low[:8], *high[8:]], high, LEVEL)


def test_a_tie_is_not_below():
    assert not lower_by_rank([0.5], [0.5], 0.4)
    assert not lower_by_rank([0.1, 0.5], [0.5, 0.9], LEVEL)


def test_two_draws_of_one_population_rank_apart_as_rarely_as_the_level_says():
    """Skewed accuracies: some networks fall to chance."""
    random = np.random.RandomState(2)
    found, rounds = 0, 400
    for _ in range(rounds):
        old, new = (
            np.where(random.random_sample(12) < 0.3, 0.5, 0.99 + random.random_sample(12) / 100)
            for _ in range(2)
        )
        found += lower_by_rank(list(new), list(old), 0.05)
    assert found / rounds < 0.08
