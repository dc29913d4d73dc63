"""The forward pass of a case's network, and of a dense one beside it, to be timed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import numpy as np

from sparsebench.harness.context import Bench
from sparsebench.harness.networks import Network
from sparsebench.harness.registry import measurement_of
from sparsebench.harness.trained_models import network_and_model
from sparsebench.parts.examples import Examples
from sparsebench.parts.sparse_layout import SparseLayout, sparse_layout
from sparsebench.parts.weights import initial_weights, recurrent_weights
from sparsebench.values.case import BaseCase, TrainedCase, origin_of
from sparsebench.values.identity import Case
from sparsebench.values.masks import Masks, Weights, kept_of, masked
from sparsebench.values.protocol import VARIANTS, Architecture, ReberStrings

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
        The network of the item; on a CPU through its sparse rows. On a GPU a pruned one runs through
        torch's layers with zeros in them, a wired one through its sparse rows.
    dense
        The dense network that it was made from, or for a wired one the thesis's base model of the
        same variant, through torch's layers.
    batch_size, steps
        Strings and time steps of the batch.
    """

    network: Callable[[], np.ndarray]
    dense: Callable[[], np.ndarray]
    batch_size: int
    steps: int


@dataclass(frozen=True)
class ForwardPasses:
    """The passes of an item.

    Attributes
    ----------
    batch, single
        Over a batch, and over its first string alone.
    data
        Where the strings are from.
    density
        0-1: of a pruned model, the share of the target's weights that it keeps; of a wired network,
        the share that it has of the recurrent weights of wholly connected layers.
    """

    batch: Pass
    single: Pass
    density: float
    data: ReberStrings


@dataclass(frozen=True, eq=False)
class Subject:
    """A network to time and the dense one beside it.

    Attributes
    ----------
    plan, weights
        The network.
    dense, dense_weights
        The dense one, on torch's layers.
    readout
        Of both.
    data
        Where the strings are from.
    density
        What `ForwardPasses` tells.
    batch_size
        Strings per timed pass.
    """

    plan: SparseLayout
    weights: Weights
    dense: Architecture
    dense_weights: Weights
    readout: str
    data: ReberStrings
    density: float
    batch_size: int = BATCH_SIZE

    @property
    def stacked(self) -> bool:
        """Whether torch's layers can run the network too."""
        return self.plan.layout == self.dense.layout


def forward_passes(case: Case, bench: Bench) -> ForwardPasses:
    """Prepare the passes of a case's network on the run's device.

    Raises
    ------
    TypeError
        If no forward passes are timed of such cases.
    ArithmeticError
        If the sparse rows do not say what torch's layers say of the same network.
    """
    measurement = measurement_of(case)
    if measurement.forward is None:
        raise TypeError(
            f"forward passes of a {type(case).__name__} are not timed: leave time_forward out of the "
            "benchmark"
        )
    subject = measurement.forward(case, bench)
    strings = bench.dataset(subject.data).test
    batch, single = (
        _passes(subject, strings, min(size, len(strings)), bench)
        for size in (subject.batch_size, 1)
    )
    return ForwardPasses(batch, single, subject.density, subject.data)


def yardsticks(data: ReberStrings, batch_size: int, bench: Bench) -> list[Callable[[], np.ndarray]]:
    """Passes of the dense base models of all variants on torch's layers, over a batch of some data.

    Times are gated in units of theirs. One alone would not do: a process may happen to run one of them
    an eighth slower than the next process does, for all its life.
    """
    from sparsebench.engines.timing import forward_pass

    strings, device = bench.dataset(data).test, bench.settings.device
    passes = []
    for variant in VARIANTS:
        dense = Architecture(variant)
        weights = initial_weights(dense.layout, seed=0)
        run, _ = forward_pass(dense, weights, "padded", strings, batch_size, device)
        passes.append(run)
    return passes


def stacked(base: BaseCase, weights: Weights, masks: Masks) -> Subject:
    """A base model, beside which itself is timed as it was before it was pruned.

    Parameters
    ----------
    base
        The model.
    weights
        Its trained weights.
    masks
        Of the arrays that are pruned; its density is the share of their weights that is kept.
    """
    kept, total = kept_of(masks)
    return Subject(
        plan=sparse_layout(base.architecture.layout, masks),
        weights=masked(weights, masks),
        dense=base.architecture,
        dense_weights=weights,
        readout=base.semantics.readout,
        data=base.data,
        density=kept / total if masks else 1.0,
    )


def sparse(
    case: TrainedCase, network: Network, weights: Weights, dense: Architecture | None = None
) -> Subject:
    """A network of any structure, beside which a dense model is timed: by default of its variant."""
    dense = dense or getattr(origin_of(case), "architecture", None) or Architecture(case.variant)
    kept, total = recurrent_weights(network.layout, network.masks)
    return Subject(
        plan=sparse_layout(network.layout, network.masks),
        weights=weights,
        dense=dense,
        dense_weights=initial_weights(dense.layout, seed=0),
        readout=case.semantics.readout,
        data=cast(ReberStrings, case.data),  # of others, no measurement names passes
        density=kept / total,
    )


def trained(case: TrainedCase, bench: Bench) -> Subject:
    """The trained network of a case."""
    network, model = network_and_model(case, bench)
    return sparse(case, network, model.weights)


def _passes(subject: Subject, strings: Examples, batch_size: int, bench: Bench) -> Pass:
    from sparsebench.engines.timing import forward_pass, sparse_forward_pass

    device, readout = bench.settings.device, subject.readout
    dense, steps = forward_pass(
        subject.dense, subject.dense_weights, readout, strings, batch_size, device
    )
    if subject.stacked:
        network, _ = forward_pass(
            subject.dense, subject.weights, readout, strings, batch_size, device
        )
    if device == "cpu" or not subject.stacked:
        sparse = sparse_forward_pass(
            subject.plan, subject.weights, readout, strings, batch_size, device
        )
        if subject.stacked:
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
