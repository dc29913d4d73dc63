"""Experiment: prune a trained network, rewind what is left to an early epoch, train it again.

References
----------
Frankle, J., Carbin, M. (2019). The lottery ticket hypothesis: finding sparse, trainable neural
networks. arXiv:1803.03635.
Frankle, J., Dziugaite, G. K., Roy, D. M., Carbin, M. (2020). Linear mode connectivity and the lottery
ticket hypothesis. arXiv:1912.05671.
"""

from __future__ import annotations

from sparsebench.experiments.capacity.cases import TaskCase
from sparsebench.experiments.capacity.measure import check_device
from sparsebench.experiments.iterative_pruning.cases import IterativePruningCase
from sparsebench.harness.context import Bench
from sparsebench.harness.forward_passes import TimedNetwork, sparse
from sparsebench.harness.trained_models import model_of, network_and_model, training_record
from sparsebench.parts.records import Record
from sparsebench.values.protocol import Architecture, ReberStrings


def measure(case: IterativePruningCase, bench: Bench) -> Record:
    """Train the network of a round, and those of the previous rounds.

    Parameters
    ----------
    case
        The round.
    bench
        Trains these networks, together with compatible ones that the run requested, or loads them
        from the store.

    Returns
    -------
    Record
        Accuracies on the test half: `accuracy_original` of the first network, before any pruning;
        `accuracy_trained` of the network that was pruned; `accuracy_before` of the pruned network
        with its starting weights; `accuracy` (with `loss`) after the last epoch, and after each
        epoch in the history. `kept`: recurrent weights left, and `density`, their share of the
        first network's; `parameters`: all trained parameters; `round`, from 1.

    Raises
    ------
    NotMeasurable
        If the first network is wired, learns a task, and the run is on a GPU.
    """
    if isinstance(case.original, TaskCase):
        check_device(case, bench)
    original, first = network_and_model(case.original, bench)
    return training_record(
        case,
        bench,
        original,
        accuracy_original=first.training.metrics["accuracy"],
        accuracy_trained=model_of(case.network, bench).training.metrics["accuracy"],
        round=case.rounds,
    )


def passes(case: IterativePruningCase, bench: Bench) -> TimedNetwork:
    """A round's network, timed beside a dense one with as many units and layers.

    Raises
    ------
    TypeError
        If it does not read Reber strings, or its layers differ in size.
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
    return sparse(case, network, model.weights, dense)
