"""The network that a random graph is made into, as it is before it is trained."""

from __future__ import annotations

from sparsebench.experiments.random_wiring.cases import WiredCase
from sparsebench.harness.networks import Network
from sparsebench.parts.wired import graph_and_wiring, wired_layout, wired_masks


def wired_network(case: WiredCase) -> Network:
    """The network that a case's graph is made into."""
    _, wiring = graph_and_wiring(case.graph)
    layout = wired_layout(wiring, case.variant)
    masks = wired_masks(wiring, layout, case.semantics.gate_masks)
    return Network.of(case, layout, masks)
