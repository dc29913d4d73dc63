"""Networks of about the same number of weights, made in four ways."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from sparsebench.experiments.equal_parameters.cases import FourWaysCase
from sparsebench.experiments.finetuning.cases import FinetuningCase
from sparsebench.parts.wired import edges_and_states, graph_and_wiring
from sparsebench.values.case import TrainedCase
from sparsebench.values.graphs import GraphSpec

DENSE = "layered"
"""The family of graphs that give stacks of dense layers."""

_FEWEST, _MOST = 4, 1024
"""Fewest and most vertices of the graphs searched."""


def network_case_of(case: FourWaysCase) -> TrainedCase:
    """The network that a way trains, on the graph that matches the number of weights."""
    wired = case.wired
    weights = weights_of(wired.graph)
    pruned = case.way.startswith("pruned")
    if pruned:
        weights = round(weights * 100 / (100 - case.percent))
    if case.way == "wired":
        return wired
    family = wired.graph.family if case.way == "pruned wired" else DENSE
    graph = closest(replace(wired.graph, family=family, vertices=None), weights)
    network = replace(wired, graph=graph)
    if not pruned:
        return network
    return FinetuningCase(
        replace(network, training=case.training), "both", case.percent, training=case.retraining
    )


@cache
def closest(spec: GraphSpec, weights: int) -> GraphSpec:
    """The graph of a family and seed whose network comes closest to a number of recurrent weights.

    Parameters
    ----------
    spec
        Family, seed and order of vertices.
    weights
        Recurrent weights of a network with one gate.

    Raises
    ------
    ValueError
        If graphs of 1,024 vertices have fewer weights.
    """
    low, high = _FEWEST, 2 * _FEWEST
    while weights_of(replace(spec, vertices=high)) < weights:
        low, high = high, 2 * high
        if high > _MOST:
            raise ValueError(
                f"{spec.family} graphs of {low} vertices make networks of fewer than {weights} "
                "recurrent weights: ask for fewer, or prune less"
            )
    while high - low > 1:
        middle = (low + high) // 2
        if weights_of(replace(spec, vertices=middle)) < weights:
            low = middle
        else:
            high = middle
    near = range(max(_FEWEST, low - 8), high + 9)  # weights need not grow with vertices
    candidates = [replace(spec, vertices=vertices) for vertices in near]
    return min(candidates, key=lambda each: abs(weights_of(each) - weights))


@cache
def weights_of(spec: GraphSpec) -> int:
    """Recurrent weights of a network with one gate; cells with more gates have a multiple."""
    _, wiring = graph_and_wiring(spec)
    return edges_and_states(wiring)
