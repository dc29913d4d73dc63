"""Packed matrices hold every weight once, in whole vectors, and skip what has none."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparsebench.engines.streaming.packing import (
    DTYPES,
    FORMATS,
    LANES,
    ROWS,
    Packed,
    by_panels,
    pack,
    rounded_to_int8,
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


def unpacked(packed: Packed, number: int, form: str) -> np.ndarray:
    """The panels of a matrix in blocks, (panels, columns, LANES), from its packed vectors."""
    record, rows = packed.matrices[number], ROWS[form]
    vectors = packed.weights[record["weights"] * rows :].reshape(-1, rows)
    parts = record["panels"] * LANES // rows
    ends = packed.starts[record["starts"] :][: parts + 1]
    found = np.zeros((parts, record["columns"], rows), packed.weights.dtype)
    for part, (begin, end) in enumerate(pairwise(ends)):
        columns = packed.columns[record["places"] :][begin:end]
        assert (np.diff(columns) > 0).all()
        assert vectors[begin:end].any(1).all()
        found[part, columns] = vectors[begin:end]
    split = found.reshape(record["panels"], LANES // rows, record["columns"], rows)
    return split.transpose(0, 2, 1, 3).reshape(record["panels"], record["columns"], LANES)


@given(drawn=matrices(), form=st.sampled_from(FORMATS), dtype=st.sampled_from(DTYPES))
def test_every_weight_is_there_once(drawn: tuple[np.ndarray, int], form: str, dtype: str) -> None:
    matrix, gates = drawn
    packed = pack([matrix], [form], [gates], dtype)
    assert np.count_nonzero(packed.weights) == np.count_nonzero(matrix)
    if dtype == "float32":
        assert sorted(packed.weights[packed.weights != 0]) == sorted(matrix[matrix != 0])
    assert packed.weights.dtype == dtype
    assert packed.weights.size % LANES == 0
    assert packed.weights.ctypes.data % 64 == 0


@given(first=matrices(), second=matrices(), form=st.sampled_from(["16x1", "8x1"]))
def test_blocks_without_a_weight_take_no_memory(
    first: tuple[np.ndarray, int], second: tuple[np.ndarray, int], form: str
) -> None:
    both = [first, second]
    packed = pack([each[0] for each in both], [form, form], [each[1] for each in both])
    for number, (matrix, gates) in enumerate(both):
        panels = by_panels(matrix, gates)
        np.testing.assert_array_equal(unpacked(packed, number, form), panels)


@given(drawn=matrices(), form=st.sampled_from(["16x1", "8x1"]))
def test_an_int8_times_the_scale_of_its_row_is_the_weight_to_half_a_step(
    drawn: tuple[np.ndarray, int], form: str
) -> None:
    matrix, gates = drawn
    packed = pack([matrix], [form], [gates], "int8")
    scales = packed.scales.reshape(-1, 1, LANES)
    found, panels = unpacked(packed, 0, form) * scales, by_panels(matrix, gates)
    assert (np.abs(found - panels) <= scales * 0.5001).all()
    largest = np.abs(panels).max(1, initial=0)
    np.testing.assert_allclose(np.abs(found).max(1, initial=0), largest, rtol=1e-6)


@given(drawn=matrices())
def test_rounded_weights_are_those_that_are_packed(drawn: tuple[np.ndarray, int]) -> None:
    matrix, gates = drawn
    packed = pack([matrix], ["16x1"], [gates], "int8")
    stored = unpacked(packed, 0, "16x1") * packed.scales.reshape(-1, 1, LANES)
    rounded = rounded_to_int8(matrix)
    np.testing.assert_allclose(by_panels(rounded, gates), stored, rtol=1e-6)
    if matrix.any(1).all() and np.count_nonzero(matrix) > len(matrix):
        assert (rounded != matrix).any()


def test_weights_too_small_for_a_scale_keep_their_sign() -> None:
    tiny = np.full((1, 2), 2e-43, np.float32)
    assert (rounded_to_int8(tiny) >= 0).all()
    assert not rounded_to_int8(np.zeros((2, 3), np.float32)).any()


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
