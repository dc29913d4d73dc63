"""Experiment: speed of the fused engine, compared with the reference engine and torch's own layers.

Figures are ratios of two medians, interleaved in one run, because seconds depend on the machine and
its load. Only the reference engine is timed once per step, because it is slow. The reference that
anybody can check is a training step of `torch.nn.GRU(50, 50, num_layers=3)` with embedding,
readout, clipping and Adam.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np

from sparsebench.experiments.random_wiring.cases import WiredCase
from sparsebench.parts.examples import Examples
from sparsebench.parts.pruning import prune
from sparsebench.parts.sparse_layout import SparseLayout, sparse_layout
from sparsebench.parts.weights import initial_weights, prunable
from sparsebench.values.graphs import PUBLISHED_FAMILIES, GraphSpec
from sparsebench.values.protocol import TARGETS, Architecture, Training
from sparsebench.values.seeding import stream
from sparsebench.values.semantics import PUBLISHED

STEPS = 30
"""Letters per string: close to the padded length of most batches of Reber strings."""

GRAPHS = 24
"""Wired networks that means are taken over, half of each family."""

BATCHES = 4
"""Batches that a population trains on in one call; in training, a call covers an epoch."""


@dataclass(frozen=True)
class Comparison:
    """Times of two implementations of the same work, interleaved.

    Attributes
    ----------
    ours, theirs
        Median seconds of the fused engine and of the other implementation.
    multiply_adds
        Multiply-adds of the fused engine in that time.
    """

    ours: float
    theirs: float
    multiply_adds: int = 0

    @property
    def speed_up(self) -> float:
        """The other implementation's time over that of the fused engine."""
        return self.theirs / self.ours

    @property
    def rate(self) -> float:
        """Multiply-adds per second."""
        return self.multiply_adds / self.ours


def strings_of_one_length(count: int, steps: int = STEPS) -> Examples:
    """Random letters with random labels: their content does not affect speed."""
    random = stream("speed", count, steps)
    codes = random.randint(ord("A"), ord("Z") + 1, (count, steps)).astype(np.uint8)
    lengths = np.full(count, steps, np.int64)
    return Examples(codes, lengths, random.randint(0, 2, count).astype(np.int64))


