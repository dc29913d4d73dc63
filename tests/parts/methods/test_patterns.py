"""Patterns: which weights they keep together, of ties the first or last by position, and how many."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sparsebench.parts.methods.allocations import Allocation, Erk, Global, Uniform
from sparsebench.parts.methods.context import Context
from sparsebench.parts.methods.criteria import Magnitude
from sparsebench.parts.methods.method import Method
from sparsebench.parts.methods.patterns import Blocks, NOfM, Pattern, Unstructured, WholeUnits
from sparsebench.values.layout import GATES, Layout
from sparsebench.values.masks import Masks
from sparsebench.values.protocol import Architecture
from tests.parts.methods.contexts import context_of, contexts, count

GRU = Architecture("gru", layers=2, hidden_size=5).layout


@st.composite
def scored(draw: st.DrawFn, sparse: bool = True) -> tuple[Context, dict[str, np.ndarray]]:
    """A network that lacks some weights, and scores of either sign, of which many are equal."""
    context = draw(contexts())
    random = np.random.RandomState(draw(st.integers(0, 2**32 - 1)))
    levels = draw(st.sampled_from([1, 4, 10**6]))
    scores = {
        name: random.randint(-levels, levels + 1, mask.shape) / levels
        for name, mask in context.masks.items()
    }
    if sparse and draw(st.booleans()):
        masks = {
            name: random.random_sample(mask.shape) < 0.6 for name, mask in context.masks.items()
        }
        context = replace(context, masks=masks)
    return context, scores


def chosen(pattern: Pattern, scores: dict[str, np.ndarray], context: Context) -> Masks:
    (region,) = Global().regions(context)
    return pattern.choose(scores, region, context)


# Any weights


@given(scored())
def test_the_highest_scores_are_kept_and_of_equal_ones_the_last(
    case: tuple[Context, dict[str, np.ndarray]],
) -> None:
    context, scores = case
    ranked = sorted(
        (scores[name].flat[place], number, place)
        for number, name in enumerate(context.names)
        for place in np.flatnonzero(context.masks[name])
    )
    gone = {
        key[1:] for key in ranked[: max(0, len(ranked) - round(context.density * context.total))]
    }
    masks = chosen(Unstructured(), scores, context)
    for number, name in enumerate(context.names):
        for place, there in enumerate(context.masks[name].flat):
            assert masks[name].flat[place] == (there and (number, place) not in gone)


# Blocks


blocks = st.builds(Blocks, st.integers(1, 6), st.integers(1, 4))


def members(pattern: Blocks, context: Context) -> list[tuple[str, list[tuple[int, int]]]]:
    """The places of each block: rows of one gate, in order."""
    found = []
    for name in context.names:
        for gate in context.gates(name):
            for row in range(gate.start, gate.stop, pattern.rows):
                for column in range(0, context.weights[name].shape[1], pattern.columns):
                    rows = range(row, min(row + pattern.rows, gate.stop))
                    last = min(column + pattern.columns, context.weights[name].shape[1])
                    found.append((name, [(each, k) for each in rows for k in range(column, last)]))
    return found


@given(scored(), blocks)
def test_blocks_of_one_gate_are_kept_or_removed_together(
    case: tuple[Context, dict[str, np.ndarray]], pattern: Blocks
) -> None:
    context, scores = case
    masks = chosen(pattern, scores, context)
    kept, gone, sizes = [], [], []
    for name, places in members(pattern, context):
        there = [place for place in places if context.masks[name][place]]
        if not there:
            continue
        states = {bool(masks[name][place]) for place in there}
        assert len(states) == 1
        mean = float(np.mean([scores[name][place] for place in there]))
        (kept if states == {True} else gone).append(mean)
        sizes.append(len(there))
    assert not kept or not gone or min(kept) >= max(gone) - 1e-9
    assert not any((mask & ~context.masks[name]).any() for name, mask in masks.items())


@given(scored(), blocks)
def test_as_many_blocks_are_kept_as_come_nearest(
    case: tuple[Context, dict[str, np.ndarray]], pattern: Blocks
) -> None:
    """No set of the best blocks is nearer to the number asked for."""
    context, scores = case
    ordered = sorted(
        (
            -float(np.mean([scores[name][place] for place in there])),
            number,
            len(there),
        )
        for number, (name, places) in enumerate(members(pattern, context))
        if (there := [place for place in places if context.masks[name][place]])
    )
    means = [mean for mean, *_ in ordered]
    assume(len(np.unique(np.round(means, 9))) == len(np.unique(means)))
    sizes = np.cumsum([0, *(size for *_, size in ordered)])
    asked = round(context.density * context.total)
    masks = chosen(pattern, scores, context)
    assert abs(count(masks) - asked) == np.abs(sizes - asked).min()
    if (np.array([own.sum() for own in context.masks.values()]).sum()) == context.total:
        assert abs(count(masks) - asked) <= pattern.rounding(context)


def test_blocks_of_one_weight_are_any_weights() -> None:
    context = context_of(GRU, 0.3)
    scores = Magnitude().scores(context)
    single, any_ = (chosen(pattern, scores, context) for pattern in (Blocks(1, 1), Unstructured()))
    assert all(np.array_equal(mask, any_[name]) for name, mask in single.items())


@pytest.mark.parametrize("allocation", [Global(), Uniform(), Erk()])
@pytest.mark.parametrize("density", [0.5, 0.2, 0.1, 0.05])
def test_blocks_of_a_network_of_the_thesis_keep_nearly_the_density(
    density: float, allocation: Allocation
) -> None:
    layout = Architecture("lstm", layers=3, hidden_size=50).layout
    method = Method(allocation=allocation, pattern=Blocks(16, 1))
    context = context_of(layout, density)
    kept = count(method.masks(context))
    assert abs(kept - round(density * context.total)) <= 8 * 6


# N of M


@pytest.mark.parametrize(("n", "m"), [(1, 2), (2, 4), (1, 4), (3, 4)])
@pytest.mark.parametrize("allocation", [Global(), Uniform(), Erk()])
def test_of_each_group_the_highest_are_kept(n: int, m: int, allocation: Allocation) -> None:
    layout = Architecture("gru", layers=2, hidden_size=8).layout
    context = context_of(layout, n / m)
    masks = Method(allocation=allocation, pattern=NOfM(n, m)).masks(context)
    for name, mask in masks.items():
        groups = np.abs(context.weights[name]).reshape(-1, m)
        for kept, sizes in zip(mask.reshape(-1, m), groups, strict=True):
            assert kept.sum() == n
            assert sizes[kept].min() >= sizes[~kept].max()


def test_of_equal_weights_of_a_group_the_first_stay() -> None:
    layout = Architecture("rnn_tanh", layers=1, hidden_size=4).layout
    weights = {name: np.ones(shape, np.float32) for name, shape in layout.shapes().items()}
    masks = Method(pattern=NOfM()).masks(context_of(layout, 0.5, weights=weights))
    assert all((mask == [True, True, False, False]).all() for mask in masks.values())


def test_rows_that_are_no_multiple_are_refused() -> None:
    layout = Architecture("gru", layers=1, hidden_size=50).layout
    message = (
        "layers.0.i2h has rows of 50 weights, no multiple of 4: the end of a row would be kept "
        "whole; choose a multiple of units and of inputs"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        Method(pattern=NOfM(2, 4)).masks(context_of(layout, 0.5))


@pytest.mark.parametrize("density", [0.4, 0.25, 1.0])
def test_another_density_than_that_of_the_groups_is_refused(density: float) -> None:
    layout = Architecture("gru", layers=1, hidden_size=8).layout
    message = f"density is {density:g}: 2:4 keeps 0.5 of the weights, give that"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        Method(pattern=NOfM(2, 4)).masks(context_of(layout, density))


# Whole units


@settings(max_examples=100)
@given(scored(sparse=False))
def test_a_removed_unit_has_no_weight_and_each_layer_keeps_a_unit(
    case: tuple[Context, dict[str, np.ndarray]],
) -> None:
    context, scores = case
    masks = chosen(WholeUnits(), scores, context)
    left = units_left(masks, context)
    assert all(any(layer) for layer in left)
    for name, mask in masks.items():
        expected = np.ones(mask.shape, np.bool_)
        for layer, units in enumerate(left):
            for unit, stays in enumerate(units):
                if not stays:
                    for rows, columns in places_of(name, layer, unit, context.layout):
                        expected[rows, columns] = False
        assert np.array_equal(mask, expected)


@settings(max_examples=100)
@given(scored(sparse=False))
def test_units_with_the_lowest_sums_go_and_the_number_kept_is_nearest(
    case: tuple[Context, dict[str, np.ndarray]],
) -> None:
    """Of equal sums, the first by layer and unit goes first."""
    context, scores = case
    sizes = context.layout.sizes
    value = {
        (layer, unit): sum(
            float(scores[name][rows, columns].sum())
            for name in context.names
            for rows, columns in places_of(name, layer, unit, context.layout)
        )
        for layer, units in enumerate(sizes)
        for unit in range(units)
    }
    sums = np.array(sorted(value.values()))
    assume((np.diff(sums) > 1e-9).all() or set(np.round(sums, 9)) == set(sums))
    gone: set[tuple[int, int]] = set()
    steps = [context.total]
    for key in sorted(value, key=lambda each: (value[each], each)):
        if sum(layer == key[0] for layer, _ in gone) < sizes[key[0]] - 1:
            gone.add(key)
            steps.append(weights_without(gone, context))
    asked = round(context.density * context.total)
    kept = count(chosen(WholeUnits(), scores, context))
    assert abs(kept - asked) == min(abs(each - asked) for each in steps)
    assert kept in steps


@given(st.data(), scored(sparse=False))
def test_units_that_went_before_do_not_count_among_those_left(
    data: st.DataObject, case: tuple[Context, dict[str, np.ndarray]]
) -> None:
    """Their sums are zero, which is not the lowest if scores are negative."""
    context, scores = case
    scores = {name: each - data.draw(st.sampled_from([0, 2])) for name, each in scores.items()}
    for density in (0.6, 0.4, 0.2, 0.1):
        masks = chosen(WholeUnits(), scores, replace(context, density=density))
        left = units_left(masks, context)
        assert all(any(layer) for layer in left)
        context = replace(context, masks=masks)


def units_left(masks: Masks, context: Context) -> list[list[bool]]:
    """For each layer, which units have a weight."""
    return [
        [
            any(
                masks[name][rows, columns].any()
                for name in context.names
                for rows, columns in places_of(name, layer, unit, context.layout)
            )
            for unit in range(units)
        ]
        for layer, units in enumerate(context.layout.sizes)
    ]


def places_of(
    name: str, layer: int, unit: int, layout: Layout
) -> list[tuple[slice | int, slice | int]]:
    """A unit's weights in an array: rows of all gates, its column of h2h, and of i2h that read it."""
    block = next(each for each in layout.blocks if name.startswith(f"{each.name}."))
    found: list[tuple[slice | int, slice | int]] = []
    if block.target == layer:
        step = layout.sizes[layer]
        found += [(gate * step + unit, slice(None)) for gate in range(GATES[layout.variant])]
    if name.endswith(".h2h") and block.target == layer:
        found.append((slice(None), unit))
    if name.endswith(".i2h") and block.source == layer:
        found.append((slice(None), unit))
    return found


