"""Families of graphs: functions of their specification, and of nothing else."""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Hashable

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparsebench.experiments.random_wiring.items import wired_items
from sparsebench.experiments.random_wiring.network import wired_network
from sparsebench.parts.graphs import FAMILIES, draw
from sparsebench.parts.wired import graph_and_wiring
from sparsebench.values.checks import NotReproducible
from sparsebench.values.graphs import PUBLISHED_FAMILIES, GraphSpec
from sparsebench.values.seeding import stream
from tests import strategies
from tests.generators import assert_independent

OURS = ("watts_strogatz", "barabasi_albert", "kleinberg", "erdos_renyi", "layered")
BY_CHANCE = OURS[:-1]


def spelled_out(graph: nx.Graph) -> list[tuple[Hashable, list[Hashable]]]:
    """Vertices and their neighbours in the order in which the graph has them."""
    return [(vertex, list(neighbours)) for vertex, neighbours in graph.adjacency()]


def path(vertices: int, random: np.random.RandomState) -> nx.Graph:
    return nx.path_graph(vertices)


def test_these_are_the_families() -> None:
    assert tuple(FAMILIES) == OURS


@pytest.mark.parametrize("family", OURS)
@given(seed=strategies.seeds, vertices=st.none() | st.integers(2, 60))
def test_equal_specifications_give_equal_graphs_in_the_same_order(
    family: str, seed: int, vertices: int | None
) -> None:
    spec = GraphSpec(family, seed, vertices)
    assert spelled_out(draw(spec)) == spelled_out(draw(spec))


@pytest.mark.parametrize("family", OURS)
def test_a_family_neither_reads_nor_moves_the_generators_of_the_process(family: str) -> None:
    assert_independent(lambda: spelled_out(draw(GraphSpec(family, 0))))


@pytest.mark.parametrize("family", BY_CHANCE)
def test_another_seed_gives_another_graph(family: str) -> None:
    graphs = [draw(GraphSpec(family, seed, 20)) for seed in range(20)]
    assert len({frozenset(map(frozenset, graph.edges)) for graph in graphs}) == 20


def test_the_control_knows_no_chance() -> None:
    one, other = (draw(GraphSpec("layered", seed, 20)) for seed in (0, 1))
    assert spelled_out(one) == spelled_out(other)


@pytest.mark.parametrize("family", OURS)
def test_graphs_of_the_thesis_size_are_connected_simple_and_undirected(family: str) -> None:
    for seed in range(100):
        graph = draw(GraphSpec(family, seed))
        assert type(graph) is nx.Graph
        assert 10 <= len(graph) <= 50
        assert list(graph) == list(range(len(graph)))
        assert nx.is_connected(graph)
        assert list(nx.selfloop_edges(graph)) == []


@pytest.mark.parametrize("family", OURS)
@given(seed=strategies.seeds, vertices=st.integers(2, 9))
def test_small_graphs_can_be_drawn_too(family: str, seed: int, vertices: int) -> None:
    graph = draw(GraphSpec(family, seed, vertices))
    assert list(graph) == list(range(vertices))
    assert nx.is_connected(graph)
    assert list(nx.selfloop_edges(graph)) == []


@pytest.mark.parametrize("family", OURS)
def test_a_lone_vertex_is_drawn_or_refused_with_a_reason(family: str) -> None:
    spec = GraphSpec(family, 0, 1)
    if family in PUBLISHED_FAMILIES:
        with pytest.raises(nx.NetworkXError, match=r"k>n|m < n, m = 1, n = 1"):
            draw(spec)
    else:
        assert spelled_out(draw(spec)) == [(0, [])]


@given(seed=strategies.seeds)
def test_all_families_have_the_same_number_of_vertices_for_the_same_seed(seed: int) -> None:
    assert len({len(draw(GraphSpec(family, seed))) for family in OURS}) == 1


def test_numbers_of_vertices_are_uniform_from_10_to_50(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FAMILIES, "path", path)
    counts = np.bincount([len(draw(GraphSpec("path", seed))) for seed in range(2050)])
    assert not counts[:10].any()
    assert len(counts) == 51
    assert 20 < counts[10:].min() <= counts[10:].max() < 80  # four deviations around 50


# The thesis's two


