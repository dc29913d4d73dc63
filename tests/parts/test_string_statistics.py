"""Strings are counted one by one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparsebench.parts.string_statistics import (
    apart,
    length_counts,
    letter_counts,
    letters_at,
    of_class,
)
from sparsebench.parts.strings import encode

FEW = encode(["BTE", "BPVE", "AXE"], [1, 1, 0])


def test_lengths_letters_and_places_of_a_few_strings() -> None:
    valid = of_class(FEW, "valid")
    assert len(valid) == 2
    assert length_counts(valid) == [0, 0, 0, 1, 1]
    assert letter_counts(valid) == {"B": 2, "E": 2, "P": 1, "T": 1, "V": 1}
    assert letters_at(valid, 0) == {"B": 2}
    assert letters_at(valid, 2) == {"E": 1, "V": 1}
    assert letters_at(valid, 3) == {"E": 1}
    assert letters_at(valid, 4) == {}
    assert letter_counts(of_class(FEW, "invalid")) == {"A": 1, "E": 1, "X": 1}


counts = st.lists(st.integers(0, 9), min_size=1, max_size=6).filter(any)


@given(one=counts, other=counts)
def test_a_distance_is_half_of_what_shares_differ_by(one: list[int], other: list[int]) -> None:
    shares = [np.array([*each, *[0] * 6][:6]) / sum(each) for each in (one, other)]
    assert apart(one, other) == pytest.approx(abs(shares[0] - shares[1]).sum() / 2)
    assert apart(one, other) == apart(other, one)
    assert apart(one, [2 * each for each in one]) == pytest.approx(0, abs=1e-15)


def test_without_counts_there_is_no_distance() -> None:
    with pytest.raises(ValueError, match="without counts"):
        apart([0, 0], [1])
