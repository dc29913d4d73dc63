"""Inner kernels are compiled within their callers alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numba import njit
from numba.core.errors import TypingError

from sparsebench.engines.fused.simd import jit, outlined


@outlined
def plus(values, number):  # type: ignore[no-untyped-def]
    total = number
    for each in values:
        total += each
    return total


@jit
def twice(values):  # type: ignore[no-untyped-def]
    return plus(values, 0.0) + plus(values, 1.0)


@jit
def both(values):  # type: ignore[no-untyped-def]
    return plus(values, 2.0) * twice(values)


@njit
def first(values):  # type: ignore[no-untyped-def]
    return both(values) - twice(values)


@njit
def second(values):  # type: ignore[no-untyped-def]
    return twice(values)


def machine_code_of(function: Any) -> list[str]:
    """Names of a function, among those compiled for the process."""
    engine = function.targetctx.codegen()._engine
    names = [made.fndesc.llvm_func_name for made in function.overloads.values()]
    assert names
    return [name for name in names if engine.is_symbol_defined(name)]


def test_callers_share_what_they_call_over_several_levels() -> None:
    values = np.arange(5.0)
    assert second(values) == 21.0
    assert first(values) == 12.0 * 21.0 - 21.0


def test_only_callers_have_machine_code() -> None:
    values = np.arange(3.0)
    assert (first(values), second(values)) == (5.0 * 7.0 - 7.0, 7.0)
    assert machine_code_of(first)
    assert machine_code_of(twice) == machine_code_of(both) == []


def test_whose_types_do_not_go_together_is_named() -> None:
    with pytest.raises(TypingError, match="twice"):
        second("no numbers")
