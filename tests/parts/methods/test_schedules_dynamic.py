"""Masks that move: how many weights of each matrix go and come, and which."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparsebench.parts.methods.context import Context
from sparsebench.parts.methods.criteria import GradientSize, Magnitude, RandomScores
from sparsebench.parts.methods.method import Method
from sparsebench.parts.methods.schedules import Dynamic, shares
from sparsebench.values.protocol import Architecture
from tests.parts.methods.contexts import Given, context_of, contexts

GRU = Architecture("gru", layers=2, hidden_size=5).layout


@st.composite
def moving(draw: st.DrawFn) -> tuple[Method, Context]:
    """A sparse network in training, with weights and gradients of which many are equal."""
    context = draw(contexts())
    random = np.random.RandomState(draw(st.integers(0, 2**32 - 1)))
    share, levels = (
        draw(st.sampled_from([0.0, 0.1, 0.5, 1.0])),
        draw(st.sampled_from([1, 5, 10**6])),
    )
    masks = {name: random.random_sample(mask.shape) < share for name, mask in context.masks.items()}
    gradient = {
        name: (random.randint(-levels, levels + 1, array.shape) / levels).astype(np.float32)
        for name, array in context.weights.items()
    }
    schedule = Dynamic(
        growth=draw(st.sampled_from([GradientSize(), RandomScores()])),
        every=draw(st.sampled_from([10, 25])),
        moved=draw(st.sampled_from([0.0, 0.3, 1.0])),
        until=draw(st.sampled_from([0.5, 1.0])),
        redistributes=draw(st.booleans()),
    )
    steps = [step for step, _ in schedule.changes(context.density, 100)[1:]]
    context = context_of(
        context.layout,
        context.density,
        weights=context.weights,
        masks=masks,
        target="both" if len(context.names) > len(context.blocks) else _kind(context),
        step=draw(st.sampled_from(steps)),
        derivatives=Given([gradient]),
    )
    return Method(schedule=schedule), context


def _kind(context: Context) -> str:
    return context.names[0].rpartition(".")[2]


def moved_by_hand(schedule: Dynamic, size: int, step: int, steps: int) -> int:
    """RigL's cosine (Evci et al. 2020, section 3): alpha / 2 (1 + cos(t pi / T_end))."""
    return int(
        schedule.moved / 2 * (1 + math.cos(step * math.pi / (schedule.until * steps))) * size
    )


def ranked(scores: np.ndarray, among: np.ndarray) -> list[int]:
    """Places from the lowest score to the highest; of equal ones, the first comes first."""
    return sorted(np.flatnonzero(among), key=lambda place: (scores.flat[place], place))


@given(moving())
def test_each_matrix_keeps_its_number_of_weights(case: tuple[Method, Context]) -> None:
    method, context = case
    masks = method.schedule.change(method, context).masks
    assert list(masks) == list(context.names)
    for name, mask in masks.items():
        assert mask.sum() == context.masks[name].sum()


@given(moving())
def test_the_lowest_present_weights_go_and_the_highest_others_come(
    case: tuple[Method, Context],
) -> None:
    """Those that go may come again at once, as in RigL."""
    method, context = case
    schedule = method.schedule
    assert isinstance(schedule, Dynamic)
    masks = schedule.change(method, context).masks
    growth = schedule.growth.scores(context)
    for name, mask in masks.items():
        before, size = context.masks[name], np.abs(context.weights[name])
        moved = moved_by_hand(schedule, int(before.sum()), context.step, context.steps)
        present = ranked(size, before)
        left = np.zeros(mask.size, np.bool_)
        left[present[moved:]] = True
        assert mask.ravel()[left].all(), "a weight is lost that is not among the lowest"
        if schedule.redistributes:
            continue
        added = ranked(growth[name], ~left.reshape(mask.shape))[mask.size - left.sum() - moved :]
        assert sorted(np.flatnonzero(mask.ravel() & ~left)) == sorted(added)


@given(moving())
def test_selfish_rnns_gates_get_new_weights_in_proportion_to_those_left(
    case: tuple[Method, Context],
) -> None:
    method, context = case
    method = replace(method, schedule=replace(method.schedule, redistributes=True))  # type: ignore[type-var]
    schedule = method.schedule
    assert isinstance(schedule, Dynamic)
    masks = schedule.change(method, context).masks
    growth = schedule.growth.scores(context)
    for name, mask in masks.items():
        before, size = context.masks[name], np.abs(context.weights[name])
        moved = moved_by_hand(schedule, int(before.sum()), context.step, context.steps)
        left = np.zeros(mask.size, np.bool_)
        left[ranked(size, before)[moved:]] = True
        left = left.reshape(mask.shape)
        have = np.array([left[rows].sum() for rows in context.gates(name)])
        free = np.array([(~left[rows]).sum() for rows in context.gates(name)])
        got = np.array([(mask & ~left)[rows].sum() for rows in context.gates(name)])
        assert got.sum() == moved
        if have.sum() and (moved * have / have.sum() + len(have) <= free).all():
            assert (np.abs(got - moved * have / have.sum()) < len(have)).all()
        for rows, more in zip(context.gates(name), got, strict=True):
            places = ranked(growth[name][rows], ~left[rows])
            expected = sorted(places[len(places) - more :])
            assert sorted(np.flatnonzero((mask & ~left)[rows])) == expected


