from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sparsebench.values.seeding import stream
from tests import strategies

keys = st.lists(strategies.names | strategies.seeds, min_size=1, max_size=3)


@given(key=keys)
def test_equal_keys_give_equal_streams(key: list[str | int]) -> None:
    assert stream(*key).bytes(16) == stream(*key).bytes(16)


@given(one=keys, other=keys)
def test_different_keys_give_different_streams(
    one: list[str | int], other: list[str | int]
) -> None:
    assert (stream(*one).bytes(16) == stream(*other).bytes(16)) == (one == other)


def test_a_number_and_its_digits_are_different_keys() -> None:
    assert stream("seed", 1).bytes(16) != stream("seed", "1").bytes(16)


def test_drawing_from_one_stream_leaves_the_others_alone() -> None:
    first, second = stream("shuffle", 0, 1), stream("shuffle", 0, 1)
    expected = second.bytes(16)
    np.random.seed(0)
    stream("shuffle", 0, 2).bytes(16)
    assert first.bytes(16) == expected


def test_streams_stay_what_every_stored_baseline_was_made_with() -> None:
    random = stream("shuffle", 0, 1)
    assert random.permutation(10).tolist() == [0, 3, 1, 9, 2, 4, 7, 6, 5, 8]
    drawn = random.randint(0, 2**32, size=2, dtype=np.int64)
    assert drawn.tolist() == [3123241833, 1279657781]
