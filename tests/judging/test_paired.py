"""Paired differences: worse, as good, or undecided, and how many seeds would tell."""

import re
from math import isclose
from statistics import fmean, stdev

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sparsebench.judging.intervals import mean_interval, student
from sparsebench.judging.paired import MOST_SEEDS, compared

MARGIN, FAR = 0.005, 0.1
FIGURES = st.lists(st.floats(-0.09, 0.09), min_size=1, max_size=9)


def judged(differences):
    return compared(differences, MARGIN, FAR, lambda each: f"{each:+.4f}")


def wanted(numbers):
    return int(re.search(r"about (\d+) seeds", numbers)[1])


@pytest.mark.parametrize(
    ("differences", "verdict"),
    [
        ([-0.03, -0.02, -0.03], "worse"),
        ([-0.05, -0.03, -0.05], "worse"),
        ([0.001, -0.001, 0.0], "as good"),
        ([0.02, 0.03, 0.02], "as good"),
        ([-0.004, -0.0041, -0.0039], "as good"),  # surely lower, and within the margin
        ([-0.02, 0.02, -0.001], "undecided"),
        ([-0.09, 0.05, -0.06], "undecided"),
        ([-0.02], "undecided"),
        ([0.02], "undecided"),
        ([-0.11], "worse"),  # further than chance explains, and one is enough
        ([-0.3, -0.01], "worse"),
    ],
)
def test_differences_are_judged_by_their_interval_and_by_what_chance_explains(differences, verdict):
    found, numbers = judged(differences)
    assert found == verdict
    assert numbers.startswith(verdict)
    assert f"{fmean(differences):+.4f}" in numbers


def test_what_one_network_cannot_tell_is_said():
    assert judged([-0.02])[1].endswith("one network does not show the spread")


def test_one_network_that_does_exactly_as_before_is_as_good():
    assert judged([0.0])[0] == "as good"


@given(FIGURES)
def test_a_verdict_is_what_the_interval_says(differences):
    verdict, _ = judged(differences)
    interval = mean_interval(differences)
    if interval is None:
        assert verdict == ("undecided" if differences[0] else "as good")
    elif verdict == "worse":
        assert interval[1] < 0
        assert fmean(differences) < -MARGIN
    elif verdict == "as good":
        assert interval[0] > -MARGIN
    else:
        assert interval[0] <= -MARGIN
        assert interval[1] >= 0 or fmean(differences) >= -MARGIN


@given(FIGURES)
def test_nobody_is_worse_and_as_good_both_ways(differences):
    there, back = judged(differences)[0], judged([-each for each in differences])[0]
    assert not (there == "worse" and back == "worse")


@given(st.lists(st.floats(-0.05, 0.05), min_size=2, max_size=6))
def test_so_many_seeds_with_this_mean_and_spread_would_decide_and_one_fewer_would_not(differences):
    verdict, numbers = judged(differences)
    assume(verdict == "undecided" and "about" in numbers)
    count = wanted(numbers)
    assume(not isclose(fmean(differences), -MARGIN, abs_tol=1e-6))

    def decided(number):
        half = student(number - 1) * stdev(differences) / number**0.5
        mean = fmean(differences)
        return (mean + half < 0 and mean < -MARGIN) or mean - half > -MARGIN

    assert len(differences) < count <= MOST_SEEDS
    assert decided(count)
    assert count == len(differences) + 1 or not decided(count - 1)


@pytest.mark.parametrize("mean", [-0.03, 0.01])
def test_the_number_of_seeds_decides_more_often_than_not(mean):
    """Drawn anew from a population with the mean and spread of three seeds that decided nothing."""
    three = [mean - 0.03, mean, mean + 0.03]
    verdict, numbers = judged(three)
    assert verdict == "undecided"
    random = np.random.RandomState(0)
    drawn = random.normal(mean, stdev(three), (400, wanted(numbers)))
    decided = fmean(judged(row.tolist())[0] != "undecided" for row in drawn)
    assert 0.4 < decided < 0.75  # about one half, by the definition of the number


def test_where_nobody_could_train_enough_seeds_that_is_said():
    differences = [-MARGIN - 0.03, -MARGIN, -MARGIN + 0.0300001]
    assert f"more than {MOST_SEEDS} seeds" in judged(differences)[1]
