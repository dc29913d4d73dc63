"""Work that a GPU does again and again, captured as a graph."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import torch

T = TypeVar("T")

WARMED_UP = 3
"""Times that work is done before it is captured, as torch asks for."""


def capture(
    run: Callable[[], T],
    device: torch.device,
    pool: Any = None,
    undo: Callable[[], None] = lambda: None,
) -> tuple[Callable[[], None], T]:
    """Capture work on a GPU.

    Parameters
    ----------
    run
        Does the work, with tensors that stay where they are; the graph keeps it, and so them.
    device
        The GPU.
    pool
        Where the graph's own tensors lie: that of graphs which are never launched at the same time and
        leave nothing there.
    undo
        Undoes what `run` did, each time before it is captured.

    Returns
    -------
    launch : callable
        Does the work once more.
    result : object
        What `run` returned: tensors that every launch fills.
    """
    with torch.cuda.device(device):
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            for _ in range(WARMED_UP):
                run()
                undo()
        torch.cuda.current_stream().wait_stream(side)
        # cuBLAS keeps its workspace for all captures, in the first graph's pool: it would go with that
        # graph. The next product makes another one.
        torch.cuda.synchronize()
        torch._C._cuda_clearCublasWorkspaces()
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, pool=pool):
            result = run()

    def launch(kept: object = run) -> None:
        graph.replay()

    return launch, result
