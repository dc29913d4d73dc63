"""Allocations: how many weights each matrix or gate keeps, against formulas solved anew."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparsebench.parts.methods.allocations import (
    Allocation,
    ByGate,
    ByName,
    Erk,
    Global,
    Uniform,
    counts,
    densities,
    kept_of,
)
from sparsebench.parts.methods.context import Context
from sparsebench.parts.methods.method import Method
from sparsebench.values.layout import GATES
from sparsebench.values.protocol import Architecture
from tests.parts.methods.contexts import context_of, contexts, count

GRU = Architecture("gru", layers=3, hidden_size=50).layout


@st.composite
def divisions(draw: st.DrawFn) -> tuple[list[int], list[float], int]:
    """Sizes, relative densities, and how many are kept of all."""
    sizes = draw(st.lists(st.integers(1, 200), min_size=1, max_size=8))
    relative = [draw(st.sampled_from([0.01, 0.5, 1.0, 3.0, 20.0])) for _ in sizes]
    return sizes, relative, draw(st.integers(0, sum(sizes)))


def by_bisection(sizes: Sequence[int], relative: Sequence[float], keep: int) -> list[float]:
    """The densities min(1, scale * relative) that keep so many, with the scale found by halving."""
    low, high = 0.0, 1 / min(relative)
    for _ in range(200):
        scale = (low + high) / 2
        each = [min(1.0, scale * share) for share in relative]
        if sum(size * density for size, density in zip(sizes, each, strict=True)) < keep:
            low = scale
        else:
            high = scale
    return each


@given(divisions())
def test_densities_are_in_proportion_but_never_above_one(
    division: tuple[list[int], list[float], int],
) -> None:
    assert densities(*division) == pytest.approx(by_bisection(*division), rel=1e-9, abs=1e-9)


@given(divisions())
def test_counts_keep_exactly_the_total_and_round_each_density(
    division: tuple[list[int], list[float], int],
) -> None:
    sizes, _, keep = division
    found = counts(*division)
    assert sum(found) == keep
    for kept, size, density in zip(found, sizes, by_bisection(*division), strict=True):
        assert 0 <= kept <= size
        assert abs(kept - density * size) < 1 + 1e-6


def test_the_largest_remainders_are_rounded_up_and_of_equal_ones_the_first() -> None:
    assert counts([10, 10, 10], [1.0, 1.0, 1.0], 10) == [4, 3, 3]
    assert counts([10, 20, 10], [1.0, 1.0, 1.0], 11) == [3, 5, 3]  # of 2.75, 5.5 and 2.75


def test_what_is_gone_is_not_asked_for_again() -> None:
    """The Alabama paradox: of one weight less in all, a small matrix would get one more."""
    assert counts([6, 6, 2], [1.0, 1.0, 1.0], 11) == [5, 5, 1]
    assert counts([6, 6, 2], [1.0, 1.0, 1.0], 10) == [4, 4, 2]
    assert counts([6, 6, 2], [1.0, 1.0, 1.0], 10, most=[5, 5, 1]) == [5, 4, 1]
    assert counts([6, 6, 2], [1.0, 1.0, 1.0], 10, most=[0, 6, 2]) == [0, 6, 2]


@st.composite
def allocations(draw: st.DrawFn, context: Context) -> Allocation:
    """Any allocation that fits a network."""
    shares = st.sampled_from([0.1, 1.0, 7.0])
    gates = GATES[context.layout.variant]
    by_gate = st.lists(shares, min_size=gates, max_size=gates).map(lambda each: ByGate(tuple(each)))
    by_name = st.builds(lambda own, rest: ByName((("*.h2h", own), ("*", rest))), shares, shares)
    return draw(st.one_of(st.sampled_from([Global(), Uniform(), Erk()]), by_gate, by_name))


@given(st.data(), contexts())
def test_regions_cover_each_weight_once_and_keep_what_the_density_asks_for(
    data: st.DataObject, context: Context
) -> None:
    regions = data.draw(allocations(context)).regions(context)
    covered = {name: np.zeros(mask.shape, np.int64) for name, mask in context.masks.items()}
    for region in regions:
        assert 0 <= region.keep <= region.size == count(region.places)
        for name, mask in region.places.items():
            covered[name] += mask
    assert all((times == 1).all() for times in covered.values())
    assert sum(region.keep for region in regions) == round(context.density * context.total)


def test_of_one_region_all_weights_compete() -> None:
    (region,) = Global().regions(context_of(GRU, 0.1))
    assert region.keep == kept_of(context_of(GRU, 0.1)) == 4500
    assert list(region.places) == list(context_of(GRU).names)


def test_uniform_gives_each_matrix_the_density() -> None:
    regions = Uniform().regions(context_of(GRU, 0.1))
    assert [list(region.places) for region in regions] == [[name] for name in context_of(GRU).names]
    assert [region.keep for region in regions] == [750] * 6


@pytest.mark.parametrize("density", [0.5, 0.2, 0.1, 0.05, 0.01])
@pytest.mark.parametrize("variant", ["rnn_tanh", "lstm", "gru"])
def test_erk_has_the_published_densities(variant: str, density: float) -> None:
    """Proportional to 1 - (1 - (n + m) / (n m)) as in SET and RigL: (n + m) / (n m); 1 at most."""
    layout = Architecture(variant, layers=2, hidden_size=9, symbols=5).layout
    context = context_of(layout, density)
    shapes = [context.weights[name].shape for name in context.names]
    relative = [1 / rows + 1 / columns for rows, columns in shapes]
    sizes = [rows * columns for rows, columns in shapes]
    expected = by_bisection(sizes, relative, round(density * context.total))
    for region, share, size in zip(Erk().regions(context), expected, sizes, strict=True):
        assert abs(region.keep - share * size) < 1


def test_erk_makes_a_small_matrix_dense_and_spreads_the_rest() -> None:
    """A first layer that reads 2 numbers: 90 + 2 over 180 against 90 + 30 over 2700."""
    layout = Architecture("gru", layers=1, hidden_size=30).layout
    layout = type(layout)(layout.variant, layout.sizes, layout.blocks, width=2, symbols=0)
    small, large = Erk().regions(context_of(layout, 0.3))
    assert small.keep == small.size == 180
    assert large.keep == round(0.3 * 2880) - 180
    small, large = Erk().regions(context_of(layout, 0.05))
    ratio = (small.keep / small.size) / (large.keep / large.size)
    assert ratio == pytest.approx((92 / 180) / (120 / 2700), rel=0.02)


def test_each_gate_has_its_density_in_every_matrix() -> None:
    context = context_of(GRU, 0.2)
    regions = ByGate((1, 2, 3)).regions(context)
    assert len(regions) == 18
    for number, region in enumerate(regions):
        (name,) = region.places
        assert name == context.names[number // 3]
        assert region.places[name][context.gates(name)[number % 3]].all()
        assert region.size == 2500
        assert region.keep == 250 * (number % 3 + 1)


def test_the_first_pattern_that_fits_a_name_gives_its_density() -> None:
    context = context_of(GRU, 0.3)
    regions = ByName((("layers.0.*", 4.0), ("*.h2h", 1.0), ("*", 2.0))).regions(context)
    kept = {name: region.keep for region in regions for name in region.places}
    unit = round(0.3 * context.total) / 14
    for name, share in zip(kept, [4, 4, 2, 1, 2, 1], strict=True):
        assert abs(kept[name] - share * unit) < 1, name


@given(st.data(), contexts())
def test_masks_that_shrink_again_and_again_always_find_as_many_weights_as_they_ask_for(
    data: st.DataObject, context: Context
) -> None:
    """Rounding may not ask a matrix for a weight that an earlier, larger total took from it."""
    allocation, target = data.draw(allocations(context)), target_of(context)
    masks = context.masks
    for density in sorted(data.draw(st.lists(st.floats(0.02, 1), min_size=2, max_size=6)))[::-1]:
        now = context_of(
            context.layout, density, target=target, weights=context.weights, masks=masks
        )
        masks = Method(allocation=allocation).masks(now)
        assert count(masks) == round(density * now.total)


def target_of(context: Context) -> str:
    kinds = {name.rpartition(".")[2] for name in context.names}
    return "both" if len(kinds) == 2 else kinds.pop()


# Refusals


@pytest.mark.parametrize("relative", [(1.0, 2.0, 3.0, 4.0, 5.0), ()])
def test_as_many_densities_as_no_cell_has_gates_are_refused(relative: tuple[float, ...]) -> None:
    message = (
        f"relative has {len(relative)} numbers: give one for each gate: 1 for rnn_tanh, "
        "1 for rnn_relu, 4 for lstm, 3 for gru, 2 for mgu"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        ByGate(relative)


def test_densities_of_another_cells_gates_are_refused() -> None:
    assert ByGate((1, 1, 1, 1)).fits("lstm")
    assert not ByGate((1, 1, 1, 1)).fits("gru")
    assert Erk().fits("gru")
    with pytest.raises(ValueError, match=r"^relative has 4 numbers for a gru network: give one"):
        ByGate((1, 1, 1, 1)).regions(context_of(GRU))


@pytest.mark.parametrize("wrong", [0.0, -1.0, float("nan"), float("inf")])
def test_densities_that_are_not_positive_are_refused(wrong: float) -> None:
    with pytest.raises(ValueError, match=r"^relative is .*: give a finite number above 0$"):
        ByGate((1.0, wrong, 1.0))
    with pytest.raises(ValueError, match=r"^relative density of \*\.h2h is .*: give a finite"):
        ByName((("*.h2h", wrong),))


def test_a_single_number_is_refused() -> None:
    with pytest.raises(TypeError, match=r"^relative is 3: give a list, such as \[3\]$"):
        ByGate(3)  # type: ignore[arg-type]


@pytest.mark.parametrize("wrong", [("*.h2h", "*.i2h"), (("*.h2h", 1.0, 2.0),), (1.0, 2.0)])
def test_what_is_no_pair_of_a_pattern_and_a_density_is_refused(wrong: tuple[object, ...]) -> None:
    message = (
        r"^relative holds .*: give pairs of a pattern and a density, such as \('\*\.h2h', 2\.0\)$"
    )
    with pytest.raises(TypeError, match=message):
        ByName(wrong)  # type: ignore[arg-type]


def test_a_name_that_no_pattern_fits_is_refused() -> None:
    message = r"^no pattern of \*\.h2h fits layers\.0\.i2h: add \('\*', 1\.0\) as the last$"
    with pytest.raises(ValueError, match=message):
        ByName((("*.h2h", 1.0),)).regions(context_of(GRU))
