from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sparsebench.engines.fused import loop_spec as loop_spec_module
from sparsebench.engines.fused.loop_spec import (
    LANES,
    LoopSpec,
    has_avx512,
    lanes_for,
    training_lanes,
)

REPOSITORY = Path(__file__).parents[3]
AVX2 = "+sse2,+sse3,+ssse3,+sse4.1,+sse4.2,+avx,+avx2,+fma,+popcnt,+bmi,+bmi2,+lzcnt"
ONE_GRADIENT = """
import numpy as np
from sparsebench.engines.fused.loop_spec import LoopSpec, has_avx512, training_lanes
from sparsebench.parts.strings import encode
from sparsebench.parts.weights import initial_weights
from sparsebench.values.protocol import Architecture
from tests.engines.fused.passes import assert_agree, fused_pass, reference_pass
from tests.network_strategies import SparseNetwork

assert not has_avx512()
assert training_lanes() == 16
layout = Architecture("gru", layers=2, hidden_size=5).layout
mask = np.random.RandomState(0).rand(15, 5) < 0.5
network = SparseNetwork(layout, {"layers.1.i2h": mask}, initial_weights(layout, 0))
strings = encode(["BTXSE", "BPVVE", "BTSSXXTVVE", "BE"] * 5, [1, 1, 0, 0] * 5)
order = np.arange(20)
measured = fused_pass(LoopSpec("gru", "float32", 16), network, "padded", strings, order)
assert_agree(measured, reference_pass(network, "padded", strings, order), 1e-5)
print("agreed")
"""


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (("rnn", "float32", 16), "^unknown variant 'rnn': choose one of rnn_tanh, "),
        (("gru", "float16", 16), "^unknown dtype 'float16': choose one of float32, float64$"),
        (("gru", "float32", 0), "^lanes is 0: give a power of two from 4 to 32$"),
        (("gru", "float32", 2), "^lanes is 2"),
        (("gru", "float32", 24), "^lanes is 24"),
        (("gru", "float32", 64), "^lanes is 64"),
        (("gru", "float32", -16), "^lanes is -16"),
    ],
)
def test_what_no_loop_can_be_compiled_for_is_refused(fields: tuple[Any, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        LoopSpec(*fields)


@pytest.mark.parametrize(
    ("strings", "lanes"), [(1, 4), (3, 4), (4, 4), (5, 16), (16, 16), (17, None), (1000, None)]
)
def test_vectors_are_no_wider_than_a_batch_needs(strings: int, lanes: int | None) -> None:
    assert lanes_for(strings) == (lanes or training_lanes())


@pytest.mark.parametrize(("features", "wide"), [("+avx2,+avx512f,+fma", True), ("+avx2", False)])
def test_vectors_are_twice_as_wide_where_numba_may_use_avx512(
    monkeypatch: pytest.MonkeyPatch, features: str, wide: bool
) -> None:
    monkeypatch.setattr(loop_spec_module.numba.config, "CPU_FEATURES", features)
    assert has_avx512() == wide
    assert training_lanes() == LANES["AVX-512" if wide else "other"] == (32 if wide else 16)
    assert lanes_for(100) == training_lanes()


@pytest.mark.parametrize("present", [True, False])
def test_without_a_wish_the_processor_decides(
    monkeypatch: pytest.MonkeyPatch, present: bool
) -> None:
    monkeypatch.delenv("NUMBA_CPU_FEATURES", raising=False)
    monkeypatch.setattr(loop_spec_module.numba.config, "CPU_FEATURES", None)
    features = {"avx512f": True} if present else {}
    monkeypatch.setattr(loop_spec_module.binding, "get_host_cpu_features", lambda: features)
    monkeypatch.setattr(
        loop_spec_module, "_host_has_avx512", loop_spec_module._host_has_avx512.__wrapped__
    )
    assert has_avx512() == present


@pytest.mark.long
def test_kernels_work_on_a_processor_without_avx512(tmp_path: Path) -> None:
    settings = {
        "NUMBA_CPU_NAME": "haswell",
        "NUMBA_CPU_FEATURES": AVX2,
        "NUMBA_CACHE_DIR": str(tmp_path),
    }
    ran = subprocess.run(
        [sys.executable, "-c", ONE_GRADIENT],
        cwd=REPOSITORY,
        env=os.environ | settings,
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout == "agreed\n"
    assert any(tmp_path.rglob("*.nbi"))  # compiled here, not loaded from another processor's cache