@pytest.mark.parametrize("seed", range(20))
def test_watts_strogatz_is_networkx_with_the_parameters_of_the_thesis(seed: int) -> None:
    graph = draw(GraphSpec("watts_strogatz", seed))
    n = len(graph)
    expected = nx.connected_watts_strogatz_graph(
        n, n // 5, 1, tries=10, seed=stream("graph", "watts_strogatz", seed)
    )
    assert spelled_out(graph) == spelled_out(expected)
    assert graph.number_of_edges() == n * (n // 5 // 2)


@pytest.mark.parametrize("seed", range(20))
def test_barabasi_albert_is_networkx_with_the_parameters_of_the_thesis(seed: int) -> None:
    graph, wiring = graph_and_wiring(GraphSpec("barabasi_albert", seed))
    n = len(graph)
    m = n // 10
    star = nx.empty_graph(m + 1)
    star.add_edges_from((vertex, m) for vertex in range(m))
    random = stream("graph", "barabasi_albert", seed)
    expected = nx.barabasi_albert_graph(n, m, seed=random, initial_graph=star)
    assert spelled_out(graph) == spelled_out(expected)
    assert graph.number_of_edges() == m * (n - m)
    assert wiring.sizes[0] == m  # as in the author's rows


@pytest.mark.parametrize(
    ("family", "pinned"),
    [("watts_strogatz", "5a015cc89fd8f3fd"), ("barabasi_albert", "9bdd4c51d5fadc70")],
)
def test_graphs_stay_what_the_stored_baselines_were_wired_by(family: str, pinned: str) -> None:
    graphs = [spelled_out(draw(GraphSpec(family, seed))) for seed in range(100)]
    assert hashlib.sha256(repr(graphs).encode()).hexdigest()[:16] == pinned


# The others


@given(seed=strategies.seeds, vertices=st.integers(10, 50))
def test_a_small_world_on_a_line_has_the_line_and_few_edges_more(seed: int, vertices: int) -> None:
    graph = draw(GraphSpec("kleinberg", seed, vertices))
    assert set(nx.path_graph(vertices).edges) <= set(graph.edges)
    further = graph.number_of_edges() - (vertices - 1)
    assert 0 <= further <= vertices * (vertices // 10)


def test_both_ends_of_the_line_are_known_from_afar_equally_often() -> None:
    ends = [
        (graph.degree(0), graph.degree(19))
        for graph in (draw(GraphSpec("kleinberg", seed, 20)) for seed in range(500))
    ]
    first, last = np.mean(ends, axis=0)
    assert abs(first - last) < 0.15  # the deviation of the difference is 0.05


def test_far_vertices_of_the_line_are_known_less_often_the_further_they_are() -> None:
    """Of 30 vertices, the middle one draws contacts to the right as 1 / distance."""
    known = np.zeros(30)
    for seed in range(300):
        known[list(draw(GraphSpec("kleinberg", seed, 30))[15])] += 1
    assert known[14] == known[16] == 300
    assert known[17:20].sum() > known[20:23].sum() > known[26:29].sum() > 0


def test_erdos_renyi_has_edges_with_probability_2_ln_n_over_n() -> None:
    shares = [nx.density(draw(GraphSpec("erdos_renyi", seed, 40))) for seed in range(100)]
    assert np.mean(shares) == pytest.approx(2 * np.log(40) / 40, rel=0.03)


def test_the_control_is_three_equal_layers_each_wholly_connected_to_the_next() -> None:
    graph, wiring = graph_and_wiring(GraphSpec("layered", 0, 7))
    assert len(graph) == 7
    assert wiring.sizes == (3, 2, 2)
    assert wiring.between(0, 1).all()
    assert wiring.between(1, 2).all()
    assert wiring.skips() == []


# A family of one's own


def wheel(vertices: int, random: np.random.RandomState) -> nx.Graph:
    """A ring whose vertices are all tied to one hub, which chance chooses."""
    hub = int(random.randint(vertices))
    rim = [vertex for vertex in range(vertices) if vertex != hub]
    graph = nx.Graph()
    graph.add_nodes_from(range(vertices))
    nx.add_cycle(graph, rim)
    graph.add_edges_from((hub, vertex) for vertex in rim)
    return graph


def test_a_family_of_ones_own_is_wired_like_any_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FAMILIES, "wheel", wheel)
    items = wired_items(3, ["gru"], ["wheel"])
    assert [item.id for item in items] == [f"gru-wheel-s{seed}" for seed in range(3)]
    for item in items:
        (case,) = item.cases([0])
        network = wired_network(case)
        vertices = len(draw(case.graph))
        assert sum(network.layout.sizes) == vertices
        edges = sum(int(mask.sum()) for mask in network.masks.values()) // 3
        assert edges == 2 * (vertices - 1)


def test_a_family_draws_by_its_name_and_the_seed_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = []
    monkeypatch.setitem(
        FAMILIES,
        "noted",
        lambda n, random: drawn.append(random.random_sample()) or nx.path_graph(n),
    )
    draw(GraphSpec("noted", 3, 4))
    draw(GraphSpec("noted", 3, 5, "seed"))
    draw(GraphSpec("noted", 4, 4))
    expected = stream("graph", "noted", 3).random_sample()
    assert [*dict.fromkeys(drawn)] == [expected, stream("graph", "noted", 4).random_sample()]
    assert drawn.count(expected) == len(drawn) * 2 // 3


@pytest.mark.parametrize("extra", [-1, 1])
def test_a_family_that_draws_another_number_of_vertices_is_refused(
    monkeypatch: pytest.MonkeyPatch, extra: int
) -> None:
    monkeypatch.setitem(FAMILIES, "off", lambda n, random: nx.path_graph(n + extra))
    message = f"family 'off' drew {6 + extra} vertices where 6 were asked for"
    with pytest.raises(ValueError, match=f"^{message}"):
        draw(GraphSpec("off", 0, 6))


def test_an_unknown_family_is_refused_with_the_known_ones() -> None:
    names = re.escape(", ".join(OURS))
    with pytest.raises(ValueError, match=f"^unknown family 'small_world': choose one of {names}$"):
        draw(GraphSpec("small_world", 0))


def by_chance(vertices: int, ignored: np.random.RandomState) -> nx.Graph:
    """A star whose centre comes from the generators of the process."""
    centre = random.randrange(vertices)
    graph = nx.Graph()
    graph.add_nodes_from(range(vertices))
    graph.add_edges_from((centre, other) for other in range(vertices) if other != centre)
    return graph


def test_a_family_that_ignores_its_generator_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    random.seed(0)  # draws two different ones
    monkeypatch.setitem(FAMILIES, "stray", by_chance)
    message = (
        "^family 'stray' drew two different graphs from one seed, 7: let it draw from the gener"
    )
    with pytest.raises(NotReproducible, match=message):
        draw(GraphSpec("stray", 7, 40))


def test_a_family_that_draws_the_same_edges_in_another_order_is_refused_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Layers follow from the order of vertices."""
    turns = iter([1, -1])
    monkeypatch.setitem(
        FAMILIES, "turned", lambda n, random: nx.path_graph([*range(n)][:: next(turns)])
    )
    with pytest.raises(NotReproducible):
        draw(GraphSpec("turned", 0, 5))


@pytest.mark.parametrize(
    ("made", "given"),
    [(None, "None"), (3, "3"), ([(0, 1)], "list"), (np.eye(4), "ndarray"), ("edges", "'edges'")],
    ids=["none", "number", "list", "array", "text"],
)
def test_a_family_that_returns_no_graph_is_told_by_name(
    monkeypatch: pytest.MonkeyPatch, made: object, given: str
) -> None:
    monkeypatch.setitem(FAMILIES, "odd", lambda n, random: made)
    message = (
        f"family 'odd' returned {given}: return a connected, undirected networkx.Graph of 4 vert"
    )
    with pytest.raises(TypeError, match=f"^{re.escape(message)}"):
        draw(GraphSpec("odd", 0, 4))


@pytest.mark.parametrize(
    ("graph", "message"),
    [
        (nx.DiGraph([(0, 1), (1, 2), (2, 3)]), "the graph is a DiGraph: give an undirected one"),
        (nx.empty_graph(4), "the graph falls into 4 parts"),
        (nx.Graph([(0, 1), (1, 2), (2, 3), (3, 3)]), "vertices [3] have edges to themselves"),
        (
            nx.MultiGraph([(0, 1), (0, 1), (1, 2), (2, 3)]),
            "edges [(0, 1)] are there more than once",
        ),
    ],
    ids=["directed", "apart", "loop", "doubled"],
)
def test_a_graph_that_cannot_be_wired_is_told_with_its_family_and_seed(
    monkeypatch: pytest.MonkeyPatch, graph: nx.Graph, message: str
) -> None:
    monkeypatch.setitem(FAMILIES, "odd", lambda n, random: graph)
    with pytest.raises(ValueError, match=f"^family 'odd', seed 5: {re.escape(message)}"):
        draw(GraphSpec("odd", 5, 4))
