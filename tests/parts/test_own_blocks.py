"""Matrices are cut into blocks and put together again."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from sparsebench.parts.own_blocks import blocks_of, smallest

matrices = arrays(
    np.float32,
    array_shapes(min_dims=2, max_dims=2, max_side=40),
    elements=st.sampled_from([0.0, 0.0, 0.0, 1.0, -2.5]),
)


@given(matrices, st.sampled_from([1, 2, 16]))
def test_a_matrix_comes_back_and_no_block_is_zero(matrix, height):
    blocks = blocks_of(matrix, height)
    np.testing.assert_array_equal(blocks.matrix(), matrix)
    assert blocks.values.any(1).all()
    assert blocks.starts[-1] == len(blocks.columns) == len(blocks.values)


def test_blocks_are_listed_by_rows_then_columns():
    matrix = np.zeros((20, 3), np.float32)
    matrix[3, 2], matrix[5, 0], matrix[19, 1] = 1, 2, 3
    blocks = blocks_of(matrix)
    assert blocks.starts.tolist() == [0, 2, 3]
    assert blocks.columns.tolist() == [0, 2, 1]
    assert blocks.values[0, 5] == 2
    assert blocks.values[2].tolist() == [0, 0, 0, 3, *[0] * 12]


def test_the_smallest_form_is_blocks_where_weights_lie_in_blocks():
    matrix = np.zeros((32, 8), np.float32)
    matrix[:16, 3] = 1
    assert smallest(matrix).values.shape == (1, 16)
    assert smallest(np.eye(32, dtype=np.float32)).values.shape == (32, 1)
    with pytest.raises(ValueError, match="height is 0"):
        blocks_of(matrix, 0)
