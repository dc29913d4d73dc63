"""Where compiled loops are kept between processes, and what is done where there is no place for them.

Numba keeps them beside their sources or in the user's cache, Triton in the user's home. In many
containers none of these can be written. The store is no place for them: it may come from elsewhere,
and what lies in it never runs.
"""

from __future__ import annotations

import os
import tempfile
import warnings
from functools import cache


class NotKeptCompiled(UserWarning):
    """Compiled loops cannot be kept: every process compiles them anew."""


@cache
def say_not_kept(compiler: str, variable: str) -> None:
    """Warn, once for each compiler, that what it compiles is not kept.

    Parameters
    ----------
    compiler
        Its name.
    variable
        The environment variable that names a folder for it.
    """
    warnings.warn(
        f"loops compiled by {compiler} cannot be cached, neither beside the package nor in your home: "
        "each process compiles them again, which takes up to a minute; set the environment variable "
        f"{variable} to a folder that only you can write to",
        NotKeptCompiled,
        stacklevel=2,
    )


@cache
def give_triton_a_folder() -> None:
    """Let Triton compile into a temporary folder if it cannot write its own: it needs one."""
    from triton import knobs

    try:
        os.makedirs(knobs.cache.dir, exist_ok=True)
        with tempfile.TemporaryFile(dir=knobs.cache.dir):
            return
    except OSError:
        say_not_kept("Triton", "TRITON_CACHE_DIR")
        knobs.cache.dir = _temporary_folder().name


@cache
def _temporary_folder() -> tempfile.TemporaryDirectory[str]:
    """A folder that is deleted when the process ends."""
    return tempfile.TemporaryDirectory(prefix="sparsebench-")
