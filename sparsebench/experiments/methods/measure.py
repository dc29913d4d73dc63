"""Experiment: networks that a method makes sparse while they are trained, and controls."""

from __future__ import annotations

import msgspec

from sparsebench.experiments.methods.cases import MaskControlCase, MethodCase
from sparsebench.harness.context import Bench
from sparsebench.harness.trained_models import network_and_model
from sparsebench.parts.records import Record
from sparsebench.parts.weights import parameters, recurrent_weights


def measure(case: MethodCase | MaskControlCase, bench: Bench) -> Record:
    """Train a network and evaluate it.

    Parameters
    ----------
    case
        The network and its method, or the control.
    bench
        Trains it, together with compatible networks that the run requested, or loads it from the
        store.

    Returns
    -------
    Record
        After the last epoch: `loss` (cross entropy in nats, or squared error) and, for tasks with
        classes, `accuracy`, or `letters_right` if every step has one. `kept`: recurrent weights
        left, also effective multiply-adds per step; `density`: their share of all; `parameters`: all
        trained parameters.
    """
    network, model = network_and_model(case, bench)
    metrics = dict(model.training.metrics)
    if "kept" not in metrics:
        kept, total = recurrent_weights(network.layout, network.masks)
        metrics |= {
            "kept": kept,
            "density": kept / total,
            "parameters": parameters(network.layout, network.masks),
        }
    return msgspec.structs.replace(
        model.training,
        metrics=metrics,
        provenance=bench.note(bench.here),
        trained=bench.note(model.trained),
    )
