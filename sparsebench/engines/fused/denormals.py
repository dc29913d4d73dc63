"""Numbers below the smallest normal float, which processors compute a hundred times slower."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_denormals() -> Iterator[None]:
    """Count such numbers as zero in this thread, where the processor can.

    Networks that have learned everything have gradients whose squares, in Adam's second moment, are
    that small: RNN-ReLU models were trained again up to eight times as fast without them, to the same
    weights (`validation/performance/measure_denormals.py`).
    """
    import torch  # which knows how to ask each kind of processor

    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(False)
