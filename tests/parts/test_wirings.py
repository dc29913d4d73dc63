"""From graphs to wirings: longest paths decide on layers, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterator
from itertools import pairwise
from time import process_time

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparsebench.parts.wirings import ORDERS, graph_of, layer_index, orient, wire
from sparsebench.values.checks import NotReproducible
from sparsebench.values.wiring import Wiring
from tests import network_strategies, strategies

THESIS = ((0, 2), (1, 2), (1, 3), (2, 3), (2, 4), (3, 4))
"""The worked example of the thesis (table 5.2): edges between five vertices."""

orders = st.sampled_from(list(ORDERS))


def sources(graph: nx.DiGraph) -> list[Hashable]:
    return [vertex for vertex, parents in graph.in_degree if parents == 0]


# Layers


def test_the_layers_of_the_thesis_example() -> None:
    graph = nx.empty_graph(5)
    graph.add_edges_from(THESIS)
    directed = orient(graph)
    assert layer_index(directed) == {0: 0, 1: 0, 2: 1, 3: 2, 4: 3}
    assert wire(directed) == Wiring((2, 1, 1, 1), THESIS)


@given(graph=network_strategies.directed_graphs(most=7))
def test_the_layer_of_a_vertex_is_the_length_of_the_longest_path_to_it(graph: nx.DiGraph) -> None:
    layer = layer_index(graph)
    assert list(layer) == list(graph)
    for vertex in graph:
        paths = [
            path
            for source in sources(graph)
            for path in nx.all_simple_paths(graph, source, vertex)
            if source != vertex
        ]
        assert layer[vertex] == max((len(path) - 1 for path in paths), default=0)


@given(graph=network_strategies.directed_graphs())
def test_edges_go_up_and_the_highest_parent_lies_right_below(graph: nx.DiGraph) -> None:
    layer = layer_index(graph)
    assert all(layer[one] < layer[other] for one, other in graph.edges)
    for vertex in graph:
        assert layer[vertex] == 1 + max(map(layer.get, graph.predecessors(vertex)), default=-1)


@given(graph=network_strategies.directed_graphs())
def test_vertices_are_numbered_layer_by_layer_and_keep_node_order_inside(
    graph: nx.DiGraph,
) -> None:
    layer, wiring = layer_index(graph), wire(graph)
    position = {vertex: place for place, vertex in enumerate(graph)}
    numbered = sorted(graph, key=lambda vertex: (layer[vertex], position[vertex]))
    assert wiring.layer_of() == [layer[vertex] for vertex in numbered]
    edges = {(numbered[one], numbered[other]) for one, other in wiring.edges}
    assert edges == set(graph.edges)


@given(graph=network_strategies.directed_graphs(), data=st.data())
def test_names_of_vertices_do_not_matter_if_their_order_stays(
    graph: nx.DiGraph, data: st.DataObject
) -> None:
    names = data.draw(
        st.lists(
            st.one_of(st.integers(), st.text(), st.tuples(st.integers())),
            min_size=len(graph),
            max_size=len(graph),
            unique=True,
        )
    )
    renamed = nx.relabel_nodes(graph, dict(zip(graph, names, strict=True)))
    assert wire(renamed) == wire(graph)


@given(graph=network_strategies.directed_graphs())
def test_a_wiring_comes_back_from_its_graph(graph: nx.DiGraph) -> None:
    wiring = wire(graph)
    assert wire(graph_of(wiring)) == wiring
    assert wire(orient(graph_of(wiring).to_undirected())) == wiring


@given(graph=network_strategies.directed_graphs())
def test_the_graph_of_a_wiring_is_the_graph_that_was_wired(graph: nx.DiGraph) -> None:
    assert nx.is_isomorphic(graph_of(wire(graph)), graph)


def test_a_lone_vertex_is_a_layer() -> None:
    one = nx.Graph()
    one.add_node("here")
    assert wire(orient(one)) == Wiring((1,), ())


# Directions


@given(graph=network_strategies.graphs(), order=orders, seed=strategies.seeds)
def test_every_edge_gets_one_direction_from_the_vertex_that_comes_first(
    graph: nx.Graph, order: str, seed: int
) -> None:
    graph = nx.relabel_nodes(graph, str)
    directed = orient(graph, order, seed)
    place = {vertex: number for number, vertex in enumerate(directed)}
    assert set(place) == set(graph)
    assert directed.number_of_edges() == graph.number_of_edges()
    assert set(map(frozenset, directed.edges)) == set(map(frozenset, graph.edges))
    assert all(place[one] < place[other] for one, other in directed.edges)
    assert nx.is_directed_acyclic_graph(directed)
    wire(directed)


@given(graph=network_strategies.graphs())
def test_node_order_is_the_default_and_no_seed_moves_it(graph: nx.Graph) -> None:
    for directed in (orient(graph), orient(graph, "nodes", 1), orient(graph, seed=2)):
        assert list(directed) == list(graph)


@given(graph=network_strategies.graphs(), order=orders, seed=strategies.seeds)
def test_the_same_seed_gives_the_same_order(graph: nx.Graph, order: str, seed: int) -> None:
    assert list(orient(graph, order, seed)) == list(orient(graph, order, seed))


def test_the_order_by_seed_takes_every_order() -> None:
    graph = nx.complete_graph(3)
    assert len({tuple(orient(graph, "seed", seed)) for seed in range(60)}) == 6


@given(graph=network_strategies.graphs(), seed=strategies.seeds)
def test_breadth_first_order_visits_the_neighbours_of_one_vertex_before_those_of_the_next(
    graph: nx.Graph, seed: int
) -> None:
    order = list(orient(graph, "breadth_first", seed))
    assert order[0] == next(iter(graph))
    place = {vertex: number for number, vertex in enumerate(order)}
    found_by = [min(place[neighbour] for neighbour in graph[vertex]) for vertex in order[1:]]
    assert found_by == sorted(found_by)
    assert all(found < number for number, found in enumerate(found_by, start=1))


def test_layers_depend_on_the_order() -> None:
    line = nx.Graph()
    line.add_nodes_from([0, 2, 1])
    line.add_edges_from([(0, 1), (1, 2)])
    assert wire(orient(line)).sizes == (2, 1)
    assert wire(orient(line, "breadth_first")).sizes == (1, 1, 1)


# Size


@pytest.mark.parametrize("order", ["nodes", "breadth_first"])
def test_a_path_of_a_hundred_thousand_vertices_is_wired_in_seconds(order: str) -> None:
    vertices = 100_000
    graph = nx.path_graph(vertices)
    begin = process_time()
    wiring = wire(orient(graph, order))
    assert process_time() - begin < 10
    assert len(wiring.edges) == vertices - 1
    assert len(wiring.sizes) == vertices


class Counting(nx.DiGraph):
    """Counts the edges that are looked at from below."""

    looks = 0

    def successors(self, n: Hashable) -> Iterator[Hashable]:
        for child in super().successors(n):
            self.looks += 1
            yield child


@given(graph=network_strategies.directed_graphs())
def test_every_edge_is_looked_at_once(graph: nx.DiGraph) -> None:
    counting = Counting(graph)
    layer_index(counting)
    assert counting.looks == graph.number_of_edges()


def test_a_graph_of_a_million_million_million_paths_is_wired_at_once() -> None:
    diamonds = nx.DiGraph()
    for begin in range(0, 180, 3):
        diamonds.add_edges_from([(begin, begin + 1), (begin, begin + 2)])
        diamonds.add_edges_from([(begin + 1, begin + 3), (begin + 2, begin + 3)])
    assert len(wire(diamonds).sizes) == 121


# What is refused


def with_loop(kind: type[nx.Graph]) -> nx.Graph:
    return kind([(0, 1), (1, 1), (1, "two"), ("two", "two")])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: orient(nx.Graph()), "the graph has no vertices: give at least one"),
        (lambda: wire(nx.DiGraph()), "the graph has no vertices: give at least one"),
        (lambda: orient(with_loop(nx.Graph)), "vertices [1, 'two'] have edges to themselves"),
        (lambda: wire(with_loop(nx.DiGraph)), "vertices [1, 'two'] have edges to themselves"),
        (
            lambda: orient(nx.MultiGraph([("a", "b"), ("b", "a"), ("b", "c")])),
            "edges [('a', 'b')] are there more than once",
        ),
        (
            lambda: wire(nx.MultiDiGraph([(0, 1), (0, 1), (1, 2)])),
            "edges [(0, 1)] are there more than once",
        ),
        (
            lambda: wire(nx.DiGraph([(0, 1), (1, 2), (2, 3), (3, 1)])),
            "vertices [1, 2, 3] form a cycle of 3",
        ),
        (lambda: wire(nx.DiGraph([(0, 1), (1, 0)])), "vertices [0, 1] form a cycle of 2"),
        (
            lambda: layer_index(nx.DiGraph(pairwise([*range(7), 0]))),
            "vertices [0, 1, 2, 3, 4, ...] form a cycle of 7",
        ),
        (
            lambda: orient(nx.Graph([(3, 4), ("x", "y"), (4, 5)])),
            "the graph falls into 2 parts, those of vertices [3, 'x']",
        ),
        (
            lambda: wire(nx.DiGraph([(3, 4), ("x", "y")])),
            "the graph falls into 2 parts, those of vertices [3, 'x']",
        ),
        (
            lambda: orient(nx.empty_graph(8)),
            "the graph falls into 8 parts, those of vertices [0, 1, 2, 3, 4, ...]",
        ),
        (
            lambda: orient(nx.DiGraph([(0, 1)])),
            "the graph is a DiGraph: give an undirected one, or wire it as it is",
        ),
        (
            lambda: orient(nx.MultiDiGraph([(0, 1)])),
            "the graph is a MultiDiGraph: give an undirected one",
        ),
        (
            lambda: wire(nx.Graph([(0, 1)])),
            "the graph is a Graph, whose edges have no direction: wire(orient(graph))",
        ),
        (
            lambda: orient(nx.path_graph(2), "depth_first"),
            "unknown order of vertices 'depth_first': choose one of nodes, seed, breadth_first",
        ),
    ],
)
def test_what_cannot_be_wired_is_refused_by_name(make: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
        make()


def test_a_multigraph_without_multiple_edges_is_wired_like_any_other() -> None:
    edges = [(0, 1), (1, 2), (0, 2)]
    expected = Wiring((1, 1, 1), ((0, 1), (0, 2), (1, 2)))
    assert wire(orient(nx.MultiGraph(edges))) == expected
    assert wire(nx.MultiDiGraph(edges)) == expected


@pytest.mark.parametrize("order", list(ORDERS))
def test_the_given_graph_stays_as_it_was(order: str) -> None:
    graph = nx.cycle_graph(5)
    orient(graph, order).add_edge(0, 9)
    assert nx.utils.graphs_equal(graph, nx.cycle_graph(5))


def test_an_order_that_ignores_its_generator_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    turns = iter([1, -1])
    monkeypatch.setitem(ORDERS, "stray", lambda graph, random: [*graph][:: next(turns)])
    message = (
        "^order 'stray' gave two different orders of one graph's vertices from one seed, 3: let"
    )
    with pytest.raises(NotReproducible, match=message):
        orient(nx.path_graph(4), "stray", 3)


@pytest.mark.parametrize(
    ("order", "message"),
    [
        ([0, 1], "gave 2 vertices, 2 of the graph's 3 among them"),
        ([0, 1, 1], "gave 3 vertices, 2 of the graph's 3 among them"),
        ([0, 1, 2, 1], "gave 4 vertices, 3 of the graph's 3 among them"),
        ([0, 1, 2, 3], "gave 4 vertices, 3 of the graph's 3 among them"),
    ],
)
def test_an_order_that_does_not_give_every_vertex_once_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, order: list[int], message: str
) -> None:
    def rule(graph: nx.Graph, random: np.random.RandomState) -> list[int]:
        return order

    monkeypatch.setitem(ORDERS, "odd", rule)
    with pytest.raises(ValueError, match=f"^order 'odd' {message}: give each of these once$"):
        orient(nx.path_graph(3), "odd")
