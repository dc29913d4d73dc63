"""Loading of the kernels: Triton is imported only if a GPU is used."""

from __future__ import annotations

from types import ModuleType

import torch

from sparsebench.engines.compiled_code import give_triton_a_folder


def load_kernels(device: torch.device, lanes: int) -> ModuleType:
    """The module of kernels with one thread for each lane, for a device that can run them.

    Raises
    ------
    RuntimeError
        If Triton is missing or too old, or torch does not see the device as a GPU.
    ValueError
        If `lanes` do not fill whole warps.
    """
    if prepare_triton(device) and lanes % WARP:
        raise ValueError(f"lanes is {lanes}: give a multiple of a warp's {WARP} threads")
    from sparsebench.engines.gpu import kernels

    return kernels


def prepare_triton(device: torch.device) -> bool:
    """Whether kernels of Triton are compiled for a device; elsewhere an interpreter runs them.

    Raises
    ------
    RuntimeError
        As for `load_kernels`.
    """
    remedy = (
        "install a build of torch with CUDA, which brings triton 3.6 along, or run without --gpu"
    )
    try:
        import triton
    except ImportError as error:
        raise RuntimeError(
            f"the fused GPU engine was asked for, and its kernels need triton, which cannot be "
            f"imported ({error}): {remedy}"
        ) from error
    if tuple(map(int, triton.__version__.split(".")[:2])) < (3, 6):
        raise RuntimeError(
            f"the fused GPU engine was asked for, and its kernels need triton 3.6 or newer: found "
            f"{triton.__version__}; {remedy}"
        )
    compiled = not triton.knobs.runtime.interpret
    if compiled:
        if device.type != "cuda" or not torch.cuda.is_available():
            raise RuntimeError(
                f"the fused GPU engine was asked for on device {device}: torch sees "
                f"{torch.cuda.device_count()} CUDA devices and has CUDA {torch.version.cuda}; {remedy}"
            )
        give_triton_a_folder()
    return compiled


WARP = 32
"""Threads of a warp on NVIDIA's GPUs."""


def warps_for(lanes: int) -> int:
    """Warps of a program with one thread for each lane."""
    return max(1, lanes // WARP)
