"""Experiment: prune a trained network and fine-tune what is left (slides, section 5.3)."""

from __future__ import annotations

from sparsebench.experiments.finetuning.cases import FinetuningCase
from sparsebench.harness.context import Bench
from sparsebench.harness.trained_models import network_and_model, training_record
from sparsebench.parts.records import Record


def measure(case: FinetuningCase, bench: Bench) -> Record:
    """Prune a trained network, evaluate it, and fine-tune it with fixed masks.

    Parameters
    ----------
    case
        The network, what is pruned, and how it is fine-tuned.
    bench
        Trains both networks, together with compatible ones that the run requested, or loads them
        from the store.

    Returns
    -------
    Record
        Accuracies on the test half: `accuracy_trained` of the network before pruning,
        `accuracy_before` right after pruning, `accuracy` (with `loss`) after the last epoch, and
        after each epoch in the history; `kept`: recurrent weights left, and `density`, their share
        of the network's recurrent weights before pruning; `parameters`: all trained parameters left.
    """
    whole, trained = network_and_model(case.network, bench)
    accuracy = trained.training.metrics["accuracy"]
    return training_record(case, bench, whole, accuracy_trained=accuracy)
