"""Where kernels cannot run, the error says what is missing and what to do."""

from __future__ import annotations

import sys

import pytest
import torch

from sparsebench.engines.gpu.triton_kernels import load_kernels, warps_for


def test_missing_triton_is_named_with_what_brings_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "triton", None)
    with pytest.raises(RuntimeError, match=r"need triton, .*install a build of torch .*--gpu"):
        load_kernels(torch.device("cuda"), 32)


def test_an_old_triton_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    old = type(sys)("triton")
    old.__version__ = "3.1.0"  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "triton", old)
    with pytest.raises(RuntimeError, match=r"3\.6 or newer: found 3\.1\.0"):
        load_kernels(torch.device("cuda"), 32)


def test_a_missing_gpu_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("triton", reason="triton is not installed: it comes with torch for CUDA")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(RuntimeError, match="torch sees"):
        load_kernels(torch.device("cuda"), 32)


def test_every_lane_has_a_thread() -> None:
    assert [warps_for(lanes) for lanes in (4, 32, 64, 128)] == [1, 1, 2, 4]