def wired_plans(variant: str, count: int = GRAPHS) -> list[SparseLayout]:
    """Sparse layouts of graphs drawn as in the thesis, half from each family."""
    from sparsebench.experiments.random_wiring.network import wired_network

    graphs = [
        GraphSpec(family, seed)
        for seed in range(-(-count // len(PUBLISHED_FAMILIES)))
        for family in PUBLISHED_FAMILIES
    ]
    networks = [wired_network(WiredCase(variant, graph, graph.seed)) for graph in graphs[:count]]
    return [sparse_layout(network.layout, network.masks) for network in networks]


def pruned_plans(architecture: Architecture) -> list[SparseLayout]:
    """Thirty pruned copies of one base model: three targets, 10 to 100 percent."""
    weights = initial_weights(architecture.layout, seed=0)
    return [
        sparse_layout(
            architecture.layout,
            prune(weights, prunable(architecture.layout, target), percent, PUBLISHED),
        )
        for target in TARGETS
        for percent in range(10, 101, 10)
    ]


def fused_step(
    plans: list[SparseLayout],
    batch: int,
    threads: int = 1,
    device: str = "cpu",
    batches: int = BATCHES,
) -> Callable[[], None]:
    """`batches` training steps of all networks of a population on the fused engine of a device."""
    from sparsebench.engines.devices import population

    weights = [initial_weights(each.layout, seed) for seed, each in enumerate(plans)]
    training = Training(batch_size=batch)
    networks = population(plans, weights, PUBLISHED.readout, training, device, threads)
    strings, order = strings_of_one_length(batches * batch), np.arange(batches * batch)

    def step() -> None:
        networks.train(strings, [order] * len(plans))

    return step


def torch_step(architecture: Architecture, batch: int, device: str = "cpu") -> Callable[[], None]:
    """One training step of a base model on torch's recurrent layers; waits for the device."""
    import torch

    from sparsebench.engines.training import start, training_steps
    from sparsebench.values.case import BaseCase

    case = BaseCase(architecture, 0, training=Training(epochs=10**6, batch_size=batch))
    steps = training_steps(start(case, device), strings_of_one_length(batch), case)

    def step() -> None:
        next(steps)
        if device == "cuda":
            torch.cuda.synchronize()

    return step


def reference_step(each: SparseLayout, batch: int) -> Callable[[], None]:
    """One training step of a network on the reference engine."""
    import torch

    from sparsebench.engines.batches import batch as to_tensors
    from sparsebench.engines.reference import ReferenceNetwork, train_step

    weights = initial_weights(each.layout, seed=0)
    network = ReferenceNetwork(each.layout, weights, each.masks, PUBLISHED.readout)
    optimiser = torch.optim.Adam(network.parameters.values())
    strings = strings_of_one_length(batch)
    codes, lengths, labels = to_tensors(strings, slice(batch), STEPS, "cpu")

    def step() -> None:
        train_step(network, optimiser, codes, lengths, labels, Training().clip_norm)

    return step


def multiply_adds(plans: list[SparseLayout], batch: int) -> int:
    """Recurrent multiply-adds of one training step: forward, backward and weight gradient.

    Pruned weights that a layout still lists, in matrices that keep most weights, are counted too.
    """
    return 3 * sum(each.kept for each in plans) * batch * STEPS


def sgemm_rate(rounds: int = 20) -> float:
    """Multiply-adds per second of a float32 matrix product on one thread: the upper bound."""
    import torch

    size = 512
    one, other = torch.rand(size, size), torch.rand(size, size)
    return size**3 / interleaved([lambda: one @ other], rounds)[0]


def interleaved(passes: list[Callable[[], object]], rounds: int) -> list[float]:
    """Median seconds of each function, interleaved, after one warm-up call each."""
    from sparsebench.engines.reproducibility import reproducible

    seconds: list[list[float]] = [[] for _ in passes]
    with reproducible():
        for each in passes:
            each()
        for _ in range(rounds):
            for each, taken in zip(passes, seconds, strict=True):
                begin = time.perf_counter()
                each()
                taken.append(time.perf_counter() - begin)
    return [median(taken) for taken in seconds]


def wired_against_torch(variant: str, rounds: int = 15, batch: int = 128) -> Comparison:
    """A training step of the mean wired network, compared with the reference; one thread each."""
    plans = wired_plans(variant)
    ours, theirs = interleaved(
        [fused_step(plans, batch), torch_step(Architecture("gru"), batch)], rounds
    )
    work = multiply_adds(plans, batch) // len(plans)
    return Comparison(ours / BATCHES / len(plans), theirs, work)


def wired_against_reference(variant: str, rounds: int = 5, batch: int = 128) -> Comparison:
    """The same networks on the reference engine: one step each, after one warm-up step."""
    plans = wired_plans(variant)
    theirs = sum(interleaved([reference_step(each, batch)], 1)[0] for each in plans)
    (ours,) = interleaved([fused_step(plans, batch)], rounds)
    return Comparison(ours / BATCHES / len(plans), theirs / len(plans))


def two_threads_against_one(variant: str, rounds: int = 15, batch: int = 128) -> Comparison:
    """The same population on two threads, compared with one."""
    plans = wired_plans(variant)
    ours, theirs = interleaved(
        [fused_step(plans, batch, threads=2), fused_step(plans, batch)], rounds
    )
    return Comparison(ours, theirs)


def pruned_against_torch(architecture: Architecture, rounds: int = 15) -> Comparison:
    """Thirty pruned copies in one population, compared with torch's layers one after another."""
    batch, plans = Training().batch_size, pruned_plans(architecture)
    ours, theirs = interleaved([fused_step(plans, batch), torch_step(architecture, batch)], rounds)
    return Comparison(ours / BATCHES, theirs * len(plans), multiply_adds(plans, batch))


def dense_against_torch(architecture: Architecture, rounds: int = 25) -> Comparison:
    """The dense base model on the fused engine, compared with torch."""
    batch, plans = Training().batch_size, [sparse_layout(architecture.layout)]
    ours, theirs = interleaved([fused_step(plans, batch), torch_step(architecture, batch)], rounds)
    return Comparison(ours / BATCHES, theirs, multiply_adds(plans, batch))


def forward_against_torch(
    architecture: Architecture, percent: int, batch: int, rounds: int = 50
) -> Comparison:
    """A forward pass with both matrices pruned, compared with the dense torch layer's."""
    from sparsebench.engines.timing import forward_pass, sparse_forward_pass

    weights = initial_weights(architecture.layout, seed=0)
    masks = prune(weights, prunable(architecture.layout, "both"), percent, PUBLISHED)
    pruned, strings = sparse_layout(architecture.layout, masks), strings_of_one_length(batch)
    sparse = sparse_forward_pass(pruned, weights, PUBLISHED.readout, strings, batch, "cpu")
    dense, _ = forward_pass(architecture, weights, PUBLISHED.readout, strings, batch, "cpu")
    ours, theirs = interleaved([sparse, dense], rounds)
    return Comparison(ours, theirs)


def population_megabytes(variant: str, count: int = 200, batch: int = 128) -> float:
    """Resident memory that training a population adds to a fresh process, in MB.

    It is read once the loop is loaded, before the population is made, and again after its first
    steps, when everything is allocated. Linux only.
    """
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(_growth, variant, count, batch).result()


def _growth(variant: str, count: int, batch: int) -> float:
    fused_step(wired_plans(variant, 2), batch)()
    before = _resident_bytes()
    step = fused_step(wired_plans(variant, count), batch, threads=2)
    step()
    return (_resident_bytes() - before) / 2**20


def _resident_bytes() -> int:
    pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")
