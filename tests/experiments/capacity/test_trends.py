"""Trends over sizes are found by an exact test, and not in what chance makes of few seeds."""

from __future__ import annotations

import pytest

from sparsebench.experiments.capacity.trends import on_line, trend


@pytest.mark.parametrize(
    ("rows", "verdict"),
    [
        ([[1, 2, 3, 4]] * 3, "pass"),
        ([[4, 3, 2, 1]] * 3, "fail"),
        ([[1, 2, 3], [3, 2, 1], [1, 3, 2]], "inconclusive"),
        ([[1, 2, 3, 4]], "inconclusive"),  # one seed
        ([[1], [2]], "inconclusive"),  # one size
        ([[1, 2]] * 5, "inconclusive"),  # of two sizes, the sign test
        ([[1, 2]] * 6, "pass"),
        ([[2, 1]] * 6, "fail"),
        ([[1, 1]] * 9, "inconclusive"),
    ],
)
def test_a_trend_is_one_that_seeds_share(rows: list[list[float]], verdict: str) -> None:
    assert trend(rows, 0.95)[0] == verdict


def test_the_chance_is_pages() -> None:
    """Three seeds in order over three sizes: one of 6 ** 3 ways."""
    assert trend([[1, 2, 3]] * 3, 0.95) == (
        "pass",
        "Page's test over 3 sizes and 3 seeds: rising, by chance 0.0046",
    )


def test_a_line_goes_through_its_points() -> None:
    assert on_line([1, 2, 3], [5, 7, 9], 10) == pytest.approx(23)
