"""Real numbers drawn by chance: numpy's own, up to rounding, and the same bits on every machine."""

from __future__ import annotations

import hashlib
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparsebench.parts.draws import normal, orthogonal, uniform
from tests import strategies

shapes = st.integers(0, 40) | st.lists(st.integers(0, 7), min_size=1, max_size=3).map(tuple)
matrices = st.tuples(st.integers(1, 12), st.integers(1, 12))


def generator(seed: int) -> np.random.RandomState:
    return np.random.RandomState(seed % 2**32)


@given(seed=strategies.seeds, shape=shapes)
def test_normal_numbers_are_those_of_numpy_up_to_rounding(
    seed: int, shape: int | tuple[int, ...]
) -> None:
    """Of one draw, whatever was refused on the way; the second of a pair is kept for no later one."""
    made, expected = normal(generator(seed), shape), generator(seed).normal(size=shape)
    assert (made.shape, made.dtype) == (expected.shape, np.float64)
    np.testing.assert_allclose(made, expected, rtol=5e-15, atol=0)


@given(seed=strategies.seeds, count=st.integers(0, 40), more=st.integers(0, 40))
def test_a_longer_draw_begins_with_the_shorter_one(seed: int, count: int, more: int) -> None:
    short, long = normal(generator(seed), count), normal(generator(seed), count + more)
    assert short.tobytes() == long[:count].tobytes()


def test_normal_numbers_have_the_moments_of_their_distribution() -> None:
    drawn = normal(generator(0), 200_000)
    assert abs(drawn.mean()) < 0.01
    assert drawn.std() == pytest.approx(1, abs=0.01)
    assert (drawn**3).mean() == pytest.approx(0, abs=0.05)
    assert (drawn**4).mean() == pytest.approx(3, abs=0.1)


@given(
    seed=strategies.seeds,
    shape=shapes,
    low=st.floats(-9, 9),
    width=st.floats(0, 9, exclude_min=True),
)
def test_uniform_numbers_lie_within_their_bounds(
    seed: int, shape: int | tuple[int, ...], low: float, width: float
) -> None:
    made = uniform(generator(seed), low, low + width, shape)
    expected = generator(seed).uniform(low, low + width, shape)
    assert made.shape == expected.shape
    assert ((made >= low) & (made <= low + width)).all()
    np.testing.assert_allclose(made, expected, rtol=0, atol=4e-15)


@given(seed=strategies.seeds, shape=matrices)
def test_the_shorter_side_of_an_orthogonal_matrix_is_orthonormal(
    seed: int, shape: tuple[int, int]
) -> None:
    made = orthogonal(generator(seed), shape)
    assert made.shape == shape
    product = made @ made.T if shape[0] <= shape[1] else made.T @ made
    np.testing.assert_allclose(product, np.eye(min(shape)), rtol=0, atol=1e-14)


def test_nearly_parallel_vectors_become_orthonormal_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Which is why each is made orthogonal twice."""
    near = np.ones((6, 6)) + 1e-9 * generator(0).random_sample((6, 6))
    monkeypatch.setattr("sparsebench.parts.draws.normal", lambda random, shape: near)
    made = orthogonal(generator(0), (6, 6))
    np.testing.assert_allclose(made @ made.T, np.eye(6), rtol=0, atol=1e-14)


def test_the_largest_orthogonal_matrix_of_the_profiles_is_orthonormal() -> None:
    made = orthogonal(generator(0), (128, 50))
    np.testing.assert_allclose(made.T @ made, np.eye(50), rtol=0, atol=1e-14)


def test_orthogonal_matrices_turn_and_mirror_alike() -> None:
    signs = [round(np.linalg.det(orthogonal(generator(seed), (3, 3)))) for seed in range(200)]
    assert set(signs) == {-1, 1}
    assert abs(sum(signs)) < 60


@pytest.mark.parametrize("shape", [0, (0,), (0, 3), (3, 0)])
def test_nothing_can_be_drawn(shape: int | tuple[int, ...]) -> None:
    random, other = generator(3), generator(3)
    for made in (normal(random, shape), uniform(random, -1, 1, shape)):
        assert made.shape == (shape if isinstance(shape, tuple) else (shape,))
    assert random.random_sample() == other.random_sample()


PINNED = {
    "normal": (lambda random: normal(random, (20, 50)), "852f588b3ba89836"),
    "uniform": (
        lambda random: uniform(random, -1 / math.sqrt(50), 1 / math.sqrt(50), 1000),
        "056d70d5b0b0fde5",
    ),
    "orthogonal": (lambda random: orthogonal(random, (50, 50)), "4ba1c38cae6732c1"),
    "orthogonal, more columns": (lambda random: orthogonal(random, (7, 31)), "3bb26c67b0a375ab"),
}


@pytest.mark.parametrize("name", PINNED)
def test_bits_are_those_of_every_machine(name: str) -> None:
    """By SHA-256; whoever changes them takes the next number in `sparsebench.values.numerics`."""
    draw, digest = PINNED[name]
    content = np.ascontiguousarray(draw(generator(7)), "<f8").tobytes()
    assert hashlib.sha256(content).hexdigest()[:16] == digest
