"""Random graphs as the thesis draws them, and the wiring that a graph becomes."""

from __future__ import annotations

import networkx as nx

from sparsebench.values.checks import one_of
from sparsebench.values.seeding import stream
from sparsebench.values.wiring import Wiring

FAMILIES = ("watts_strogatz", "barabasi_albert")

_FEWEST, _MOST, _TRIES = 10, 50, 10
"""Vertices of a graph, and how often a connected Watts-Strogatz graph is tried for."""


def thesis_graph(family: str, seed: int) -> nx.Graph:
    """Draw a graph (thesis, section 5.3): 10 to 50 vertices n, uniformly.

    Watts-Strogatz graphs are connected; they begin with n // 5 neighbours for each vertex (one fewer
    where that is odd), and every edge is rewired. In Barabási-Albert graphs each new vertex brings
    n // 10 edges.

    Parameters
    ----------
    family
        `watts_strogatz` or `barabasi_albert`.
    seed
        The graph's own seed.

    Raises
    ------
    ValueError
        If the family is unknown.
    networkx.NetworkXError
        If no try gave a connected graph.
    """
    one_of("family", family, FAMILIES)
    random = stream("graph", family, seed)
    vertices = int(random.randint(_FEWEST, _MOST + 1))
    if family == "barabasi_albert":
        return nx.barabasi_albert_graph(vertices, vertices // 10, seed=random)
    return nx.connected_watts_strogatz_graph(vertices, vertices // 5, 1.0, _TRIES, seed=random)


def wire(graph: nx.Graph) -> Wiring:
    """Turn an undirected graph into a wiring (thesis, section 4.3).

    Every edge points from the endpoint that comes first in node order to the other. A vertex's layer is
    the length of the longest path that leads to it; vertices keep node order inside a layer.

    Raises
    ------
    ValueError
        If the graph is empty, directed, not simple, or not connected.
    """
    _check(graph)
    place = {vertex: number for number, vertex in enumerate(graph)}
    layer: dict[object, int] = {}
    for vertex in graph:
        parents = [layer[other] for other in graph[vertex] if place[other] < place[vertex]]
        layer[vertex] = 1 + max(parents, default=-1)
    sizes = [0] * (1 + max(layer.values()))
    for number in layer.values():
        sizes[number] += 1
    order = sorted(graph, key=lambda vertex: layer[vertex])
    number_of = {vertex: number for number, vertex in enumerate(order)}
    edges = (sorted((number_of[one], number_of[other])) for one, other in graph.edges)
    return Wiring(tuple(sizes), tuple(sorted((low, high) for low, high in edges)))


def _check(graph: nx.Graph) -> None:
    if len(graph) == 0:
        raise ValueError("the graph has no vertices: give at least one")
    if graph.is_directed() or graph.is_multigraph():
        raise ValueError(
            f"the graph is a {type(graph).__name__}: give an undirected networkx.Graph without "
            "multiple edges"
        )
    loops = list(nx.nodes_with_selfloops(graph))
    if loops:
        raise ValueError(f"vertices {loops[:5]} have edges to themselves: remove them")
    if not nx.is_connected(graph):
        parts = nx.number_connected_components(graph)
        raise ValueError(f"the graph falls into {parts} parts: give a connected one")
