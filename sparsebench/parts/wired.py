"""Wired recurrent networks: their blocks, and the masks that keep only the graph's edges."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sparsebench.values.checks import one_of
from sparsebench.values.graphs import GraphSpec
from sparsebench.values.layout import GATES, INPUT, Block, Layout
from sparsebench.values.masks import Masks
from sparsebench.values.semantics import CHOICES
from sparsebench.values.wiring import Wiring

if TYPE_CHECKING:
    import networkx as nx


def graph_and_wiring(spec: GraphSpec) -> tuple[nx.Graph, Wiring]:
    """Draw a graph and wire it."""
    from sparsebench.parts.graphs import draw  # imports networkx
    from sparsebench.parts.wirings import orient, wire

    graph = draw(spec)
    return graph, wire(orient(graph, spec.order or "nodes", spec.seed))


def drew_two_graphs(spec: GraphSpec | None) -> str:
    """The error message for a graph that is another one when it is drawn again."""
    return f"family {spec.family if spec else None!r} drew two different graphs from one seed"


def wired_layout(wiring: Wiring, variant: str) -> Layout:
    """The blocks of a wired network (thesis, section 5.3).

    Layer 0 reads an embedding of its own width. Each later layer has a block from the layer below,
    and one from each earlier layer with an edge into it.
    """
    direct = [Block(layer - 1, layer) for layer in range(len(wiring.sizes))]
    blocks = [*direct, *(Block(source, target) for source, target in wiring.skips())]
    blocks.sort(key=lambda block: block.order)
    return Layout(variant, wiring.sizes, tuple(blocks), width=wiring.sizes[0])


def wired_masks(wiring: Wiring, layout: Layout, gate_masks: str) -> Masks:
    """The i2h masks of a wired network: the edges, for every gate.

    Parameters
    ----------
    wiring
        The graph.
    layout
        Its blocks, from `wired_layout`.
    gate_masks
        `repeated`: each row of the edges is repeated in place for the gates; `tiled`: all rows are
        repeated, gate after gate. See `sparsebench.values.semantics.Semantics`.

    Returns
    -------
    dict
        A boolean mask for the i2h of each block except that of layer 0, which is dense.
    """
    one_of("semantics switch gate_masks", gate_masks, CHOICES["gate_masks"])
    gates = GATES[layout.variant]
    masks = {}
    for block in layout.blocks:
        if block.source != INPUT:
            edges = wiring.between(block.source, block.target)
            rows = np.repeat(edges, gates, axis=0)
            if gate_masks == "tiled":
                rows = np.tile(edges, (gates, 1))
            masks[f"{block.name}.i2h"] = rows
    return masks


def edges_and_states(wiring: Wiring) -> int:
    """The number of recurrent weights of a network with one gate, computed without building it.

    They are the dense i2h of layer 0, one i2h weight for each edge, and the dense h2h of every
    block. Networks with more gates have a multiple.
    """
    sizes = wiring.sizes
    blocks = [*sizes, *(sizes[target] for _, target in wiring.skips())]
    return sizes[0] ** 2 + len(wiring.edges) + sum(size**2 for size in blocks)
