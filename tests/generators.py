"""Whether something is drawn from the generators of the process, as only what asks for them may be."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np

_TRIES = 5


def assert_independent(make: Callable[[], Any]) -> None:
    """Assert that what is made neither depends on the process's generators nor moves them.

    A thread that another test's library left may draw from them too, now and then. Who draws from
    them moves them in every try; who does not leaves them alone in one.
    """
    assert _made(make, seed=1) == _made(make, seed=2)


def _made(make: Callable[[], Any], seed: int) -> Any:
    for _ in range(_TRIES):
        random.seed(seed)
        np.random.seed(seed)
        before = _states()
        made = make()
        if _states() == before:
            return made
    raise AssertionError(f"{make} moved the generators of the process in each of {_TRIES} tries")


def _states() -> tuple[object, bytes]:
    return random.getstate(), np.random.get_state()[1].tobytes()
