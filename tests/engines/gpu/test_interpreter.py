"""The kernels' results, without a GPU: the folder `interpreted` in a process of its own.

Triton decides when it is imported whether kernels are compiled or interpreted, so no other test may
share the process. `make test` runs the shorter half of them, `make test-all` all.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent / "interpreted"


@pytest.mark.long
def test_interpreted_kernels_compute_what_they_should(pytestconfig: pytest.Config) -> None:
    pytest.importorskip("triton", reason="triton is not installed: it comes with torch for CUDA")
    run = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", str(FOLDER), "-q", "-p", "no:cacheprovider"),
            *("-m", pytestconfig.option.markexpr),
        ],
        env={**os.environ, "TRITON_INTERPRET": "1"},
        cwd=FOLDER.parents[3],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert " passed" in run.stdout
    assert " skipped" not in run.stdout
