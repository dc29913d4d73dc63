"""What to time for a cell: the forward pass of its network, and of the dense one beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sparsebench.experiments.bench import Bench
from sparsebench.experiments.pruning import pruned_weights
from sparsebench.values.case import BaseCase, Case, PruningCase

BATCH_SIZE = 128
"""Strings per timed pass, or all if there are fewer: the batch size of the thesis's wired networks."""


@dataclass(frozen=True)
class ForwardPasses:
    """Two prepared passes over the same batch.

    Attributes
    ----------
    network
        The network of the cell; for a base model, the dense one.
    dense
        The dense network it was made from.
    batch_size, steps
        Strings and time steps of the batch.
    density
        The share of the target's weights that the cell's network keeps, 0-1.
    """

    network: Callable[[], None]
    dense: Callable[[], None]
    batch_size: int
    steps: int
    density: float


def forward_passes(case: Case, bench: Bench) -> ForwardPasses:
    """Prepare the passes of a base or pruning case on the run's device.

    Raises
    ------
    TypeError
        If the case has no network to run.
    """
    from sparsebench.engines.timing import forward_pass

    if not isinstance(case, BaseCase | PruningCase):
        raise TypeError(f"a {type(case).__name__} has no forward pass to time")
    base = case.base if isinstance(case, PruningCase) else case
    dense_weights = bench.model(base).weights
    weights, density = dense_weights, 1.0
    if isinstance(case, PruningCase):
        weights, kept, total = pruned_weights(case, dense_weights)
        density = kept / total
    test = bench.dataset(base.data).test
    batch_size = min(BATCH_SIZE, len(test))
    passes = [
        forward_pass(
            base.architecture,
            chosen,
            base.semantics.readout,
            test,
            batch_size,
            bench.settings.device,
        )
        for chosen in (weights, dense_weights)
    ]
    (network, steps), (dense, _) = passes
    return ForwardPasses(network, dense, batch_size, steps, density)
