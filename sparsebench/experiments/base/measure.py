"""Experiment: the accuracy of fully trained base models (thesis, section 6.1)."""

from __future__ import annotations

from sparsebench.harness.context import Bench
from sparsebench.harness.evaluating import evaluated
from sparsebench.harness.forward_passes import TimedNetwork, stacked
from sparsebench.harness.trained_models import model_of, network_and_model
from sparsebench.parts.records import Record
from sparsebench.parts.sparse_layout import sparse_layout
from sparsebench.values.case import BaseCase
from sparsebench.values.identity import canonical, digest


def measure(case: BaseCase, bench: Bench) -> Record:
    """Evaluate a trained base model on the test half.

    Parameters
    ----------
    case
        The model.
    bench
        Trains the model, or loads it from the store.

    Returns
    -------
    Record
        `accuracy` and `loss` on the whole test half. The history is that of the training; it is
        empty for models that this code did not train.
    """
    network, model = network_and_model(case, bench)
    result = evaluated(
        sparse_layout(network.layout),
        model.weights,
        case.semantics.readout,
        bench.dataset(case.data).test,
        case.training.batch_size,
        bench,
    )
    return Record(
        digest=digest(case),
        experiment="base",
        case=canonical(case),
        metrics={"accuracy": result.accuracy, "loss": result.loss, "strings": result.total},
        history=model.training.history if model.fresh else {},
        weights=model.training.weights,
        numerics=bench.numerics,
        provenance=bench.note(bench.here),
        trained=bench.note(model.trained),
    )


def passes(case: BaseCase, bench: Bench) -> TimedNetwork:
    """The trained model, for timing its forward pass."""
    return stacked(case, model_of(case, bench).weights, {})
