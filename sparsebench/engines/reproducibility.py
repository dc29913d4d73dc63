"""The state of torch under which figures are measured."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def reproducible() -> Iterator[None]:
    """Run torch so that figures repeat: on one thread, and on CUDA with fixed, full-precision sums.

    On one thread, sums are taken in one order wherever this runs. Networks of this size gain nothing
    from a second one, and lose much where another process wants the core; work is shared out over
    processes instead. On CUDA, TF32 would round products to 10 bits, and cuDNN's fastest algorithms
    add in any order. What was set before is set again at the end.
    """
    threads = torch.get_num_threads()
    cudnn = torch.backends.cudnn
    products = torch.backends.cuda.matmul.allow_tf32
    torch.set_num_threads(1)
    torch.backends.cuda.matmul.allow_tf32 = False
    try:
        with cudnn.flags(
            enabled=cudnn.enabled, benchmark=False, deterministic=True, allow_tf32=False
        ):
            yield
    finally:
        torch.set_num_threads(threads)
        torch.backends.cuda.matmul.allow_tf32 = products
