"""The first use of a loop compiles it, and nothing looks for cycles of objects meanwhile."""

from __future__ import annotations

import gc
from types import SimpleNamespace

import pytest

from sparsebench.engines.fused.first_use import make_ready
from sparsebench.engines.fused.loop_spec import LoopSpec


class Loop:
    """A loop that is compiled for anything, and notes whether Python looks for cycles then."""

    stats = SimpleNamespace(cache_path=None)

    def __init__(self, error: Exception | None = None) -> None:
        self.overloads: dict[object, object] = {}
        self.looked: list[bool] = []
        self._error = error

    def compile(self, signature: object) -> None:
        self.looked.append(gc.isenabled())
        if self._error is not None:
            raise self._error


@pytest.fixture(params=[True, False], ids=["collecting", "not-collecting"])
def collecting(request):
    was = gc.isenabled()
    (gc.enable if request.param else gc.disable)()
    yield request.param
    (gc.enable if was else gc.disable)()


def test_a_loop_is_compiled_once_without_looking_for_cycles(collecting):
    loop = Loop()
    for _ in range(2):
        make_ready(loop, LoopSpec("gru"), 1)
    assert loop.looked == [False]
    assert gc.isenabled() == collecting


def test_a_loop_that_cannot_be_compiled_leaves_it_as_it_was(collecting):
    loop = Loop(error=ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        make_ready(loop, LoopSpec("gru"), 1)
    assert loop.looked == [False]
    assert gc.isenabled() == collecting
