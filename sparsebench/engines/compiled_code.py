"""Caches of compiled loops, and what to do where they cannot be written.

Numba caches compiled loops beside their sources or in the user's cache, Triton in the user's home.
In many containers none of these is writable. They do not go into the store, because a store may
come from elsewhere and nothing in it is ever run.
"""

from __future__ import annotations

import os
import tempfile
import warnings
from functools import cache


class CompiledNotCached(UserWarning):
    """Compiled loops cannot be cached, so every process compiles them."""


@cache
def warn_not_cached(compiler: str, variable: str) -> None:
    """Warn, once for each compiler, that its compiled loops are not cached.

    Parameters
    ----------
    compiler
        Its name.
    variable
        The environment variable for its cache folder.
    """
    warnings.warn(
        f"loops compiled by {compiler} cannot be cached, neither beside the package nor in your home: "
        "each process compiles them again, which takes up to a minute; set the environment variable "
        f"{variable} to a folder that only you can write to",
        CompiledNotCached,
        stacklevel=2,
    )


@cache
def give_triton_a_folder() -> None:
    """Let Triton compile into a temporary folder if its own is not writable, because it needs one."""
    from triton import knobs

    try:
        os.makedirs(knobs.cache.dir, exist_ok=True)
        with tempfile.TemporaryFile(dir=knobs.cache.dir):
            return
    except OSError:
        warn_not_cached("Triton", "TRITON_CACHE_DIR")
        knobs.cache.dir = _temporary_folder().name


@cache
def _temporary_folder() -> tempfile.TemporaryDirectory[str]:
    """A folder that is deleted when the process ends."""
    return tempfile.TemporaryDirectory(prefix="sparsebench-")
