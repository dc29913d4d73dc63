"""Ways to run the forward pass of one network on a GPU."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from sparsebench.engines.gpu.batched import BatchedPopulation, can_batch
from sparsebench.engines.gpu.population import GpuPopulation
from sparsebench.engines.timing import ForwardPass
from sparsebench.parts.examples import Examples
from sparsebench.parts.sparse_layout import SparseLayout
from sparsebench.values.masks import Weights
from sparsebench.values.protocol import Training


def passes(
    plan: SparseLayout, weights: Weights, readout: str, examples: Examples, device: str
) -> list[ForwardPass]:
    """Sparse rows and, of a stack, batched products captured as a graph.

    Parameters
    ----------
    plan, weights, readout
        The network.
    examples
        The batch.
    device
        `cuda`; on `cpu`, which tests use, nothing is captured and there are no rows.
    """
    found = []
    training = Training(batch_size=len(examples))
    if device != "cpu":
        rows = GpuPopulation([plan], [weights], readout, training, device)
        found.append(ForwardPass("sparse rows", lambda: rows.logits(examples, len(examples))[0]))
    if can_batch([plan]):
        network = BatchedPopulation([plan], [weights], readout, training, device)
        run = network.prepared(examples, len(examples))
        found.append(ForwardPass("batched products, captured", captured(lambda: run()[0], device)))
    return found


def captured(run: Callable[[], Tensor], device: str) -> Callable[[], np.ndarray]:
    """What computes the same array on a GPU by launching one graph, and brings it here.

    Parameters
    ----------
    run
        Computes it from tensors that stay where they are; it is called a few times first.
    device
        On `cpu`, `run` itself is called.
    """
    if device == "cpu":
        return lambda: _eagerly(run).numpy()
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(3):
            _eagerly(run)
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        result = _eagerly(run)

    def launch() -> np.ndarray:
        graph.replay()
        return result.cpu().numpy()

    return launch


def _eagerly(run: Callable[[], Tensor]) -> Tensor:
    with torch.no_grad():
        return run()
