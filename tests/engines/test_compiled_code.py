"""Where nothing can be written beside the package or in the home, loops are compiled all the same.

Root may write everywhere, so files stand where folders would be.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from sparsebench.engines import compiled_code
from sparsebench.engines.compiled_code import (
    CompiledNotCached,
    give_triton_a_folder,
    warn_not_cached,
)
from sparsebench.parts.code_digest import PACKAGE


@pytest.fixture(autouse=True)
def _nothing_was_said() -> Iterator[None]:
    cached = (warn_not_cached, give_triton_a_folder, compiled_code._temporary_folder)
    for function in cached:
        function.cache_clear()
    yield
    for function in cached:
        function.cache_clear()


@pytest.fixture
def read_only(tmp_path: Path) -> dict[str, str]:
    """The environment of a process that can write neither beside the package nor in its home."""
    unneeded = shutil.ignore_patterns("__pycache__", "templates", "text_files")
    shutil.copytree(PACKAGE, tmp_path / "sparsebench", ignore=unneeded)
    (tmp_path / "sparsebench" / "engines" / "fused" / "__pycache__").touch()
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    environment.pop("NUMBA_CACHE_DIR", None)
    return {**environment, "HOME": os.devnull, "XDG_CACHE_HOME": f"{os.devnull}/cache"}


def ran(program: str, environment: dict[str, str]) -> str:
    """What a process wrote to its standard error."""
    command = [sys.executable, "-P", "-c", program]  # its own folder first, and not this one
    done = subprocess.run(
        command, env=environment, capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stderr


COMPILED = """
import numpy as np
from sparsebench.engines.fused import kernels
assert kernels.__file__.startswith({folder!r})
print(type(kernels.train._cache).__name__, file=__import__("sys").stderr)
"""


def test_without_a_place_for_them_loops_are_compiled_and_one_warning_says_so(
    tmp_path: Path, read_only: dict[str, str]
) -> None:
    text = ran(COMPILED.format(folder=str(tmp_path)), read_only)
    assert text.count("CompiledNotCached") == 1
    assert "loops compiled by Numba cannot be cached" in text
    assert "NUMBA_CACHE_DIR" in text
    assert text.endswith("NullCache\n")


def test_a_folder_that_the_user_names_is_used(tmp_path: Path, read_only: dict[str, str]) -> None:
    named = {**read_only, "NUMBA_CACHE_DIR": str(tmp_path / "named")}
    assert ran(COMPILED.format(folder=str(tmp_path)), named) == "FunctionCache\n"


def test_each_compiler_is_spoken_of_once() -> None:
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        for compiler in ("Numba", "Triton", "Numba"):
            warn_not_cached(compiler, f"{compiler.upper()}_CACHE_DIR")
    assert [each.category for each in told] == [CompiledNotCached] * 2


def test_triton_is_given_a_folder_that_can_be_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    knobs = pytest.importorskip("triton.knobs", reason="triton comes with torch for CUDA")
    monkeypatch.setattr(knobs.cache, "dir", f"{os.devnull}/.triton/cache")
    with pytest.warns(CompiledNotCached, match="loops compiled by Triton .* TRITON_CACHE_DIR"):
        give_triton_a_folder()
    (Path(knobs.cache.dir) / "kernel").mkdir()


def test_triton_keeps_a_folder_that_can_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    knobs = pytest.importorskip("triton.knobs", reason="triton comes with torch for CUDA")
    monkeypatch.setattr(knobs.cache, "dir", str(tmp_path / "cache"))
    give_triton_a_folder()
    assert knobs.cache.dir == str(tmp_path / "cache")
