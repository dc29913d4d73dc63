"""The forward pass of a cell's network, and of a dense one beside it, to be timed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from sparsebench.experiments.equal_parameters.matching import network_case_of
from sparsebench.experiments.pruning.measure import kept_of, pruning_masks
from sparsebench.harness.context import Bench
from sparsebench.harness.networks import Network
from sparsebench.harness.trained_models import model_of, network_of
from sparsebench.parts.plan import Plan, plan
from sparsebench.parts.pruning import prune
from sparsebench.parts.records import Record
from sparsebench.parts.strings import LabelledStrings
from sparsebench.parts.weights import initial_weights, prunable, recurrent_weights
from sparsebench.values.case import (
    BaseCase,
    ForwardCase,
    FourWaysCase,
    PruningCase,
    RetrainingCase,
    TaskCase,
    TrainedCase,
    WiredCase,
    origin_of,
)
from sparsebench.values.identity import Case, canonical, digest
from sparsebench.values.masks import Weights, masked
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
        The network of the cell; on a CPU through its sparse rows. On a GPU a pruned one runs through
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
    """The passes of a cell.

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
class _Subject:
    """A network to time and the dense one beside it."""

    plan: Plan
    weights: Weights
    dense: Architecture
    dense_weights: Weights
    readout: str
    data: ReberStrings
    density: float

    @property
    def stacked(self) -> bool:
        """Whether torch's layers can run the network too."""
        return self.plan.layout == self.dense.layout


def measure(case: ForwardCase, bench: Bench) -> Record:
    """Count the weights of a network whose forward pass is timed.

    How long it takes is noted later: as the metric `time_ratio` in units of the dense network's time,
    and in the history as `time_ratios`, in units of each of `yardsticks`.

    Returns
    -------
    Record
        `kept`: recurrent weights of the network, and `density`, their share of those that it would
        have if its layers were wholly connected.
    """
    network = _as_initialised(case, bench)
    kept, total = recurrent_weights(network.layout, network.masks)
    return Record(
        digest=digest(case),
        experiment="forward",
        case=canonical(case),
        metrics={"kept": kept, "density": kept / total},
        provenance=bench.note(bench.here),
    )


def forward_passes(case: Case, bench: Bench) -> ForwardPasses:
    """Prepare the passes of a case's network on the run's device.

    Raises
    ------
    TypeError
        If the case has no network to run.
    ArithmeticError
        If the sparse rows do not say what torch's layers say of the same network.
    """
    if isinstance(case, BaseCase | PruningCase):
        subject = _stacked(case, bench)
    elif isinstance(case, WiredCase | RetrainingCase):
        subject = _trained(case, bench)
    elif isinstance(case, FourWaysCase):
        subject = _trained(network_case_of(case), bench)
    elif isinstance(case, ForwardCase):
        subject = _untrained(case, bench)
    else:
        raise TypeError(f"a {type(case).__name__} has no forward pass to time")
    size = case.batch_size if isinstance(case, ForwardCase) else BATCH_SIZE
    strings = bench.dataset(subject.data).test
    batch, single = (
        _passes(subject, strings, min(size, len(strings)), bench) for size in (size, 1)
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


def _stacked(case: BaseCase | PruningCase, bench: Bench) -> _Subject:
    base = case.base if isinstance(case, PruningCase) else case
    dense = bench.model(base).weights
    masks = pruning_masks(case, dense, bench) if isinstance(case, PruningCase) else {}
    kept, total = kept_of(masks)
    return _Subject(
        plan=plan(base.architecture.layout, masks),
        weights=masked(dense, masks),
        dense=base.architecture,
        dense_weights=dense,
        readout=base.semantics.readout,
        data=base.data,
        density=kept / total if masks else 1.0,
    )


def _sparse(origin: BaseCase | WiredCase, network: Network, weights: Weights) -> _Subject:
    dense = origin.architecture if isinstance(origin, BaseCase) else Architecture(origin.variant)
    kept, total = recurrent_weights(network.layout, network.masks)
    return _Subject(
        plan=plan(network.layout, network.masks),
        weights=weights,
        dense=dense,
        dense_weights=initial_weights(dense.layout, seed=0),
        readout=origin.semantics.readout,
        data=origin.data,
        density=kept / total,
    )


def _trained(case: TrainedCase, bench: Bench) -> _Subject:
    origin = origin_of(case)
    if isinstance(origin, TaskCase):
        raise TypeError(
            "forward passes of networks on tasks are not timed: leave time_forward out of the benchmark"
        )
    network, model = network_of(case, bench), model_of(case, bench)
    return _sparse(origin, network, model.weights)


def _untrained(case: ForwardCase, bench: Bench) -> _Subject:
    network = _as_initialised(case, bench)
    weights = masked(initial_weights(network.layout, case.seed), network.masks)
    return _sparse(case.network, network, weights)


def _as_initialised(case: ForwardCase, bench: Bench) -> Network:
    """The network of a case before its first step, pruned by magnitude."""
    whole = network_of(case.network, bench)
    weights = initial_weights(whole.layout, case.seed)
    names = prunable(whole.layout, "both")
    kept = prune(weights, names, case.percent, case.network.semantics, present=whole.masks)
    return replace(whole, masks={**whole.masks, **kept})


def _passes(subject: _Subject, strings: LabelledStrings, batch_size: int, bench: Bench) -> Pass:
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
