"""Wirings: layered directed acyclic graphs, without cells or weights."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from sparsebench.values.checks import whole_number


@dataclass(frozen=True)
class Wiring:
    """Vertices in layers, and edges from lower layers to higher ones.

    Attributes
    ----------
    sizes
        Vertices of each layer, the sources first.
    edges
        Pairs (from, to) of vertex numbers, sorted. Vertices are numbered layer by layer.

    Raises
    ------
    TypeError, ValueError
        If a layer is empty; if an edge is repeated, unsorted, leaves the graph or does not go up;
        or if a vertex above layer 0 has no parent in the layer right below it.
    """

    sizes: tuple[int, ...]
    edges: tuple[tuple[int, int], ...]

    def __post_init__(self) -> None:
        if not self.sizes:
            raise ValueError("a wiring has no layers: give at least one")
        for layer, size in enumerate(self.sizes):
            whole_number(f"size of layer {layer}", size, 1)
        layer_of = self.layer_of()
        if list(self.edges) != sorted(set(self.edges)):
            raise ValueError("edges are doubled or not in order: give sorted(set(edges))")
        parented = {vertex for vertex, layer in enumerate(layer_of) if layer == 0}
        for source, target in self.edges:
            whole_number(f"end of edge {(source, target)}", source, 0, len(layer_of) - 1)
            whole_number(f"end of edge {(source, target)}", target, 0, len(layer_of) - 1)
            if layer_of[source] >= layer_of[target]:
                raise ValueError(
                    f"edge {(source, target)} goes from layer {layer_of[source]} to layer "
                    f"{layer_of[target]}: edges must go up"
                )
            if layer_of[source] == layer_of[target] - 1:
                parented.add(target)
        orphans = sorted(set(range(len(layer_of))) - parented)
        if orphans:
            raise ValueError(
                f"vertices {orphans} have no parent in the layer right below theirs: a vertex "
                "belongs into the layer after its highest parent's"
            )

    def layer_of(self) -> list[int]:
        """The layer of each vertex, by vertex number."""
        return [layer for layer, size in enumerate(self.sizes) for _ in range(size)]

    def between(self, source: int, target: int) -> np.ndarray:
        """The edges from one layer to another.

        Returns
        -------
        numpy.ndarray
            Boolean (size of the target layer, size of the source layer), true where there is an
            edge.
        """
        first = [0, *accumulate(self.sizes)]
        mask = np.zeros((self.sizes[target], self.sizes[source]), dtype=bool)
        begin, behind = (bisect_left(self.edges, (first[source + ends], 0)) for ends in (0, 1))
        for start, end in self.edges[begin:behind]:
            row, column = end - first[target], start - first[source]
            if 0 <= row < mask.shape[0]:
                mask[row, column] = True
        return mask

    def skips(self) -> list[tuple[int, int]]:
        """Pairs (source layer, target layer) of edges that skip layers, by target, then by source."""
        layer_of = self.layer_of()
        jumps = {(layer_of[target], layer_of[source]) for source, target in self.edges}
        return [(source, target) for target, source in sorted(jumps) if source < target - 1]
