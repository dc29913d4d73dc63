"""Families of random graphs: pure functions from a number of vertices and a generator to a graph.

The thesis's two families come with others that are usual in the literature. All families draw the
same number of vertices for the same seed, so that two families can be compared seed by seed.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import networkx as nx
import numpy as np

from sparsebench.parts.elementary import log
from sparsebench.parts.files import shown
from sparsebench.parts.wirings import check_undirected
from sparsebench.values.checks import one_of, refusal, reproducible
from sparsebench.values.graphs import GraphSpec
from sparsebench.values.seeding import stream

Family = Callable[[int, np.random.RandomState], nx.Graph]
"""Draws a connected, simple, undirected graph with the given number of vertices, using only the
given generator: equal seeds must give equal graphs, with vertices and edges in the same order."""

_FEWEST, _MOST = 10, 50
"""Fewest and most vertices of a graph (thesis, section 5.3)."""

_TRIES, _MORE_TRIES = 10, 1000
"""Attempts to draw a connected graph: as published, and where connected graphs are rare."""


def draw(spec: GraphSpec) -> nx.Graph:
    """Draw the graph of a specification; equal specifications give equal graphs.

    Parameters
    ----------
    spec
        Family, seed and number of vertices; without a number, 10 to 50, drawn uniformly by the
        seed.

    Raises
    ------
    TypeError
        If the family does not return a graph.
    ValueError
        If there is no such family, or its graph cannot be wired, has another number of vertices, or
        differs in a second call.
    networkx.NetworkXError
        If the family cannot draw a graph with this number of vertices.
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
        raise refusal(
            TypeError(
                f"family {spec.family!r} returned {shown(graph)}: return a connected, undirected "
                f"networkx.Graph of {vertices} vertices, as many as were asked for"
            )
        )
    if len(graph) != vertices:
        raise refusal(
            ValueError(
                f"family {spec.family!r} drew {len(graph)} vertices where {vertices} were asked for: "
                "a family gives exactly as many, so that families can be compared"
            )
        )
    try:
        check_undirected(graph)
    except ValueError as error:
        message = f"family {spec.family!r}, seed {spec.seed}: {error}"
        raise refusal(ValueError(message)) from None
    return graph


def watts_strogatz(vertices: int, random: np.random.RandomState) -> nx.Graph:
    """A connected Watts-Strogatz graph as published: n // 5 neighbours each, every edge rewired.

    If n // 5 is odd, networkx starts with one neighbour fewer. (Thesis, sections 3.7.3 and 5.3.)
    """
    return nx.connected_watts_strogatz_graph(
        vertices, max(2, vertices // 5), 1.0, _TRIES, seed=random
    )


def barabasi_albert(vertices: int, random: np.random.RandomState) -> nx.Graph:
    """A Barabási-Albert graph as published: each new vertex adds m = n // 10 edges.

    Growth starts with m vertices that are joined to the next one, as in networkx at the time and as
    the author's graphs show; these are the sources. By default, networkx now starts with a star
    around the first vertex, which would be the only source. (Thesis, sections 3.7.4 and 5.3.)
    """
    edges = max(1, vertices // 10)
    start = nx.Graph()
    start.add_nodes_from(range(edges + 1))
    start.add_edges_from((vertex, edges) for vertex in range(edges))
    return nx.barabasi_albert_graph(vertices, edges, seed=random, initial_graph=start)


def kleinberg(vertices: int, random: np.random.RandomState) -> nx.Graph:
    """Kleinberg's navigable small world on a line, made undirected.

    Each vertex is joined to its neighbours and to n // 10 random others, with a probability
    proportional to 1 / distance: the exponent at which a line is navigable (Kleinberg, Nature 406,
    2000). (`networkx.navigable_small_world_graph` would draw loops, and is off by one in what it
    draws.)
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
    """A connected Erdős-Rényi graph in which each edge exists with probability 2 ln(n) / n.

    This is twice the threshold above which almost every such graph is connected.
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
    """A deterministic control: three layers of nearly equal size, each fully connected to the next."""
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
"""Families by name. A project adds its own in its conftest.py."""
