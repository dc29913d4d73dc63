"""Packed matrices hold every weight once, in whole vectors, and skip what has none."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparsebench.engines.streaming.packing import (
    FORMATS,
    LANES,
    by_panels,
    pack,
    vectors_of,
)


@st.composite
def matrices(draw: st.DrawFn) -> tuple[np.ndarray, int]:
    gates = draw(st.sampled_from([1, 3, 4]))
    units, columns = draw(st.integers(1, 40)), draw(st.integers(1, 9))
    random = np.random.RandomState(draw(st.integers(0, 2**32 - 1)))
    kept = random.random_sample((gates * units, columns)) < draw(
        st.sampled_from([0.0, 0.05, 0.5, 1])
    )
    return np.where(kept, random.uniform(1, 2, kept.shape), 0).astype(np.float32), gates


@given(drawn=matrices(), form=st.sampled_from(FORMATS))
def test_every_weight_is_there_once(drawn: tuple[np.ndarray, int], form: str) -> None:
    matrix, gates = drawn
    packed = pack([matrix], [form], [gates])
    values = packed.weights[packed.weights != 0]
    assert sorted(values) == sorted(matrix[matrix != 0])
    assert packed.weights.size == max(1, vectors_of(matrix, gates, form)) * LANES
    assert packed.weights.ctypes.data % 64 == 0


@given(drawn=matrices())
def test_blocks_without_a_weight_take_no_memory(drawn: tuple[np.ndarray, int]) -> None:
    matrix, gates = drawn
    packed = pack([matrix], ["blocks"], [gates])
    panels = by_panels(matrix, gates)
    assert len(packed.columns) == int((panels != 0).any(2).sum())
    for panel, (begin, end) in enumerate(zip(packed.starts, packed.starts[1:], strict=False)):
        there = np.zeros((matrix.shape[1], LANES), np.float32)
        own = packed.weights.reshape(-1, LANES)[begin:end]
        there[packed.columns[begin:end]] = own
        np.testing.assert_array_equal(there, panels[panel])


def test_rows_of_two_gates_share_no_vector() -> None:
    panels = by_panels(np.arange(1, 7, dtype=np.float32)[:, None], gates=2)
    assert panels.shape == (2, 1, LANES)
    np.testing.assert_array_equal(panels[:, 0, :4], [[1, 2, 3, 0], [4, 5, 6, 0]])


@pytest.mark.parametrize("panels", [1, 4, 5, 8, 12, 13, 21])
def test_vectors_of_a_group_lie_side_by_side(panels: int) -> None:
    matrix = np.arange(1, panels * LANES * 2 + 1, dtype=np.float32).reshape(-1, 2)
    packed = pack([matrix], ["full"], [1]).weights.reshape(-1, LANES)
    first, left, row = 0, panels, 0
    while left:
        size = 8 if left >= 8 else 4 if left >= 4 else 1
        for column in range(2):
            for panel in range(size):
                rows = slice((first + panel) * LANES, (first + panel + 1) * LANES)
                np.testing.assert_array_equal(packed[row], matrix[rows, column])
                row += 1
        first, left = first + size, left - size
