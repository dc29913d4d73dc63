"""First use of a loop in a process: one process compiles it, others wait."""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import numba
import numpy as np
from filelock import FileLock

from sparsebench.engines.fused.loop_spec import LoopSpec


def make_ready(loop: Any, spec: LoopSpec, *arguments: Any) -> None:
    """Compile a loop for some arguments, or load it; wait while another process compiles it.

    Parameters
    ----------
    loop
        A function of `sparsebench.engines.fused.kernels` that Python calls.
    spec, arguments
        Its arguments.
    """
    form = loop, spec, *map(_form, arguments)
    if form in _ready:
        return
    signature = tuple(map(numba.typeof, (spec, *arguments)))
    if signature not in loop.overloads:
        with _lock(loop, signature), _cycles_kept():
            loop.compile(signature)
    _ready.add(form)


_ready: set[tuple[Any, ...]] = set()
"""Loops with the forms of arguments that they were made ready for."""


def _form(argument: Any) -> Any:
    """What Numba's type of an argument follows from; a hundred times faster than that type itself."""
    if isinstance(argument, tuple):
        return type(argument), *map(_form, argument)
    if isinstance(argument, np.ndarray):
        return argument.dtype, argument.ndim, argument.flags.num
    return type(argument)


def mark_of(loop: Any, spec: LoopSpec) -> Path | None:
    """The file that marks a loop as compiled for a spec; None if compiled loops are not cached."""
    folder = loop.stats.cache_path
    if folder is None:
        return None
    compiler = numba.config.CPU_NAME, numba.config.CPU_FEATURES, numba.__version__
    name = _digest(f"{loop.py_func.__qualname__} {numba.typeof(spec)} {compiler}")
    return Path(folder) / f"sparsebench-{name}.compiled"


def _lock(loop: Any, signature: tuple[Any, ...]) -> AbstractContextManager[Any]:
    """The lock for compiling a loop: a file beside the compiled ones."""
    folder = loop.stats.cache_path
    if folder is None:  # each process compiles for itself
        return nullcontext()
    name = _digest(f"{loop.py_func.__qualname__} {signature}")
    return FileLock(Path(folder) / f"sparsebench-{name}.lock")


@contextmanager
def _cycles_kept() -> Iterator[None]:
    """Do not look for cycles of objects that nobody needs.

    A compiler makes so many objects that Python would look hundreds of times, in all that the process
    has: a tenth of the time, and a fifth beside a whole baseline. Memory grows by some 40 MB.
    """
    looks = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if looks:
            gc.enable()


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
