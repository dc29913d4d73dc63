"""Experiment: prune a trained network and train what is left (slides, section 5.3)."""

from __future__ import annotations

from sparsebench.experiments.finetuning.cases import FinetuningCase
from sparsebench.harness.context import Bench
from sparsebench.harness.trained_models import network_and_model, training_record
from sparsebench.parts.records import Record


def measure(case: FinetuningCase, bench: Bench) -> Record:
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
    accuracy = trained.training.metrics["accuracy"]
    return training_record(case, bench, whole, accuracy_trained=accuracy)
