"""What Triton compiles the kernels to for an H200: the claim in `lanes` that no barrier is needed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sparsebench.values.protocol import CELL_TYPES

ONE_LANE_FOR_EACH_THREAD = (
    "#ttg.blocked<{sizePerThread = [1], threadsPerWarp = [32], warpsPerCTA = [1], order = [0]}>"
)


@pytest.mark.long
def test_every_vector_lies_with_one_lane_in_each_thread(tmp_path: Path) -> None:
    pytest.importorskip("triton", reason="triton is not installed: it comes with torch for CUDA")
    environment = {**os.environ, "TRITON_CACHE_DIR": str(tmp_path)}
    environment.pop("TRITON_INTERPRET", None)
    run = subprocess.run(
        [sys.executable, "-m", "tests.engines.gpu.compiling"],
        env=environment,
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    kernels = {}
    for line in run.stdout.splitlines():
        variant, name, layouts, conversions, layout = line.split("|")
        kernels[variant, name] = (int(layouts), int(conversions), layout.split(" = ", 1)[1])
    names = ("tile_gradients", "apply", "classify")
    assert kernels.keys() == {(variant, name) for variant in CELL_TYPES for name in names}
    for key, found in kernels.items():
        if key[1] != "apply":
            assert found == (1, 0, ONE_LANE_FOR_EACH_THREAD), key
