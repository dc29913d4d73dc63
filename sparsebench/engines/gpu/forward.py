"""Ways to run the forward pass of one network on a GPU."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor

from sparsebench.engines.gpu.batched import BatchedPopulation, can_batch
from sparsebench.engines.gpu.graphs import capture
from sparsebench.engines.gpu.population import GpuPopulation
from sparsebench.engines.gpu.row_blocks import BLOCK_ROWS, pass_by_blocks
from sparsebench.engines.timing import ForwardPass
from sparsebench.parts.examples import Examples
from sparsebench.parts.sparse_layout import SparseLayout
from sparsebench.values.masks import Weights
from sparsebench.values.protocol import Training

T = TypeVar("T")

MULTIPLIES_TF32 = (8, 0)
"""The lowest compute capability whose tensor cores multiply what `row_blocks_kernel` gives them."""


def passes(
    plan: SparseLayout, weights: Weights, readout: str, examples: Examples, device: str
) -> list[ForwardPass]:
    """Sparse rows and, of a stack, batched products and blocks of rows, both captured as graphs.

    Parameters
    ----------
    plan, weights, readout
        The network.
    examples
        The batch.
    device
        `cuda`; on `cpu`, which tests use, nothing is captured and there are no rows.
    """
    training = Training(batch_size=len(examples))

    def by_rows() -> ForwardPass:
        network = GpuPopulation([plan], [weights], readout, training, device)
        return ForwardPass("sparse rows", lambda: network.logits(examples, len(examples))[0])

    def by_products() -> ForwardPass:
        network = BatchedPopulation([plan], [weights], readout, training, device)
        run = network.prepared(examples, len(examples))
        return ForwardPass("batched products, captured", captured(lambda: run()[0], device))

    if not can_batch([plan]):
        return [by_rows()] if device != "cpu" else []
    found = [by_products()]
    if device != "cpu":
        found += _able(by_rows)
        zeros = plan.unpack(plan.pack(weights))
        multiplies = torch.cuda.get_device_capability(device) >= MULTIPLIES_TF32
        for rows in BLOCK_ROWS if multiplies else ():
            for run in _able(partial(pass_by_blocks, plan, zeros, readout, examples, device, rows)):
                found.append(ForwardPass(f"blocks of {rows} rows, captured", captured(run, device)))
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
    launch, result = capture(lambda: _eagerly(run), torch.device(device))

    def run_and_fetch() -> np.ndarray:
        launch()
        return result.cpu().numpy()

    return run_and_fetch


def _able(make: Callable[[], T]) -> list[T]:
    """What is made, or nothing where Triton is missing or inputs are vectors."""
    try:
        return [make()]
    except (ImportError, RuntimeError, ValueError):
        return []


def _eagerly(run: Callable[[], Tensor]) -> Tensor:
    with torch.no_grad():
        return run()
