"""Settings of torch under which figures are measured."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def reproducible() -> Iterator[None]:
    """Run torch reproducibly: on one thread; on CUDA with sums of fixed order and full precision.

    One thread fixes the order of sums everywhere. Networks of this size gain nothing from a second
    thread, and lose much if another process uses its core; work is divided among processes instead.
    On CUDA, TF32 would round products to 10 bits, and cuDNN's fastest algorithms add in any order.
    The previous settings are restored at the end.
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
