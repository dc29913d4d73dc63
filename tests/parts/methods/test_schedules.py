"""Schedules: when masks change, against their papers' formulas, and what a change keeps and adds."""

from __future__ import annotations

import math
import re
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparsebench.parts.methods.context import Context
from sparsebench.parts.methods.method import Method
from sparsebench.parts.methods.schedules import (
    AfterTraining,
    AtStart,
    Dynamic,
    Gradual,
    Iterative,
    RampedThreshold,
    Schedule,
)
from sparsebench.values.protocol import Architecture
from tests.parts.methods.contexts import context_of, count, densities

GRU = Architecture("gru", layers=2, hidden_size=5).layout
STEPS = st.integers(0, 5000)
parts = st.floats(0, 1)


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    """Any of ours."""
    first, second, third = sorted(draw(st.tuples(parts, parts, parts)))
    every = draw(st.integers(1, 700))
    return draw(
        st.sampled_from(
            [
                AtStart(every % 7 + 1),
                AfterTraining(first),
                Gradual(first, second, every, power=every % 3 + 1),
                RampedThreshold(first, second, third, every),
                Iterative(every % 5 + 1, first),
                Dynamic(every=every, until=third),
            ]
        )
    )


@given(schedules(), densities, STEPS)
def test_changes_are_in_order_within_the_training_and_end_at_the_density(
    schedule: Schedule, density: float, steps: int
) -> None:
    changes = schedule.changes(density, steps)
    when, what = [step for step, _ in changes], [each for _, each in changes]
    assert when == sorted(when)
    assert 0 <= when[0] <= when[-1] <= steps
    assert what == sorted(what, reverse=True)
    assert what[-1] == density
    assert what[0] <= 1
    assert all(0 <= step <= when[-1] for step in schedule.remembers(steps))


@given(schedules(), STEPS)
def test_a_density_of_one_is_one_throughout(schedule: Schedule, steps: int) -> None:
    assert {density for _, density in schedule.changes(1.0, steps)} == {1.0}


def test_at_the_start_each_round_removes_the_same_share_of_what_is_left() -> None:
    assert AtStart().changes(0.1, 900) == [(0, 0.1)]
    changes = AtStart(rounds=4).changes(0.0625, 900)
    assert [step for step, _ in changes] == [0] * 4
    assert [density for _, density in changes] == pytest.approx([1 / 2, 1 / 4, 1 / 8, 1 / 16])
    ratios = np.array([density for _, density in AtStart(rounds=100).changes(0.05, 1)])
    assert ratios[1:] / ratios[:-1] == pytest.approx([0.05**0.01] * 99)


def test_after_training_there_is_one_change() -> None:
    assert AfterTraining(0.6).changes(0.1, 1000) == [(600, 0.1)]
    assert AfterTraining(1).changes(0.1, 999) == [(999, 0.1)]


@given(densities, st.integers(1, 4))
def test_gradual_pruning_is_the_published_polynomial(density: float, power: int) -> None:
    """Zhu and Gupta 2017, equation 1: s = s_f + (s_i - s_f) (1 - (t - t_0) / (n dt))^3, s_i = 0."""
    changes = Gradual(begin=0.1, end=0.7, every=50, power=power).changes(density, 1000)
    assert [step for step, _ in changes] == list(range(150, 701, 50))
    goal = 1 - density
    for step, now in changes:
        sparsity = goal + (0 - goal) * (1 - (step - 100) / (12 * 50)) ** power
        assert now == pytest.approx(1 - sparsity, abs=1e-12)


def test_gradual_pruning_ends_at_its_end_also_between_two_of_its_steps() -> None:
    assert [step for step, _ in Gradual(0, 0.5, 30).changes(0.2, 100)] == [30, 50]
    assert [step for step, _ in Gradual(0, 0.5, 25).changes(0.2, 100)] == [25, 50]
    assert Gradual(0.5, 0.5).changes(0.2, 100) == [(50, 0.2)]


# Narang's threshold


RAMPED = RampedThreshold(0.1, 0.3, 0.7, 100)


def published_threshold(step: int, quantile: float) -> float:
    """Narang et al. 2017, algorithm 1, with start 100, ramp 300, end 700, frequency 100.

    theta is such that the threshold is q at the end, phi is 1.5 theta: their equation with a
    frequency of 1 has 2 q / (2 (ramp - start) + 3 (end - ramp)).
    """
    theta = 2 * quantile / (2 * (300 - 100) + 3 * (700 - 300))
    phi = 1.5 * theta
    if step < 300:
        return theta * (step - 100 + 0)
    return theta * (300 - 100) + phi * (step - 300)


def ramped_context(step: int, density: float = 0.2, **others: Any) -> Context:
    early = context_of(GRU, seed=9).weights
    return context_of(GRU, density, step=step, steps=1000, remembered={100: early}, **others)


