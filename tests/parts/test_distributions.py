"""Distributions of weights: exact figures, in groups that are counted one by one."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparsebench.parts.distributions import (
    BINS,
    DIGITS,
    EDGES,
    PERCENTILES,
    described,
    groups_of,
    histogram,
)
from sparsebench.values.protocol import Architecture
from tests import network_strategies
from tests.network_strategies import SparseNetwork

ROUNDED = 0.5 * 10.0 ** (1 - DIGITS)
FIGURES = (-0.00815693, 0.581198, -0.884057)
values = st.lists(st.floats(-3, 3, width=32), min_size=1, max_size=60).map(np.array)


@given(network=network_strategies.sparse_networks)
def test_every_weight_that_the_network_has_is_in_its_groups_once(network: SparseNetwork) -> None:
    layout, masks, weights = network
    groups = groups_of(layout, weights, masks)
    kept = {
        name: weights[name][masks.get(name, np.ones(array.shape, bool))].tolist()
        for name, array in weights.items()
        if not name.endswith("bias")
    }
    recurrent = [
        each for name, found in kept.items() if name[-3:] in ("i2h", "h2h") for each in found
    ]
    assert sorted(groups["both"]) == sorted(recurrent)
    assert sorted(groups["readout"]) == sorted(kept["readout.weight"])
    for kind in ("i2h", "h2h"):
        of_kind = [each for name, found in kept.items() if name.endswith(kind) for each in found]
        assert sorted(groups[kind]) == sorted(of_kind)
        layers = [array for name, array in groups.items() if f".{kind}" in name]
        assert sorted(np.concatenate(layers)) == sorted(of_kind)


def test_a_gate_s_rows_are_its_group() -> None:
    layout = Architecture("gru", layers=2, hidden_size=2).layout
    weights = {name: np.zeros(shape, np.float32) for name, shape in layout.shapes().items()}
    weights["layers.1.h2h"][2:4] = 7
    groups = groups_of(layout, weights, {})
    assert set(groups["layers.1.h2h.z"]) == {7}
    assert all(7 not in groups[f"layers.1.h2h.{gate}"] for gate in "rn")
    assert groups["h2h.z"].tolist() == [0] * 4 + [7] * 4


@given(values=values)
def test_mean_and_deviation_are_those_of_exact_fractions(values: np.ndarray) -> None:
    exact = [Fraction(each) for each in values.tolist()]
    mean = sum(exact) / len(exact)
    found = described(values)
    assert found["count"] == len(values)
    assert found["mean"] == pytest.approx(float(mean), rel=ROUNDED, abs=1e-15)
    variance = sum((each - mean) ** 2 for each in exact) / len(exact)
    assert found["sd"] == pytest.approx(math.sqrt(variance), rel=ROUNDED, abs=1e-12)


@given(values=values, seed=st.integers(0, 9))
def test_the_order_of_weights_changes_no_bit(values: np.ndarray, seed: int) -> None:
    shuffled = np.random.RandomState(seed).permutation(values)
    assert described(shuffled) == described(values)
    assert histogram(shuffled) == histogram(values)


@given(values=values)
def test_percentiles_are_numpy_s(values: np.ndarray) -> None:
    found = described(values)
    for percent in PERCENTILES:
        expected = np.percentile(values, percent)
        assert found[f"p{percent:02}"] == pytest.approx(expected, rel=ROUNDED, abs=1e-12)
    assert found["lowest"] == pytest.approx(values.min(), rel=ROUNDED)
    assert found["highest"] == pytest.approx(values.max(), rel=ROUNDED)


@given(values=values)
def test_a_bin_counts_what_lies_between_its_edges(values: np.ndarray) -> None:
    counts = histogram(values)
    assert len(counts) == BINS + 2
    assert sum(counts) == len(values)
    for place, count in enumerate(counts[1:-1]):
        assert count == sum(EDGES[place] <= each < EDGES[place + 1] for each in values)
    assert counts[0] == sum(each < EDGES[0] for each in values)


def test_nothing_has_a_count_and_no_figures() -> None:
    assert described(np.zeros(0)) == {"count": 0}
    assert sum(histogram(np.zeros(0))) == 0


def test_near_zero_is_below_the_slides_threshold() -> None:
    assert described(np.array([0.009, -0.009, 0.01, 1.0]))["near zero"] == 0.5


def test_the_figures_are_these_to_the_last_bit() -> None:
    """Without vector instructions too: sums are rounded once, and the rest are single operations."""
    drawn = np.float64(np.float32(np.random.RandomState(0).uniform(-1, 1, 1000)))
    found = described(drawn)
    assert (found["mean"], found["sd"], found["p05"]) == FIGURES
