"""Own data are standardised with the same bits everywhere; splits are tested with `own_data`."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sparsebench.parts import own_examples


@given(numbers=st.lists(st.floats(-1e30, 1e30), min_size=2, max_size=20), data=st.data())
def test_sums_are_rounded_once_in_whichever_order(numbers: list[float], data: Any) -> None:
    mean, deviation = own_examples._scale(np.array(numbers))
    if min(numbers) < max(numbers):
        assert mean == float(sum(map(Fraction, numbers), Fraction(0))) / len(numbers)
    else:
        assert (mean, deviation) == (numbers[0], 1)
    again = data.draw(st.permutations(numbers))
    assert own_examples._scale(np.array(again)) == (mean, deviation)
