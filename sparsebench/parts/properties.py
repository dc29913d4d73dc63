"""Properties of a graph and of its wiring, named as in the thesis author's result rows."""

from __future__ import annotations

from collections.abc import Iterable

import networkx as nx
import numpy as np

from sparsebench.values.checks import with_article
from sparsebench.values.wiring import Wiring


def graph_properties(graph: nx.Graph, wiring: Wiring) -> dict[str, float]:
    """Measure a graph (thesis, section 3.7.2) and how much of its wiring the readout sees.

    Parameters
    ----------
    graph
        Connected and undirected.
    wiring
        The wiring made from the graph.

    Returns
    -------
    dict
        The 23 columns of the author's rows, in their order, as plain numbers. `layers`,
        `source_nodes` and `sink_nodes` (vertices of the first and of the last layer) are those of
        the wiring, so they depend on the directions of edges. `density` is m / (n (n - 1))
        (equation 3.43), which is 0.5 for a complete graph; `degree` is degree centrality. Variances
        and standard deviations are those of a sample.

        Two more count vertices of the wiring: `true_sinks` have no outgoing edge, in whatever
        layer; `reaching_readout` have a path to the last layer, the only one that the readout sees,
        or lie in that layer.

        The variance of one value is 0. A lone vertex has degree centrality 1, as in networkx;
        whatever needs a second vertex or an edge is 0.

    Raises
    ------
    ValueError
        If the graph is directed or not connected, or the wiring has other numbers of vertices or
        edges.
    """
    _check(graph, wiring)
    eccentricity = nx.eccentricity(graph)
    return {
        "layers": len(wiring.sizes),
        "nodes": len(graph),
        "edges": graph.number_of_edges(),
        "source_nodes": wiring.sizes[0],
        "sink_nodes": wiring.sizes[-1],
        "diameter": max(eccentricity.values()),
        "density": nx.density(graph) / 2,
        "average_shortest_path_length": float(nx.average_shortest_path_length(graph)),
        **_summary("eccentricity", eccentricity.values()),
        **_summary("degree", nx.degree_centrality(graph).values()),
        **_summary("closeness", nx.closeness_centrality(graph).values()),
        **_summary("nodes_betweenness", nx.betweenness_centrality(graph).values()),
        **_summary("edge_betweenness", nx.edge_betweenness_centrality(graph).values()),
        "true_sinks": sum(wiring.sizes) - len({source for source, _ in wiring.edges}),
        "reaching_readout": len(vertices_reaching_readout(wiring)),
    }


def _summary(name: str, values: Iterable[float]) -> dict[str, float]:
    numbers = np.array(list(values), dtype=np.float64)
    variance = float(numbers.var(ddof=1)) if len(numbers) > 1 else 0.0
    return {
        f"{name}_mean": float(numbers.mean()) if len(numbers) else 0.0,
        f"{name}_var": variance,
        f"{name}_std": variance**0.5,
    }


def vertices_reaching_readout(wiring: Wiring) -> set[int]:
    """The vertices with a path to the last layer, including those of that layer."""
    vertices = sum(wiring.sizes)
    reaching = set(range(vertices - wiring.sizes[-1], vertices))
    # Edges are sorted and lead to higher numbers. In reverse order, the edges out of a vertex come
    # before those into it.
    for source, target in reversed(wiring.edges):
        if target in reaching:
            reaching.add(source)
    return reaching


def _check(graph: nx.Graph, wiring: Wiring) -> None:
    if graph.is_directed():
        raise ValueError(f"the graph is {with_article(type(graph))}: give graph.to_undirected()")
    have = (len(graph), graph.number_of_edges())
    wired = (sum(wiring.sizes), len(wiring.edges))
    if have != wired:
        raise ValueError(
            f"the graph has {have[0]} vertices and {have[1]} edges, the wiring {wired[0]} and "
            f"{wired[1]}: give the wiring of this graph"
        )
    if not nx.is_connected(graph):
        parts = nx.number_connected_components(graph)
        raise ValueError(f"the graph falls into {parts} parts: give a connected one")
