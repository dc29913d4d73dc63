"""What to time for a cell: the forward pass of its network, and of the dense one beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sparsebench.experiments.bench import Bench
from sparsebench.experiments.pruning import kept_of, pruning_masks
from sparsebench.parts.plan import plan
from sparsebench.parts.strings import LabelledStrings
from sparsebench.values.case import BaseCase, Case, PruningCase
from sparsebench.values.masks import Masks, Weights, masked

BATCH_SIZE = 128
"""Strings per timed pass, or all if there are fewer: the batch size of the thesis's wired networks."""

AGREEMENT = 1e-3
"""How far the logits of the two engines may lie apart, relative to the largest: rounding, no more."""


@dataclass(frozen=True)
class Pass:
    """A network's forward pass and the dense torch layers', over the same batch.

    Attributes
    ----------
    network
        The network of the cell; on a CPU through its sparse rows, on a GPU through torch's layers
        with zeros in them.
    dense
        The dense network that it was made from, through torch's layers.
    batch_size, steps
        Strings and time steps of the batch.
    """

    network: Callable[[], np.ndarray]
    dense: Callable[[], np.ndarray]
    batch_size: int
    steps: int


@dataclass(frozen=True)
class ForwardPasses:
    """The passes of a cell.

    Attributes
    ----------
    batch, single
        Over a batch, and over its first string alone.
    density
        The share of the target's weights that the cell's network keeps, 0-1.
    """

    batch: Pass
    single: Pass
    density: float


def forward_passes(case: Case, bench: Bench) -> ForwardPasses:
    """Prepare the passes of a base or pruning case on the run's device.

    Raises
    ------
    TypeError
        If the case has no network to run.
    ArithmeticError
        If the sparse rows do not say what torch's layers say of the same network.
    """
    if not isinstance(case, BaseCase | PruningCase):
        raise TypeError(f"a {type(case).__name__} has no forward pass to time")
    base = case.base if isinstance(case, PruningCase) else case
    dense = bench.model(base).weights
    masks: Masks = {}
    density = 1.0
    if isinstance(case, PruningCase):
        masks = pruning_masks(case, dense)
        kept, total = kept_of(masks)
        density = kept / total
    weights = masked(dense, masks)
    test = bench.dataset(base.data).test
    batch, single = (
        _passes(base, weights, masks, dense, test, min(size, len(test)), bench.settings.device)
        for size in (BATCH_SIZE, 1)
    )
    return ForwardPasses(batch, single, density)


def _passes(
    base: BaseCase,
    weights: Weights,
    masks: Masks,
    dense_weights: Weights,
    strings: LabelledStrings,
    batch_size: int,
    device: str,
) -> Pass:
    from sparsebench.engines.fused.forward import sparse_forward_pass
    from sparsebench.engines.timing import forward_pass

    architecture, readout = base.architecture, base.semantics.readout
    dense, steps = forward_pass(architecture, dense_weights, readout, strings, batch_size, device)
    network, _ = forward_pass(architecture, weights, readout, strings, batch_size, device)
    if device == "cpu":
        structure = plan(architecture.layout, masks)
        sparse = sparse_forward_pass(structure, weights, readout, strings, batch_size)
        _check(sparse(), network())
        network = sparse
    return Pass(network, dense, batch_size, steps)


def _check(ours: np.ndarray, theirs: np.ndarray) -> None:
    apart = float(np.abs(ours - theirs).max() / max(1.0, np.abs(theirs).max()))
    if not apart <= AGREEMENT:
        raise ArithmeticError(
            f"the logits through sparse rows differ from those of torch's layers by {apart:.2g} of the "
            f"largest, and {AGREEMENT} is allowed: the time of another network is worth nothing"
        )
