"""Loops compiled ahead of need, by a process of their own, while this one is busy with others.

    python -m sparsebench.engines.fused.ahead gru:32 lstm:128

compiles the loops that train and evaluate these cells in batches of these sizes, and leaves them on
disk, where whoever needs them next finds them. Who comes while they are being compiled waits for them
(`sparsebench.engines.fused.first_use`).
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable

import numpy as np

from sparsebench.engines.fused import kernels
from sparsebench.engines.fused.first_use import mark_of
from sparsebench.engines.fused.species import Species, lanes_for

Wanted = tuple[str, int]
"""A cell, and the size of the batches in which it is trained."""


def start(wanted: Iterable[Wanted]) -> subprocess.Popen[bytes] | None:
    """Begin to compile in another process, in this order; None if all was compiled before.

    The process is the caller's to stop. What it does not get done is compiled here when it is needed,
    so nobody reads what it prints.
    """
    names = [f"{variant}:{size}" for variant, size in wanted if not _is_compiled(variant, size)]
    if not names:
        return None
    command = [sys.executable, "-m", "sparsebench.engines.fused.ahead", *names]
    return subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def compile_loops(variant: str, batch_size: int) -> None:
    """Train and evaluate the smallest network, by which its loops are compiled or found on disk."""
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
    mark = mark_of(kernels.train, Species(variant, lanes=lanes_for(batch_size)))
    if mark is not None:
        mark.touch()


def _is_compiled(variant: str, batch_size: int) -> bool:
    mark = mark_of(kernels.train, Species(variant, lanes=lanes_for(batch_size)))
    return mark is not None and mark.exists()


if __name__ == "__main__":
    for name in sys.argv[1:]:
        chosen, _, size = name.partition(":")
        compile_loops(chosen, int(size))
