"""Experiment: prune a trained network, rewind what is left to an early epoch, train it again.

References
----------
Frankle, J., Carbin, M. (2019). The lottery ticket hypothesis: finding sparse, trainable neural
networks. arXiv:1803.03635.
Frankle, J., Dziugaite, G. K., Roy, D. M., Carbin, M. (2020). Linear mode connectivity and the lottery
ticket hypothesis. arXiv:1912.05671.
"""

from __future__ import annotations

import msgspec

from sparsebench.experiments.capacity.cases import TaskCase
from sparsebench.experiments.capacity.measure import check_device
from sparsebench.experiments.iterative_pruning.cases import IterativePruningCase
from sparsebench.harness.context import Bench
from sparsebench.harness.forward_passes import Subject
from sparsebench.harness.trained_models import model_of, network_and_model
from sparsebench.parts.records import Record
from sparsebench.parts.sparse_layout import sparse_layout
from sparsebench.parts.weights import initial_weights, parameters, recurrent_weights
from sparsebench.values.protocol import Architecture, ReberStrings


def measure(case: IterativePruningCase, bench: Bench) -> Record:
    """Train the network of a round, and those of the rounds before it.

    Parameters
    ----------
    case
        The round.
    bench
        Trains all these networks, together with others that the run wants, or knows where they lie.

    Returns
    -------
    Record
        Accuracies on the test half: `accuracy_original` of the first network, before any pruning;
        `accuracy_trained` of the network that was pruned, `accuracy_before` of what is left with the
        weights that it begins with, `accuracy` (with `loss`) after the last epoch, and after each in
        the history; `kept`: recurrent weights that are left, and `density`, their share of those that
        the first network had; `parameters`: all that is trained; `round`, from 1.

    Raises
    ------
    NotMeasurable
        If the run is on a GPU and the first network learns a task.
    """
    if isinstance(case.original, TaskCase):
        check_device(case, bench)
    original, first = network_and_model(case.original, bench)
    network, model = network_and_model(case, bench)
    had, _ = recurrent_weights(original.layout, original.masks)
    kept, _ = recurrent_weights(network.layout, network.masks)
    metrics = {
        **model.training.metrics,
        "accuracy_original": first.training.metrics["accuracy"],
        "accuracy_trained": model_of(case.network, bench).training.metrics["accuracy"],
        "kept": kept,
        "density": kept / had,
        "parameters": parameters(network.layout, network.masks),
        "round": case.rounds,
    }
    return msgspec.structs.replace(
        model.training,
        metrics=metrics,
        provenance=bench.note(bench.here),
        trained=bench.note(model.trained),
    )


def passes(case: IterativePruningCase, bench: Bench) -> Subject:
    """A round's network, beside which a dense one of as many units and layers is timed.

    Raises
    ------
    TypeError
        If it does not read Reber strings, or is no stack of layers of one size.
    """
    if not isinstance(case.data, ReberStrings):
        raise TypeError(
            f"forward passes over {type(case.data).__name__} are not timed: leave time_forward out of "
            "the benchmark"
        )
    network, model = network_and_model(case, bench)
    layout = network.layout
    dense = Architecture(
        layout.variant, len(layout.sizes), layout.sizes[0], layout.symbols, layout.classes
    )
    kept, total = recurrent_weights(layout, network.masks)
    return Subject(
        plan=sparse_layout(layout, network.masks),
        weights=model.weights,
        dense=dense,
        dense_weights=initial_weights(dense.layout, seed=0),
        readout=case.semantics.readout,
        data=case.data,
        density=kept / total,
    )
