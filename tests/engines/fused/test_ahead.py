"""Loops are compiled ahead by another process, and whoever needs one meanwhile waits for it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from numba import njit, typeof

from sparsebench.engines.fused import ahead, first_use, kernels
from sparsebench.engines.fused.ahead import Loop
from sparsebench.engines.fused.loop_spec import LoopSpec
from validation import ROOT

SPECIES = LoopSpec("rnn_relu", lanes=4)


@njit(cache=True)
def loop(spec, number):
    return number + 1


def test_a_loop_is_ready_before_it_is_called() -> None:
    first_use.make_ready(loop, SPECIES, 1)
    assert (typeof(SPECIES), typeof(1)) in loop.overloads
    assert loop(SPECIES, 1) == 2


def test_what_is_ready_is_not_compiled_again(monkeypatch) -> None:
    first_use.make_ready(loop, SPECIES, 1)
    monkeypatch.setattr(first_use, "_lock", None)
    first_use.make_ready(loop, SPECIES, 1)


def test_every_loop_and_kind_of_argument_has_a_lock_of_its_own() -> None:
    one, other = ((typeof(SPECIES), typeof(number)) for number in (1, 1.5))
    locks = {
        first_use._lock(each, kind).lock_file
        for each in (loop, kernels.train)
        for kind in (one, other)
    }
    assert len(locks) == 4
    assert first_use._lock(loop, one).lock_file in locks


def test_where_nothing_is_kept_each_process_compiles_for_itself() -> None:
    alone = njit(lambda spec, number: number)
    first_use.make_ready(alone, SPECIES, 1)
    assert alone(SPECIES, 7) == 7
    assert first_use.mark_of(alone, SPECIES) is None


@pytest.mark.long
def test_nothing_is_begun_where_all_is_compiled() -> None:
    ahead.compile_loop(Loop("rnn_relu", 4))
    assert ahead.start([Loop("rnn_relu", 4)]) is None
    assert ahead.start([]) is None


def test_each_loop_has_a_mark_of_its_own() -> None:
    loops = [Loop("gru", 4), Loop("gru", 4, gradient=True), Loop("gru", 16), Loop("lstm", 4)]
    assert len({loop.mark for loop in loops}) == 4


@pytest.mark.parametrize(
    ("loop", "names"),
    [
        pytest.param("rnn_relu:1", {"train", "classify"}, marks=pytest.mark.long),
        ("rnn_relu:1:gradient", {"block_gradient"}),
    ],
)
def test_a_process_compiles_what_is_not_there_yet(
    tmp_path: Path, loop: str, names: set[str]
) -> None:
    """In a folder where nothing is."""
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    command = [sys.executable, "-m", "sparsebench.engines.fused.ahead", loop]
    subprocess.run(command, check=True, cwd=ROOT, env=environment)
    assert len([*tmp_path.rglob("*.compiled")]) == 1
    compiled = {path.name.partition("-")[0] for path in tmp_path.rglob("*.nbi")}
    assert compiled >= {f"kernels.{name}" for name in names}
