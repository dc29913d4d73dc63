"""Compile loops in a second process before they are needed, while this one is busy.

    python -m sparsebench.engines.fused.ahead gru:32 lstm:128

compiles the loops that train and evaluate these cells in batches of these sizes, and caches them on
disk. A process that needs one while it is being compiled waits for it
(`sparsebench.engines.fused.first_use`).
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable

import numpy as np

from sparsebench.engines.fused import kernels
from sparsebench.engines.fused.first_use import mark_of
from sparsebench.engines.fused.loop_spec import LoopSpec, lanes_for

Loop = tuple[str, int]
"""A cell type, and the batch size of its training."""


def start(loops: Iterable[Loop]) -> subprocess.Popen[bytes] | None:
    """Start to compile in another process, in this order; None if all loops are cached.

    The caller has to stop the process. Loops that it does not finish are compiled here when they
    are needed, so its output is discarded.
    """
    names = [f"{variant}:{size}" for variant, size in loops if not _is_compiled(variant, size)]
    if not names:
        return None
    command = [sys.executable, "-m", "sparsebench.engines.fused.ahead", *names]
    return subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def compile_loops(variant: str, batch_size: int) -> None:
    """Train and evaluate the smallest network, which compiles its loops or loads them from disk."""
    from sparsebench.engines.fused.population import CpuPopulation
    from sparsebench.parts.examples import Examples
    from sparsebench.parts.sparse_layout import sparse_layout
    from sparsebench.parts.weights import initial_weights
    from sparsebench.values.protocol import Architecture, Training

    layout = Architecture(variant, layers=1, hidden_size=1, symbols=2).layout
    training = Training(batch_size=batch_size)
    network = CpuPopulation(
        [sparse_layout(layout)], [initial_weights(layout, 0)], "padded", training
    )
    one = Examples(np.zeros((1, 1), np.uint8), np.ones(1, np.int64), np.zeros(1, np.int64))
    network.train(one, [np.zeros(1, np.int64)])
    network.logits(one, batch_size)
    mark = mark_of(kernels.train, LoopSpec(variant, lanes=lanes_for(batch_size)))
    if mark is not None:
        mark.touch()


def _is_compiled(variant: str, batch_size: int) -> bool:
    mark = mark_of(kernels.train, LoopSpec(variant, lanes=lanes_for(batch_size)))
    return mark is not None and mark.exists()


if __name__ == "__main__":
    for name in sys.argv[1:]:
        chosen, _, size = name.partition(":")
        compile_loops(chosen, int(size))
