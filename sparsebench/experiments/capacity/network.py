"""Networks for tasks, before training."""

from __future__ import annotations

from dataclasses import replace

from sparsebench.experiments.capacity.cases import TaskCase
from sparsebench.harness.networks import Network, TrainingStart
from sparsebench.parts.initialisations import reinitialised
from sparsebench.parts.weights import initial_weights
from sparsebench.parts.wired import graph_and_wiring, wired_layout, wired_masks
from sparsebench.values.identity import digest


def task_network(case: TaskCase) -> Network:
    """The network for a task: fully connected layers, or wired by a graph."""
    if case.graph is None:
        return Network(case.layout, {}, digest(case))
    _, wiring = graph_and_wiring(case.graph)
    wired = wired_layout(wiring, case.variant)
    layout = replace(
        wired,
        width=case.width or wired.width,
        symbols=case.task.symbols,
        classes=case.task.classes,
    )
    masks = wired_masks(wiring, layout, case.semantics.gate_masks)
    return Network.of(case, layout, masks)


def training_start(case: TaskCase, network: Network) -> TrainingStart:
    """The weights of the case's seed, drawn by its initialisation."""
    weights = initial_weights(network.layout, case.seed)
    drawn = reinitialised(weights, network.layout, case.initialisation, case.seed)
    return TrainingStart(drawn, case.seed)
