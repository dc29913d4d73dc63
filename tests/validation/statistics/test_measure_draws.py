"""The spread of accuracies is split into what networks and what data sets add."""

import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy.stats import f_oneway

from validation.statistics.measure_draws import Row, kept, known_rows, spread, table

GROUPS = st.integers(2, 5).flatmap(
    lambda size: st.lists(
        st.lists(st.floats(0, 1), min_size=size, max_size=size), min_size=2, max_size=6
    )
)


@given(GROUPS)
@example([[0.0, 0.0, 0.0, 0.0, 1.0], [0.0, 0.0, 1.0, 0.0, 0.0]])
def test_it_agrees_with_scipy_and_with_the_sums_of_squares(groups):
    found, whole = spread(groups), np.array(groups)
    if np.ptp(whole, axis=1).max() < 1e-3:  # scipy warns
        return
    expected = f_oneway(*groups).pvalue
    if np.isnan(expected):  # its sum of squares between equal means comes out below zero
        expected = 1.0
    assert found.p == pytest.approx(expected, abs=1e-9)
    within = whole.var(axis=1, ddof=1).mean()
    between = whole.shape[1] * whole.mean(axis=1).var(ddof=1)
    assert found.within**2 == pytest.approx(within)
    added = max(0, (between - within) / whole.shape[1])
    assert found.added**2 == pytest.approx(added, abs=1e-12)


def test_known_components_are_found_again():
    random = np.random.RandomState(0)
    draws = random.normal(0, 0.03, (400, 1)) + random.normal(0, 0.01, (400, 5))
    found = spread((0.9 + draws).tolist())
    assert found.within == pytest.approx(0.01, rel=0.1)
    assert found.added == pytest.approx(0.03, rel=0.1)
    assert found.p < 1e-9


def test_rows_are_found_again_and_make_the_table(tmp_path):
    accuracies = {0: (0.9, 0.92), 1: (0.8, 0.82)}
    rows = [
        Row(f"{draw}{place}", "gru", 80, draw, accuracy)
        for draw, found in accuracies.items()
        for place, accuracy in enumerate(found)
    ]
    path = tmp_path / "results" / "rows.jsonl"
    assert known_rows(path) == known_rows(None) == {}
    for row in rows:
        kept(row, path)
    assert [*known_rows(path).values()] == rows
    *_, line = table(rows).splitlines()
    assert line.startswith("| gru | 80 | 0.910 0.810 | 0.014 | 0.070 | ")


def test_networks_that_are_all_alike_are_no_division_by_zero():
    alike = spread([[1.0, 1.0], [1.0, 1.0]])
    assert (alike.within, alike.added) == (0, 0)
    assert math.isnan(alike.p)
    apart = spread([[1.0, 1.0], [0.5, 0.5]])
    assert (apart.within, apart.p) == (0, 0)
    assert apart.added == pytest.approx(0.25 * math.sqrt(2))
