"""From a graph to a wiring and back: directions of edges, layers, numbers of vertices."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Sequence

import networkx as nx
import numpy as np

from sparsebench.values.checks import one_of, refusal, reproducible, with_article
from sparsebench.values.seeding import stream
from sparsebench.values.wiring import Wiring

_NAMED = 5
"""Most offending names that an error lists."""


def _by_node_order(graph: nx.Graph, random: np.random.RandomState) -> Sequence[Hashable]:
    return list(graph)


def _by_seed(graph: nx.Graph, random: np.random.RandomState) -> Sequence[Hashable]:
    vertices = list(graph)
    return [vertices[place] for place in random.permutation(len(vertices))]


def _by_breadth(graph: nx.Graph, random: np.random.RandomState) -> Sequence[Hashable]:
    first = next(iter(graph))
    return [first, *(end for _, end in nx.bfs_edges(graph, first))]


ORDERS: dict[str, Callable[[nx.Graph, np.random.RandomState], Sequence[Hashable]]] = {
    "nodes": _by_node_order,
    "seed": _by_seed,
    "breadth_first": _by_breadth,
}
"""Orders of vertices, which decide the direction of edges and thereby the layers: node order (as
published), random, or breadth-first from the first node. A function returns each vertex once, using
only the graph and the generator."""


def orient(graph: nx.Graph, order: str = "nodes", seed: int = 0) -> nx.DiGraph:
    """Direct each edge of an undirected graph away from the vertex that comes first in an order.

    Parameters
    ----------
    graph
        Simple, connected and not empty.
    order
        A name in `ORDERS`.
    seed
        For the order `seed`; other orders ignore it.

    Returns
    -------
    networkx.DiGraph
        Acyclic; its vertices have that order.

    Raises
    ------
    ValueError
        If the order is unknown; if the graph is empty, directed or not connected, or has loops or
        multiple edges, which are named; or if the function of the order leaves out a vertex, or
        returns another order in a second call.
    """
    one_of("order of vertices", order, ORDERS)
    check_undirected(graph)
    vertices = reproducible(
        f"order {order!r} gave two different orders of one graph's vertices from one seed, {seed}",
        lambda: ORDERS[order](graph, stream("orientation", seed)),
        list,
    )
    place = {vertex: number for number, vertex in enumerate(vertices)}
    if len(vertices) != len(graph) or place.keys() != set(graph):
        raise refusal(
            ValueError(
                f"order {order!r} gave {len(vertices)} vertices, {len(place.keys() & set(graph))} of "
                f"the graph's {len(graph)} among them: give each of these once"
            )
        )
    directed = nx.DiGraph()
    directed.add_nodes_from(vertices)
    directed.add_edges_from(
        (one, other) if place[one] < place[other] else (other, one) for one, other in graph.edges()
    )
    return directed


def check_undirected(graph: nx.Graph) -> None:
    """Refuse a graph that `orient` cannot take.

    Raises
    ------
    ValueError
        If the graph is empty, directed, not connected or not simple.
    """
    if graph.is_directed():
        raise ValueError(
            f"the graph is {with_article(type(graph))}: give an undirected one, or wire it as it is"
        )
    _check_simple(graph)


def layer_index(graph: nx.DiGraph) -> dict[Hashable, int]:
    """The layer of each vertex: the length of the longest path that leads to it.

    (Thesis, algorithm 2 of section 5.3, without recursion: each edge is visited once.)

    Raises
    ------
    ValueError
        If the graph has a cycle, whose vertices are named.
    """
    layer = dict.fromkeys(graph, 0)
    waiting = {vertex: graph.in_degree(vertex) for vertex in graph}
    ready = [vertex for vertex, parents in waiting.items() if parents == 0]
    done = 0
    while ready:
        vertex = ready.pop()
        done += 1
        for child in graph.successors(vertex):
            layer[child] = max(layer[child], layer[vertex] + 1)
            waiting[child] -= 1
            if waiting[child] == 0:
                ready.append(child)
    if done < len(graph):
        cycle = [one for one, _ in nx.find_cycle(graph)]
        raise ValueError(
            f"vertices {_some(cycle)} form a cycle of {len(cycle)}: layers are those of an acyclic "
            "graph; turn or remove an edge"
        )
    return layer


def wire(graph: nx.DiGraph) -> Wiring:
    """Sort the vertices of a directed acyclic graph into layers (thesis, section 5.3).

    A vertex's layer is the length of the longest path that leads to it. Within a layer, vertices
    keep node order.

    Raises
    ------
    ValueError
        If the graph is empty, undirected or not connected, or has loops, multiple edges or a cycle,
        which are named.
    """
    if not graph.is_directed():
        raise ValueError(
            f"the graph is {with_article(type(graph))}, whose edges have no direction: "
            "wire(orient(graph)) gives them one"
        )
    _check_simple(graph)
    layer = layer_index(graph)
    sizes = Counter(layer.values())
    order = sorted(graph, key=lambda vertex: layer[vertex])
    number_of = {vertex: number for number, vertex in enumerate(order)}
    edges = sorted((number_of[one], number_of[other]) for one, other in graph.edges())
    return Wiring(tuple(sizes[each] for each in range(len(sizes))), tuple(edges))


def graph_of(wiring: Wiring) -> nx.DiGraph:
    """The graph of a wiring, with the same numbers of vertices; the inverse of `wire`."""
    graph = nx.DiGraph()
    graph.add_nodes_from(range(sum(wiring.sizes)))
    graph.add_edges_from(wiring.edges)
    return graph


def _check_simple(graph: nx.Graph) -> None:
    if len(graph) == 0:
        raise ValueError("the graph has no vertices: give at least one")
    loops = list(nx.nodes_with_selfloops(graph))
    if loops:
        raise ValueError(f"vertices {_some(loops)} have edges to themselves: remove them")
    if graph.is_multigraph():
        pairs = Counter((one, other) for one, other, _ in graph.edges)
        doubled = [pair for pair, times in pairs.items() if times > 1]
        if doubled:
            raise ValueError(f"edges {_some(doubled)} are there more than once: keep one of each")
    _check_connected(graph)


def _check_connected(graph: nx.Graph) -> None:
    components = nx.weakly_connected_components if graph.is_directed() else nx.connected_components
    parts = list(components(graph))
    if len(parts) > 1:
        apart = [next(vertex for vertex in graph if vertex in part) for part in parts]
        raise ValueError(
            f"the graph falls into {len(parts)} parts, those of vertices {_some(apart)}: give a "
            "connected one"
        )


def _some(names: Sequence[object]) -> str:
    shown = ", ".join(repr(name) for name in names[:_NAMED])
    return f"[{shown}{', ...' if len(names) > _NAMED else ''}]"
