"""Sequences that show the padding of an embedding are refused: fine-tuning would move its row."""

import numpy as np
import pytest

from sparsebench.parts.examples import Examples
from sparsebench.parts.own_fit import check_padding
from tests.own_networks import small_network


def examples(codes, lengths):
    inputs = np.array(codes, np.uint8)
    return Examples(inputs, np.array(lengths), np.zeros(len(inputs), np.int64))


def test_padding_that_is_read_is_refused_and_padding_behind_is_not():
    network = small_network(symbols=4, padding=0)
    check_padding(network, examples([[1, 2, 0], [3, 0, 0]], [2, 1]))
    with pytest.raises(ValueError, match=r"1 of 2 sequences .* symbol 0, .* padding_idx=None"):
        check_padding(network, examples([[1, 2, 0], [3, 0, 0]], [2, 2]))
    with pytest.raises(ValueError, match=r"2 of 2 sequences .* symbol 3"):
        check_padding(small_network(symbols=4, padding=3), examples([[3, 1], [1, 3]], [2, 2]))


def test_without_padding_every_symbol_may_be_read():
    check_padding(small_network(symbols=4), examples([[0, 1]], [2]))
    frames = Examples(np.zeros((1, 2, 3), np.float32), np.array([2]), np.zeros(1, np.int64))
    check_padding(small_network(), frames)
