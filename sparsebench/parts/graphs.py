"""Families of random graphs: seeded pure functions from a number of vertices to a graph.

The thesis's two families stand beside others that its readers name. All families draw the same number
of vertices for the same seed, so a comparison of two families can be made seed by seed.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import networkx as nx
import numpy as np

from sparsebench.parts.elementary import log
from sparsebench.parts.files import shown
from sparsebench.parts.wirings import check_undirected
from sparsebench.values.checks import one_of, reproducible
from sparsebench.values.graphs import GraphSpec
from sparsebench.values.seeding import stream

Family = Callable[[int, np.random.RandomState], nx.Graph]
"""Draws a connected, simple, undirected graph of so many vertices from a generator, and from nothing
else: equal seeds must give equal graphs, vertices and edges in the same order."""

_FEWEST, _MOST = 10, 50
"""Vertices of a graph (thesis, section 5.3)."""

_TRIES, _MORE_TRIES = 10, 1000
"""How often a connected graph is tried for: as published, and where chance is against it."""


def draw(spec: GraphSpec) -> nx.Graph:
    """Draw the graph that a specification names; equal ones give equal graphs.

    Parameters
    ----------
    spec
        Family, seed and number of vertices; without a number, 10 to 50, uniformly, by the seed.

    Raises
    ------
    TypeError
        If the family draws no graph.
    ValueError
        If there is no such family, or it has drawn a graph that cannot be wired, one of another number
        of vertices, or another one when asked again.
    networkx.NetworkXError
        If the family cannot be drawn with so many vertices.
    """
    one_of("family", spec.family, FAMILIES)
    vertices = spec.vertices or int(stream("vertices", spec.seed).randint(_FEWEST, _MOST + 1))
    return reproducible(
        f"family {spec.family!r} drew two different graphs from one seed, {spec.seed}",
        lambda: _drawn(spec, vertices),
        lambda graph: [(vertex, [*neighbours]) for vertex, neighbours in graph.adjacency()],
    )


def _drawn(spec: GraphSpec, vertices: int) -> nx.Graph:
    graph = FAMILIES[spec.family](vertices, stream("graph", spec.family, spec.seed))
    if not isinstance(graph, nx.Graph):
        raise TypeError(
            f"family {spec.family!r} returned {shown(graph)}: return a connected, undirected "
            f"networkx.Graph of {vertices} vertices, as many as were asked for"
        )
    if len(graph) != vertices:
        raise ValueError(
            f"family {spec.family!r} drew {len(graph)} vertices where {vertices} were asked for: a "
            "family gives exactly as many, so that families can be compared"
        )
    try:
        check_undirected(graph)
    except ValueError as error:
        raise ValueError(f"family {spec.family!r}, seed {spec.seed}: {error}") from None
    return graph


def watts_strogatz(vertices: int, random: np.random.RandomState) -> nx.Graph:
    """A connected Watts-Strogatz graph as published: n // 5 neighbours each, every edge rewired.

    Where n // 5 is odd, networkx begins with one neighbour fewer. (Thesis, sections 3.7.3 and 5.3.)
    """
    return nx.connected_watts_strogatz_graph(
        vertices, max(2, vertices // 5), 1.0, _TRIES, seed=random
    )


def barabasi_albert(vertices: int, random: np.random.RandomState) -> nx.Graph:
    """A Barabási-Albert graph as published: each new vertex brings m = n // 10 edges.

    Growth begins with m vertices that are joined to the next one, as in networkx at the time and as
    the author's graphs show: they are the sources. By itself, networkx now begins with a star
    around the first vertex, which would be the only source. (Thesis, sections 3.7.4 and 5.3.)
    """
    edges = max(1, vertices // 10)
    start = nx.Graph()
    start.add_nodes_from(range(edges + 1))
    start.add_edges_from((vertex, edges) for vertex in range(edges))
    return nx.barabasi_albert_graph(vertices, edges, seed=random, initial_graph=start)


def kleinberg(vertices: int, random: np.random.RandomState) -> nx.Graph:
    """Kleinberg's navigable small world on a line, made undirected.

    Each vertex knows its neighbours and draws n // 10 others, with a probability that falls as
    1 / distance: the exponent at which a line can be navigated (Kleinberg, Nature 406, 2000).
    (`networkx.navigable_small_world_graph` would draw loops, and misplaces what it draws by one.)
    """
    graph = nx.path_graph(vertices)
    contacts = min(max(1, vertices // 10), vertices - 1)
    for vertex in range(vertices if contacts else 0):
        others = np.delete(np.arange(vertices), vertex)
        nearness = 1 / np.abs(others - vertex)
        chosen = random.choice(others, contacts, replace=False, p=nearness / nearness.sum())
        graph.add_edges_from((vertex, int(other)) for other in chosen)
    return graph


def erdos_renyi(vertices: int, random: np.random.RandomState) -> nx.Graph:
    """A connected Erdős-Rényi graph in which each edge is there with probability 2 ln(n) / n.

    That is twice the threshold from which on almost every such graph is connected.
    """
    probability = min(1.0, 2 * float(log(float(vertices))) / vertices)
    for _ in range(_MORE_TRIES):
        graph = nx.gnp_random_graph(vertices, probability, seed=random)
        if nx.is_connected(graph):
            return graph
    raise nx.NetworkXError(
        f"{_MORE_TRIES} Erdős-Rényi graphs of {vertices} vertices and none connected: take another seed"
    )


def layered(vertices: int, random: np.random.RandomState) -> nx.Graph:
    """A control without chance: three layers, as equal as can be, each wholly connected to the next."""
    layers = np.array_split(np.arange(vertices), min(3, vertices))
    graph = nx.Graph()
    graph.add_nodes_from(range(vertices))
    for lower, upper in pairwise(layers):
        graph.add_edges_from((int(one), int(other)) for one in lower for other in upper)
    return graph


FAMILIES: dict[str, Family] = {
    "watts_strogatz": watts_strogatz,
    "barabasi_albert": barabasi_albert,
    "kleinberg": kleinberg,
    "erdos_renyi": erdos_renyi,
    "layered": layered,
}
"""Families by name. A project's own go in here, from its conftest.py."""