@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=4), st.data()
)
def test_shares_sum_to_the_number_and_no_gate_gets_more_than_it_has_room_for(
    gates: list[tuple[int, int]], data: st.DataObject
) -> None:
    """Each gate has so many weights, and so many places without one."""
    width = max(have + free for have, free in gates) or 1
    left = np.zeros((len(gates), width), np.bool_)
    for row, (have, _) in enumerate(gates):
        left[row, :have] = True
    rows = [slice(row, row + 1) for row in range(len(gates))]
    free = (~left).sum(1)
    number = data.draw(st.integers(0, int(free.sum())))
    found = shares(left, rows, number)
    assert sum(found) == number
    assert all(0 <= more <= room for more, room in zip(found, free, strict=True))
    total = int(left.sum())
    for more, room, (have, _) in zip(found, free, gates, strict=True):
        if total:
            assert more >= min(room, number * have // total)


def test_shares_are_those_of_what_is_left() -> None:
    left = np.zeros((3, 100), np.bool_)
    left[0, :10], left[1, :30], left[2, :60] = True, True, True
    gates = [slice(0, 1), slice(1, 2), slice(2, 3)]
    assert shares(left, gates, 50) == [5, 15, 30]
    assert shares(left, gates, 7) == [0, 2, 5]  # 0.7, 2.1 and 4.2; the largest gets the rest
    assert shares(left, gates, 90) == [
        9,
        41,
        40,
    ]  # the largest has room for 40, the next takes the rest
    assert shares(np.zeros((3, 2), np.bool_), gates, 4) == [2, 2, 0]


def test_a_cosine_falls_from_the_first_share_to_none() -> None:
    schedule = Dynamic(growth=GradientSize(), moved=0.4, until=0.8, every=10)
    layout = Architecture("rnn_tanh", layers=1, hidden_size=50).layout
    random = np.random.RandomState(0)
    masks = {
        name: random.permutation(2500).reshape(50, 50) < 1000 for name in context_of(layout).names
    }
    gradient = {name: random.normal(size=shape) for name, shape in layout.shapes().items()}
    gone = {}
    for step in (10, 40, 70, 80):
        context = context_of(layout, 0.4, masks=masks, step=step, derivatives=Given([gradient]))
        after = schedule.change(Method(schedule=schedule), context).masks["layers.0.h2h"]
        gone[step] = moved_by_hand(schedule, 1000, step, 100)
        assert (masks["layers.0.h2h"] & ~after).sum() <= gone[step]
    assert gone == {10: 384, 40: 200, 70: 15, 80: 0}


def test_weights_move_every_so_many_steps_until_they_stop() -> None:
    assert Dynamic(every=100, until=0.75).changes(0.1, 1000) == [
        (step, 0.1) for step in (0, 100, 200, 300, 400, 500, 600, 700)
    ]
    assert Dynamic(every=250, until=0.75).changes(0.1, 1000)[-1] == (750, 0.1)
    assert Dynamic(until=0.0).changes(0.1, 1000) == [(0, 0.1)]


def test_the_first_masks_are_by_the_criterion_of_the_start() -> None:
    by_size, by_chance = Dynamic(start=Magnitude()), Dynamic()
    context = context_of(GRU, 0.2)
    for schedule, criterion in ((by_size, Magnitude()), (by_chance, RandomScores())):
        method = Method(schedule=schedule)
        expected = replace(method, criterion=criterion).masks(context)
        found = schedule.change(method, context).masks
        assert all(np.array_equal(mask, expected[name]) for name, mask in found.items())


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_growth_scores_that_are_not_finite_anywhere_are_refused(wrong: float) -> None:
    random = np.random.RandomState(0)
    masks = {
        name: random.random_sample(mask.shape) < 0.5 for name, mask in context_of(GRU).masks.items()
    }
    gradient = {name: np.zeros(shape, np.float32) for name, shape in GRU.shapes().items()}
    gradient["layers.1.h2h"][~masks["layers.1.h2h"]] = wrong
    context = context_of(GRU, masks=masks, step=10, derivatives=Given([gradient]))
    method = Method(schedule=Dynamic(growth=GradientSize()))
    with pytest.raises(
        ValueError,
        match=r"^criterion GradientSize\(examples=32\): \d+ scores of "
        r"layers\.1\.h2h are NaN or infinite$",
    ):
        method.schedule.change(method, context)
