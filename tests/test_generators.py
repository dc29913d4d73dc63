"""Whatever draws from the generators of the process is seen."""

from __future__ import annotations

import random
from collections.abc import Callable

import numpy as np
import pytest

from tests.generators import assert_independent


@pytest.mark.parametrize("draw", [random.random, np.random.random])
def test_what_draws_from_them_is_seen(draw: Callable[[], float]) -> None:
    with pytest.raises(AssertionError, match="moved the generators"):
        assert_independent(draw)


def test_what_depends_on_them_and_puts_them_back_is_seen() -> None:
    def peek() -> float:
        before = random.getstate()
        try:
            return random.random()
        finally:
            random.setstate(before)

    with pytest.raises(AssertionError):
        assert_independent(peek)


def test_what_leaves_them_alone_passes_though_another_draws_meanwhile() -> None:
    drawn = iter([random.random, *[int] * 9])
    assert_independent(lambda: int(next(drawn)()))
