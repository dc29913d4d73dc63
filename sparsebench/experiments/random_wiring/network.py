"""The network made from a random graph, before training."""

from __future__ import annotations

from sparsebench.experiments.random_wiring.cases import WiredCase
from sparsebench.harness.networks import Network
from sparsebench.parts.wired import graph_and_wiring, wired_layout, wired_masks


def wired_network(case: WiredCase) -> Network:
    """The network made from a case's graph."""
    _, wiring = graph_and_wiring(case.graph)
    layout = wired_layout(wiring, case.variant)
    masks = wired_masks(wiring, layout, case.semantics.gate_masks)
    return Network.of(case, layout, masks)
