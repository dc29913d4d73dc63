"""Graphs on disk: pickles of networkx graphs, read without running anything in them."""

from __future__ import annotations

from typing import Any

import networkx as nx

from sparsebench.parts.files import FilePath, read_at_most
from sparsebench.parts.pickles import GRAPH, LARGEST, Object, Refused, described, read_pickle

MOST_VERTICES, MOST_EDGES = 1_000, 20_000
"""Limits: a short pickle can refer to the same dictionary many times, and the time for some
properties grows with both numbers: half a minute at these limits. The thesis's graphs have at most
50 vertices."""

_GRAPH = "networkx.classes.graph.Graph"

_CLASSES = (
    _GRAPH,
    "builtins.dict",  # the factory of dictionaries in older versions of networkx
    "__builtin__.dict",  # the same, in protocol 2
    "networkx.classes.coreviews.AdjacencyView",  # caches of graph.adj and similar views
    "networkx.classes.reportviews.NodeView",
    "networkx.classes.reportviews.EdgeView",
    "networkx.classes.reportviews.DegreeView",
)

_ALLOWED = (
    "give a networkx.Graph, pickled with protocol 2 to 5, whose attributes are numbers, texts and "
    "dictionaries"
)


def read_graph(path: FilePath) -> nx.Graph:
    """Read a pickled networkx graph as data; refuse everything else that a pickle can contain.

    Parameters
    ----------
    path
        A pickle of a `networkx.Graph` whose vertices are whole numbers or texts, such as the thesis
        author's `.gpickle` files.

    Returns
    -------
    networkx.Graph
        A new graph with the vertices and edges in their order, without attributes.

    Raises
    ------
    OSError
        If the file cannot be read.
    ValueError
        If it is too large, damaged, or not such a graph; nothing in it has been run.
    """
    content = read_at_most(path, LARGEST)
    try:
        built, end = read_pickle(content, _CLASSES, GRAPH)
        if end < len(content):
            raise Refused(f"goes on after its end at byte {end}")
        return _graph(built)
    except Refused as reason:
        raise ValueError(f"{path}: {reason}: {_ALLOWED}") from None


def _graph(built: Any) -> nx.Graph:
    """Make a graph from what stands in place of the pickled one."""
    if not isinstance(built, Object) or built.kind != _GRAPH:
        raise Refused(f"holds {described(built)}")
    state = built.state or {}
    vertices, adjacency = state.get("_node"), state.get("_adj")
    if not isinstance(vertices, dict) or not isinstance(adjacency, dict):
        raise Refused("a graph without dictionaries _node and _adj")
    if len(vertices) > MOST_VERTICES:
        raise Refused(f"{len(vertices)} vertices, more than {MOST_VERTICES}")
    strays = [vertex for vertex in vertices if vertex not in adjacency]
    strays += [vertex for vertex in adjacency if vertex not in vertices]
    if strays:
        raise Refused(f"vertex {described(strays[0])} in only one of _node and _adj")
    for vertex, neighbours in adjacency.items():
        if not isinstance(neighbours, dict):
            raise Refused(f"no dictionary of neighbours of vertex {described(vertex)}")
    ends = sum(len(neighbours) for neighbours in adjacency.values())
    if ends > 2 * MOST_EDGES:
        raise Refused(f"{ends} ends of edges, more than {2 * MOST_EDGES}")
    graph = nx.Graph()
    graph.add_nodes_from(vertices)
    for vertex, neighbours in adjacency.items():
        for neighbour in neighbours:
            if neighbour not in vertices:
                raise Refused(
                    f"an edge from {described(vertex)} to {described(neighbour)}, not a vertex"
                )
            if vertex not in adjacency[neighbour]:
                raise Refused(
                    f"an edge from {described(vertex)} to {described(neighbour)} and none back"
                )
            graph.add_edge(vertex, neighbour)
    return graph
