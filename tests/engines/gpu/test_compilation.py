"""What Triton compiles the kernels to for an H200.

The claim in `lanes` that no barrier is needed, and that products of blocks run on tensor cores.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sparsebench.engines.gpu.row_blocks import BLOCK_ROWS, COLUMNS, ROWS_TOGETHER, WARPS
from sparsebench.parts.sparse_layout import SHARED
from sparsebench.values.layout import GATES
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
        variant, name, layouts, conversions, products, layout = line.split("|")
        found = (int(layouts), int(conversions), layout.split(" = ", 1)[1], int(products))
        kernels.setdefault((variant, name), []).append(found)
    names = ("tile_gradients", "apply", "classify", "by_row_blocks")
    assert kernels.keys() == {(variant, name) for variant in CELL_TYPES for name in names}
    for (variant, name), made in kernels.items():
        if name in ("tile_gradients", "classify"):
            assert made == [(1, 0, ONE_LANE_FOR_EACH_THREAD, 0)], variant
        if name == "by_row_blocks":
            assert [found[-1] for found in made] == [
                instructions(variant, rows) for rows in BLOCK_ROWS
            ]


def instructions(variant: str, rows: int) -> int:
    """A warp's instructions: 16 x 8 x 8 numbers each, three for a product of float32."""
    blocks = ROWS_TOGETHER // rows
    sums = 2 * GATES[variant] - SHARED[variant]
    return 3 * sums * blocks * (rows // 8) * (COLUMNS // 8) // WARPS