@pytest.mark.parametrize("density", [0.5, 0.2, 0.02])
def test_the_threshold_rises_in_the_two_published_slopes(density: float) -> None:
    assert RAMPED.remembers(1000) == (100,)
    assert [step for step, _ in RAMPED.changes(density, 1000)] == list(range(200, 701, 100))
    early = ramped_context(200).remembered[100]
    pooled = np.sort(
        np.concatenate([np.abs(early[name]).ravel() for name in context_of(GRU).names])
    )
    quantile = float(pooled[round((1 - density) * len(pooled))])
    for step in range(200, 700, 100):
        context = ramped_context(step, density)
        masks = RAMPED.change(Method(schedule=RAMPED), context).masks
        allowed = round(density * context.total)
        lowest = np.sort(
            np.concatenate([np.abs(context.weights[n]).ravel() for n in context.names])
        )
        threshold = published_threshold(step, quantile)
        for name, mask in masks.items():
            size = np.abs(context.weights[name])
            assert np.array_equal(mask, (size >= threshold) | (size >= lowest[-allowed]))
        assert 0 < count(masks) < context.total or step == 200


def test_at_the_end_what_is_still_too_much_goes_by_rank() -> None:
    context = ramped_context(700)
    masks = RAMPED.change(Method(schedule=RAMPED), context).masks
    by_rank = Method().masks(context)
    assert all(np.array_equal(mask, by_rank[name]) for name, mask in masks.items())


def test_no_change_removes_more_than_the_density_allows() -> None:
    """Weights that have shrunk below the threshold since it was set."""
    small = {name: array * 1e-6 for name, array in context_of(GRU).weights.items()}
    context = ramped_context(600, weights=small)
    assert count(RAMPED.change(Method(schedule=RAMPED), context).masks) == round(
        0.2 * context.total
    )


def test_a_threshold_revives_no_weight() -> None:
    random = np.random.RandomState(1)
    masks = {
        name: random.random_sample(mask.shape) < 0.5 for name, mask in context_of(GRU).masks.items()
    }
    context = ramped_context(200, masks=masks)
    for name, mask in RAMPED.change(Method(schedule=RAMPED), context).masks.items():
        assert not (mask & ~masks[name]).any()


# Lottery tickets


@given(st.integers(1, 6), densities)
def test_the_trainings_of_a_lottery_are_equally_long_and_its_rounds_remove_equal_shares(
    rounds: int, density: float
) -> None:
    steps = 60 * (rounds + 1)
    changes = Iterative(rounds).changes(density, steps)
    assert [step for step, _ in changes] == list(range(60, steps, 60))
    whole = [1.0, *(each for _, each in changes)]
    shares_left = [after / before for before, after in pairwise(whole)]
    assert shares_left == pytest.approx([density ** (1 / rounds)] * rounds)


def test_a_network_is_rewound_to_a_share_of_its_first_training() -> None:
    assert Iterative(3).remembers(400) == (0,)
    assert Iterative(3, rewind=0.25).remembers(400) == (25,)
    assert Iterative(1, rewind=1).remembers(400) == (200,)


@pytest.mark.parametrize("start", ["rewound", "new"])
def test_a_lottery_prunes_by_trained_weights_and_goes_back_to_earlier_ones(start: str) -> None:
    schedule = Iterative(3, rewind=0.5, start=start)
    early = context_of(GRU, seed=9).weights
    context = context_of(GRU, 0.3, step=100, steps=400, remembered={50: early})
    change = schedule.change(Method(schedule=schedule), context)
    by_rank = Method().masks(context)
    assert all(np.array_equal(mask, by_rank[name]) for name, mask in change.masks.items())
    assert change.restart
    expected = early if start == "rewound" else context.new_weights()
    assert change.weights is not None
    assert all(np.array_equal(array, expected[name]) for name, array in change.weights.items())


# Arguments


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: AtStart(0), "rounds is 0: give a whole number of at least 1"),
        (lambda: AfterTraining(1.5), "at is 1.5: give a share, 0 to 1"),
        (lambda: AfterTraining(math.nan), "at is nan: give a share, 0 to 1"),
        (lambda: Gradual(0.5, 0.4), "end is 0.4: give a share, 0.5 to 1"),
        (lambda: Gradual(every=0), "every is 0: give a whole number of at least 1"),
        (lambda: Gradual(power=0), "power is 0: give a whole number of at least 1"),
        (lambda: RampedThreshold(ramp=0.05), "ramp is 0.05: give a share, 0.1 to 1"),
        (lambda: RampedThreshold(end=0.2), "end is 0.2: give a share, 0.3 to 1"),
        (lambda: Iterative(0), "rounds is 0: give a whole number of at least 1"),
        (lambda: Iterative(rewind=-1), "rewind is -1: give a share, 0 to 1"),
        (lambda: Iterative(start="old"), "unknown start 'old': choose one of rewound, new"),
        (lambda: Dynamic(every=0), "every is 0: give a whole number of at least 1"),
        (lambda: Dynamic(moved=2), "moved is 2: give a share, 0 to 1"),
        (lambda: Dynamic(until=2), "until is 2: give a share, 0 to 1"),
    ],
)
def test_numbers_out_of_bounds_are_refused(make: Any, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        make()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: AfterTraining("half"), "at is 'half' (str): give a number"),
        (lambda: AfterTraining(True), "at is True (bool): give a number"),
        (lambda: Dynamic(growth="gradient"), "growth is a str: give a Criterion"),
        (lambda: Dynamic(start=None), "start is a NoneType: give a Criterion"),
        (lambda: Dynamic(redistributes=1), "redistributes is an int: give a bool"),
    ],
)
def test_what_is_no_number_or_criterion_is_refused(make: Any, message: str) -> None:
    with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
        make()
