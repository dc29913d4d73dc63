"""Compile loops in a second process before they are needed, while this one is busy.

    python -m sparsebench.engines.fused.ahead gru:32 gru:32:gradient lstm:128

compiles the loops that train and evaluate these cells in batches of these sizes, or that take
gradients by all weights, and caches them on disk. A process that needs one while it is being
compiled waits for it (`sparsebench.engines.fused.first_use`).
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from sparsebench.engines.fused import kernels
from sparsebench.engines.fused.first_use import mark_of
from sparsebench.engines.fused.loop_spec import LoopSpec, lanes_for


class Loop(NamedTuple):
    """A loop to compile.

    Attributes
    ----------
    variant
        The cell type.
    lanes
        Strings in one vector (`sparsebench.engines.fused.loop_spec.lanes_for`).
    gradient
        Whether it takes gradients by all weights of networks whose masks change; otherwise it trains
        and evaluates.
    """

    variant: str
    lanes: int
    gradient: bool = False

    @property
    def spec(self) -> LoopSpec:
        """What it is compiled for."""
        return LoopSpec(self.variant, lanes=self.lanes)

    @property
    def mark(self) -> Path | None:
        """The file that marks it as compiled; None if compiled loops are not cached."""
        return mark_of(kernels.block_gradient if self.gradient else kernels.train, self.spec)


def start(loops: Iterable[Loop]) -> subprocess.Popen[bytes] | None:
    """Start to compile in another process, in this order; None if all loops are cached.

    The caller has to stop the process. Loops that it does not finish are compiled here when they
    are needed, so its output is discarded.
    """
    names = [
        f"{loop.variant}:{loop.lanes}{':gradient' if loop.gradient else ''}"
        for loop in loops
        if loop.mark is None or not loop.mark.exists()
    ]
    if not names:
        return None
    command = [sys.executable, "-m", "sparsebench.engines.fused.ahead", *names]
    return subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def compile_loop(loop: Loop) -> None:
    """Use a loop for the smallest network, which compiles it or loads it from disk."""
    from sparsebench.engines.fused.changing import ChangingPopulation
    from sparsebench.parts.examples import Examples
    from sparsebench.parts.sparse_layout import sparse_layout
    from sparsebench.parts.weights import initial_weights
    from sparsebench.values.protocol import Architecture, Training

    layout = Architecture(loop.variant, layers=1, hidden_size=1, symbols=2).layout
    training = Training(batch_size=loop.lanes)
    network = ChangingPopulation(
        [sparse_layout(layout)], [initial_weights(layout, 0)], "padded", training
    )
    one = Examples(np.zeros((1, 1), np.uint8), np.ones(1, np.int64), np.zeros(1, np.int64))
    if loop.gradient:
        network.gradient(0, one, np.zeros(1, np.int64))
    else:
        network.train(one, [np.zeros(1, np.int64)])
        network.logits(one, training.batch_size)
    if loop.mark is not None:
        loop.mark.touch()


if __name__ == "__main__":
    for name in sys.argv[1:]:
        chosen, strings, *gradient = name.split(":")
        compile_loop(Loop(chosen, lanes_for(int(strings)), bool(gradient)))
