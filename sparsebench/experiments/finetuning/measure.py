"""Experiment: prune a trained network and train what is left (slides, section 5.3)."""

from __future__ import annotations

import msgspec

from sparsebench.experiments.finetuning.cases import RetrainingCase
from sparsebench.harness.context import Bench
from sparsebench.harness.trained_models import network_and_model
from sparsebench.parts.records import Record
from sparsebench.parts.weights import parameters, recurrent_weights


def measure(case: RetrainingCase, bench: Bench) -> Record:
    """Prune a trained network, evaluate it, train it again with the masks fixed.

    Parameters
    ----------
    case
        The network, what is pruned, and how the rest is trained.
    bench
        Trains both networks, together with others that the run wants, or knows where they lie.

    Returns
    -------
    Record
        Accuracies on the test half: `accuracy_trained` of the network that is pruned,
        `accuracy_before` right after pruning, `accuracy` (with `loss`) after the last epoch, and
        after each epoch in the history; `kept`: recurrent weights that are left, and `density`, their
        share of those that the network had; `parameters`: all that is trained.
    """
    whole, trained = network_and_model(case.network, bench)
    network, model = network_and_model(case, bench)
    had, _ = recurrent_weights(whole.layout, whole.masks)
    kept, _ = recurrent_weights(network.layout, network.masks)
    metrics = {
        **model.training.metrics,
        "accuracy_trained": trained.training.metrics["accuracy"],
        "kept": kept,
        "density": kept / had,
        "parameters": parameters(network.layout, network.masks),
    }
    return msgspec.structs.replace(
        model.training,
        metrics=metrics,
        provenance=bench.note(bench.here),
        trained=bench.note(model.trained),
    )
