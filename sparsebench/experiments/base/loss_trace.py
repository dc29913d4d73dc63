"""Experiment: the loss trace of a training, which shows a broken training loop within a second.

One accuracy after a short training says little, because it swings between epochs and seeds. The
first losses are determined by the seed. Any change of a cell type's equations, the gradient, the
clipping, the optimiser, the order of the strings or the initial weights moves them.
"""

from __future__ import annotations

from sparsebench.experiments.base.cases import LossTraceCase
from sparsebench.harness.context import Bench
from sparsebench.parts.records import Record
from sparsebench.parts.sparse_layout import sparse_layout
from sparsebench.parts.weights import initial_weights
from sparsebench.values.identity import canonical, digest


def measure(case: LossTraceCase, bench: Bench) -> Record:
    """Train a base model from scratch for a few steps and record each step's loss.

    Parameters
    ----------
    case
        The model and the number of steps.
    bench
        Provides the data.

    Returns
    -------
    Record
        History `loss`: the mean cross entropy of each batch before its step, in nats.
    """
    from sparsebench.engines.population_training import Start, first_losses

    base, layout = case.base, case.base.architecture.layout
    losses = first_losses(
        Start(sparse_layout(layout), initial_weights(layout, base.seed), base.seed),
        bench.dataset(base.data),
        base.training,
        base.semantics.readout,
        bench.settings.device,
        case.steps,
        bench.progress,
    )
    return Record(
        digest=digest(case),
        experiment="onset",
        case=canonical(case),
        metrics={"first_loss": losses[0], "last_loss": losses[-1]},
        history={"loss": losses},
        numerics=bench.numerics,
        provenance=bench.note(bench.here),
    )
