"""What a loop is compiled for: a cell type, a number type and a vector width.

A spec is the first argument of every kernel. It carries no data: Numba sees it as a type,
compiles the kernel once for each, and selects the cell's equations by it. The type's name contains
a digest of all sources of the kernels, because Numba's disk cache checks only the file of the
cached function and would otherwise run outdated cell equations.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numba
from llvmlite import binding
from numba import types
from numba.extending import NativeValue, models, register_model, typeof_impl, unbox

from sparsebench.values.checks import one_of
from sparsebench.values.layout import GATES

LANES = {"AVX-512": 32, "other": 16}
"""Strings per vector in training; with AVX-512, two hardware vectors of float32, because two use
the multiply-add units better than one, and four would not fit into the registers. Figures do not
depend on it."""

DTYPES = {"float32": types.float32, "float64": types.float64}


class LoopSpecType(types.Opaque):
    """The type that Numba compiles a kernel for."""

    def __init__(self, variant: str, dtype: str, lanes: int) -> None:
        self.variant, self.dtype, self.lanes = variant, DTYPES[dtype], lanes
        super().__init__(name=f"LoopSpec({variant}, {dtype}, {lanes}, {_source_digest()})")


@dataclass(frozen=True)
class LoopSpec:
    """A cell, a number type and a vector width.

    Attributes
    ----------
    variant
        The cell type.
    dtype
        `float32` or `float64`.
    lanes
        Strings in one vector, a power of two.
    """

    variant: str
    dtype: str = "float32"
    lanes: int = 16

    def __post_init__(self) -> None:
        one_of("variant", self.variant, GATES)
        one_of("dtype", self.dtype, DTYPES)
        if self.lanes not in (4, 8, 16, 32):
            raise ValueError(f"lanes is {self.lanes}: give a power of two from 4 to 32")


def has_avx512() -> bool:
    """Whether kernels are compiled for AVX-512: on this processor, or by Numba's settings."""
    if numba.config.CPU_FEATURES is not None:
        return "+avx512f" in numba.config.CPU_FEATURES
    if numba.config.CPU_NAME is not None:
        return False
    return _host_has_avx512()


@cache
def _host_has_avx512() -> bool:
    return bool(binding.get_host_cpu_features().get("avx512f"))


def training_lanes() -> int:
    """The vector width that trains fastest on this processor."""
    return LANES["AVX-512" if has_avx512() else "other"]


def lanes_for(strings: int) -> int:
    """The vector width for batches of this size: no wider than they need, or than is fastest."""
    return next((lanes for lanes in (4, 16) if strings <= lanes), training_lanes())


@typeof_impl.register(LoopSpec)
def _typeof(value: LoopSpec, context: Any) -> LoopSpecType:
    return LoopSpecType(value.variant, value.dtype, value.lanes)


register_model(LoopSpecType)(models.OpaqueModel)


@unbox(LoopSpecType)
def _unbox(kind: LoopSpecType, value: Any, context: Any) -> NativeValue:
    return NativeValue(context.context.get_dummy_value())


@cache
def _source_digest() -> str:
    content = hashlib.sha256()
    folder = Path(__file__).parent
    elementary = folder.parent.parent / "parts" / "elementary.py"
    for source in (*sorted(folder.glob("*.py")), folder.parent / "populations.py", elementary):
        content.update(source.read_bytes())
    return content.hexdigest()[:12]
