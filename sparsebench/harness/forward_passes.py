"""Forward passes of a case's network and of a dense network, to be timed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

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
from sparsebench.values.protocol import VARIANTS, Architecture
from sparsebench.values.tasks import Task

BATCH_SIZE = 128
"""Strings per timed pass, or all strings if there are fewer: the thesis's batch size for wired
networks."""

AGREEMENT = 1e-3
"""Largest difference between the logits of the two engines, relative to the largest logit; it
covers rounding only."""


@dataclass(frozen=True)
class Pass:
    """The forward passes of a network and of dense torch layers, over the same batch.

    Attributes
    ----------
    network
        The item's network, on the engine that takes least time for it on the run's device.
    dense
        Through torch's layers: the dense network that it was made from or, for a wired network, the
        thesis's base model of the same variant.
    batch_size, steps
        Strings and time steps of the batch.
    engine
        What runs the network.
    """

    network: Callable[[], np.ndarray]
    dense: Callable[[], np.ndarray]
    batch_size: int
    steps: int
    engine: str = ""


@dataclass(frozen=True)
class ForwardPasses:
    """The passes of an item.

    Attributes
    ----------
    batch, single
        Over a batch, and over its first string alone.
    data
        The strings' description.
    density
        0-1. For a pruned model, the share of the target's weights that is kept; for a wired
        network, its share of the recurrent weights of fully connected layers.
    """

    batch: Pass
    single: Pass
    density: float
    data: Task


@dataclass(frozen=True, eq=False)
class TimedNetwork:
    """A network to time, and the dense network that it is compared with.

    Attributes
    ----------
    plan, weights
        The network.
    dense, dense_weights
        The dense network, which runs on torch's layers.
    readout
        Of both.
    data
        The strings' description.
    density
        As in `ForwardPasses`.
    batch_size
        Strings per timed pass.
    """

    plan: SparseLayout
    weights: Weights
    dense: Architecture
    dense_weights: Weights
    readout: str
    data: Task
    density: float
    batch_size: int = BATCH_SIZE

    @property
    def stacked(self) -> bool:
        """Whether torch's layers can run the network too."""
        return self.plan.layout == self.dense.layout


def forward_passes(case: Case, bench: Bench) -> ForwardPasses:
    """Prepare the forward passes of a case's network on the run's device.

    Raises
    ------
    TypeError, ValueError
        If forward passes of such cases, or of their cell type, are not timed.
    ArithmeticError
        If our engine and torch's layers give different logits for the same network.
    """
    measurement = measurement_of(case)
    if measurement.forward is None:
        raise TypeError(
            f"forward passes of a {type(case).__name__} are not timed: leave time_forward out of the "
            "benchmark"
        )
    if case.variant not in VARIANTS:
        raise ValueError(
            f"forward passes of {case.variant} networks are not timed, because torch.nn has no such "
            "layer to compare with: leave time_forward out of the benchmark"
        )
    timed = measurement.forward(case, bench)
    strings = bench.dataset(timed.data).test
    batch, single = (
        _passes(timed, strings, min(size, len(strings)), bench) for size in (timed.batch_size, 1)
    )
    return ForwardPasses(batch, single, timed.density, timed.data)


def reference_passes(data: Task, batch_size: int, bench: Bench) -> list[Callable[[], np.ndarray]]:
    """Forward passes of the dense base models of all variants on torch's layers, over one batch.

    Gated times are given in units of their time. All four are used, because a process may run one
    of them an eighth slower than the next process does, throughout.
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


def stacked(base: BaseCase, weights: Weights, masks: Masks) -> TimedNetwork:
    """A pruned base model, to be timed against the same model before pruning.

    Parameters
    ----------
    base
        The model.
    weights
        Its trained weights.
    masks
        Masks of the pruned arrays; the density is the share of their weights that is kept.
    """
    kept, total = kept_of(masks)
    return TimedNetwork(
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
) -> TimedNetwork:
    """A network of any structure, to be timed against a dense model, by default of its variant."""
    dense = dense or getattr(origin_of(case), "architecture", None) or Architecture(case.variant)
    kept, total = recurrent_weights(network.layout, network.masks)
    return TimedNetwork(
        plan=sparse_layout(network.layout, network.masks),
        weights=weights,
        dense=dense,
        dense_weights=initial_weights(dense.layout, seed=0),
        readout=case.semantics.readout,
        data=case.data,
        density=kept / total,
    )


def trained(case: TrainedCase, bench: Bench) -> TimedNetwork:
    """The trained network of a case, to be timed."""
    network, model = network_and_model(case, bench)
    return sparse(case, network, model.weights)


def _passes(timed: TimedNetwork, strings: Examples, batch_size: int, bench: Bench) -> Pass:
    from sparsebench.engines.timing import (
        ForwardPass,
        captured_forward_pass,
        forward_pass,
        sparse_forward_pass,
    )

    device, given = bench.settings.device, (timed.readout, strings, batch_size)
    dense, steps = forward_pass(timed.dense, timed.dense_weights, *given, device)
    others = []
    if timed.stacked:
        layers, _ = forward_pass(timed.dense, timed.weights, *given, device)
        if device != "cpu":
            captured = captured_forward_pass(timed.dense, timed.weights, *given, device)
            others = [ForwardPass("torch's layers", layers), captured]
    network = sparse_forward_pass(timed.plan, timed.weights, *given, device, others)
    if timed.stacked:
        _check(network(), layers())
    return Pass(network, dense, batch_size, steps, network.engine)


def _check(ours: np.ndarray, theirs: np.ndarray) -> None:
    apart = float(np.abs(ours - theirs).max() / max(1.0, np.abs(theirs).max()))
    if not apart <= AGREEMENT:
        raise ArithmeticError(
            f"our engine's logits differ from those of torch's layers by {apart:.2g} of the "
            f"largest, more than {AGREEMENT}: this network is not the one to time; repair the engine"
        )