def weights_without(gone: set[tuple[int, int]], context: Context) -> int:
    masks = {name: np.ones(mask.shape, np.bool_) for name, mask in context.masks.items()}
    for layer, unit in gone:
        for name, mask in masks.items():
            for rows, columns in places_of(name, layer, unit, context.layout):
                mask[rows, columns] = False
    return count(masks)


def test_whole_units_of_matrices_apart_are_refused() -> None:
    message = "whole units are removed from all layers: choose the allocation Global()"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        Method(allocation=Uniform(), pattern=WholeUnits()).masks(context_of(GRU))


def test_more_units_than_may_go_are_an_error_and_no_row() -> None:
    layout = Architecture("gru", layers=2, hidden_size=2).layout
    with pytest.raises(ValueError, match=r"keeps 15 of 48 weights: a density of 0\.02 asks for 1$"):
        Method(pattern=WholeUnits()).masks(context_of(layout, 0.02))


# Arguments


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Blocks(0, 1), "rows is 0: give a whole number of at least 1"),
        (lambda: Blocks(1, 0), "columns is 0: give a whole number of at least 1"),
        (lambda: NOfM(0, 4), "n is 0: give a whole number from 1 to 3"),
        (lambda: NOfM(4, 4), "n is 4: give a whole number from 1 to 3"),
        (lambda: NOfM(1, 1), "m is 1: give a whole number of at least 2"),
    ],
)
def test_sizes_that_make_no_pattern_are_refused(make: object, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        make()  # type: ignore[operator]
