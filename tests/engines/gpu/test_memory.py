"""Batches as the kernels are told of them."""

from __future__ import annotations

import numpy as np
import pytest

from sparsebench.engines.gpu.memory import orders_arrays, pieces_arrays, strings_arrays
from sparsebench.parts.strings import encode


def test_every_batch_of_every_order_has_its_own_padded_length() -> None:
    lengths = np.array([3, 7, 2, 5, 1])
    orders = [np.array([0, 2, 4, 1, 3]), np.array([], np.int64), np.array([4, 4])]
    arrays = orders_arrays(orders, lengths, 2, [0, 5, 9])
    assert arrays.steps.tolist() == [[3, 7, 5], [0, 0, 0], [1, 0, 0]]
    assert arrays.firsts.tolist() == [0, 5, 5, 7]
    assert arrays.strings.tolist() == [0, 2, 4, 1, 3, 4, 4]
    assert arrays.taken.tolist() == [0, 5, 9]


def test_orders_of_nothing_have_no_batch() -> None:
    arrays = orders_arrays([np.array([], np.int64)] * 2, np.array([3]), 2, [0, 0])
    assert arrays.steps.shape == (2, 0)


@pytest.mark.parametrize("lanes", [1, 2, 3, 4, 32])
@pytest.mark.parametrize("batch_size", [1, 3, 4, 9, 20])
def test_pieces_cover_each_string_once_with_its_batchs_length(batch_size: int, lanes: int) -> None:
    lengths = np.random.RandomState(1).randint(1, 9, 10)
    pieces = pieces_arrays(lengths, batch_size, lanes)
    seen = []
    for first, count, steps in zip(*pieces, strict=True):
        assert 1 <= count <= lanes
        batch = first // batch_size
        assert (first + count - 1) // batch_size == batch
        assert steps == lengths[batch * batch_size : (batch + 1) * batch_size].max()
        seen += range(first, first + count)
    assert seen == list(range(10))


def test_letters_are_those_that_occur_padding_included() -> None:
    arrays = strings_arrays(encode(["BTX", "BB"], [1, 0]))
    assert arrays.letters.tolist() == [0, ord("B"), ord("T"), ord("X")]
    assert arrays.codes.shape == (3, 2)
