from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterable
from itertools import combinations, pairwise
from pathlib import Path
from random import Random
from statistics import mean, variance
from time import thread_time

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ks_2samp

from sparsebench.parts.graph_files import read_graph
from sparsebench.parts.graphs import draw
from sparsebench.parts.properties import graph_properties
from sparsebench.parts.wirings import orient, wire
from sparsebench.values.graphs import PUBLISHED_FAMILIES, GraphSpec
from sparsebench.values.wiring import Wiring
from tests import network_strategies


def properties_of(graph: nx.Graph) -> dict[str, float]:
    return graph_properties(graph, wire(orient(graph)))


def summary(name: str, values: Iterable[float]) -> dict[str, float]:
    values = list(values)
    spread = variance(values) if len(values) > 1 else 0
    names = (f"{name}_mean", f"{name}_var", f"{name}_std")
    return dict(zip(names, (mean(values or [0]), spread, math.sqrt(spread)), strict=True))


def seen_by_the_readout(graph: nx.Graph) -> dict[str, float]:
    directed = orient(graph)
    *_, last = nx.topological_generations(directed)
    ancestors = (nx.ancestors(directed, vertex) for vertex in last)
    return {
        "true_sinks": sum(degree == 0 for _, degree in directed.out_degree),
        "reaching_readout": len(set(last).union(*ancestors)),
    }


def by_definition(graph: nx.Graph) -> dict[str, float]:
    """Every property through all shortest paths, listed one by one."""
    pairs = list(combinations(graph, 2))
    through = dict.fromkeys(graph, 0.0)
    along = {frozenset(edge): 0.0 for edge in graph.edges}
    distance = {vertex: {vertex: 0} for vertex in graph}
    for one, other in pairs:
        paths = list(nx.all_shortest_paths(graph, one, other))
        distance[one][other] = distance[other][one] = len(paths[0]) - 1
        for path in paths:
            for vertex in path[1:-1]:
                through[vertex] += 1 / len(paths)
            for edge in pairwise(path):
                along[frozenset(edge)] += 1 / len(paths)
    others = len(graph) - 1
    eccentricities = [max(lengths.values()) for lengths in distance.values()]
    pairs_of_others = math.comb(others, 2)
    layers = list(nx.topological_generations(orient(graph)))
    return {
        "layers": len(layers),
        "nodes": len(graph),
        "edges": len(along),
        "source_nodes": len(layers[0]),
        "sink_nodes": len(layers[-1]),
        "diameter": max(eccentricities),
        "density": len(along) / max(1, len(graph) * others),
        "average_shortest_path_length": mean([distance[a][b] for a, b in pairs] or [0]),
        **summary("eccentricity", eccentricities),
        **summary("degree", [graph.degree(each) / others if others else 1 for each in graph]),
        **summary("closeness", [others / max(1, sum(each.values())) for each in distance.values()]),
        **summary(
            "nodes_betweenness", [each / max(1, pairs_of_others) for each in through.values()]
        ),
        **summary("edge_betweenness", [each / len(pairs) for each in along.values()]),
        **seen_by_the_readout(graph),
    }


@given(graph=network_strategies.graphs())
def test_properties_are_what_their_definitions_say_in_the_order_of_the_authors_columns(
    graph: nx.Graph,
) -> None:
    found, expected = properties_of(graph), by_definition(graph)
    assert list(found) == list(expected)
    assert found == pytest.approx(expected, rel=1e-9, abs=1e-12)


@given(graph=network_strategies.graphs(most=30))
def test_the_readout_sees_the_last_layer_and_its_ancestors(graph: nx.Graph) -> None:
    found = properties_of(graph)
    assert {name: found[name] for name in ("true_sinks", "reaching_readout")} == (
        seen_by_the_readout(graph)
    )


@given(graph=network_strategies.graphs())
def test_json_holds_every_property(graph: nx.Graph) -> None:
    found = properties_of(graph)
    assert {type(value) for value in found.values()} == {int, float}
    assert json.loads(json.dumps(found, allow_nan=False)) == found


@given(graph=network_strategies.graphs(), random=st.randoms(use_true_random=False))
def test_the_order_of_vertices_changes_what_the_wiring_tells_and_nothing_else(
    graph: nx.Graph, random: Random
) -> None:
    order = list(graph)
    random.shuffle(order)
    reordered = nx.Graph()
    reordered.add_nodes_from(order)
    reordered.add_edges_from(graph.edges)
    wired = {"layers", "source_nodes", "sink_nodes", "true_sinks", "reaching_readout"}
    one, other = (
        {name: value for name, value in properties_of(each).items() if name not in wired}
        for each in (graph, reordered)
    )
    assert one == pytest.approx(other, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("vertices", [2, 3, 10, 50])
def test_in_a_complete_graph_all_vertices_are_neighbours(vertices: int) -> None:
    assert properties_of(nx.complete_graph(vertices)) == pytest.approx(
        {
            "layers": vertices,
            "nodes": vertices,
            "edges": vertices * (vertices - 1) // 2,
            "source_nodes": 1,
            "sink_nodes": 1,
            "diameter": 1,
            "density": 0.5,
            "average_shortest_path_length": 1,
            **summary("eccentricity", [1]),
            **summary("degree", [1]),
            **summary("closeness", [1]),
            **summary("nodes_betweenness", [0]),
            **summary("edge_betweenness", [2 / (vertices * (vertices - 1))]),
            "true_sinks": 1,
            "reaching_readout": vertices,
        }
    )


@pytest.mark.parametrize("vertices", [3, 4, 25])
def test_in_a_path_the_middle_is_central(vertices: int) -> None:
    ends = [(place, vertices - 1 - place) for place in range(vertices)]
    pairs = math.comb(vertices, 2)
    assert properties_of(nx.path_graph(vertices)) == pytest.approx(
        {
            "layers": vertices,
            "nodes": vertices,
            "edges": vertices - 1,
            "source_nodes": 1,
            "sink_nodes": 1,
            "diameter": vertices - 1,
            "density": 1 / vertices,
            "average_shortest_path_length": (vertices + 1) / 3,
            **summary("eccentricity", [max(pair) for pair in ends]),
            **summary("degree", [(2 - (0 in pair)) / (vertices - 1) for pair in ends]),
            **summary(
                "closeness",
                [2 * (vertices - 1) / (a * (a + 1) + b * (b + 1)) for a, b in ends],
            ),
            **summary("nodes_betweenness", [a * b / math.comb(vertices - 1, 2) for a, b in ends]),
            **summary("edge_betweenness", [(a + 1) * b / pairs for a, b in ends[:-1]]),
            "true_sinks": 1,
            "reaching_readout": vertices,
        }
    )


@pytest.mark.parametrize("leaves", [2, 3, 49])
def test_in_a_star_every_path_leads_over_the_centre(leaves: int) -> None:
    vertices = leaves + 1
    assert properties_of(nx.star_graph(leaves)) == pytest.approx(
        {
            "layers": 2,
            "nodes": vertices,
            "edges": leaves,
            "source_nodes": 1,
            "sink_nodes": leaves,
            "diameter": 2,
            "density": 1 / vertices,
            "average_shortest_path_length": 2 * leaves / vertices,
            **summary("eccentricity", [1, *[2] * leaves]),
            **summary("degree", [1, *[1 / leaves] * leaves]),
            **summary("closeness", [1, *[leaves / (2 * leaves - 1)] * leaves]),
            "nodes_betweenness_mean": 1 / vertices,
            "nodes_betweenness_var": 1 / vertices,
            "nodes_betweenness_std": vertices**-0.5,
            **summary("edge_betweenness", [2 / vertices]),
            "true_sinks": leaves,
            "reaching_readout": vertices,
        }
    )


@pytest.mark.parametrize("vertices", [3, 4, 5, 6, 31])
def test_in_a_cycle_all_vertices_are_alike(vertices: int) -> None:
    average = (vertices * vertices // 4) / (vertices - 1)
    assert properties_of(nx.cycle_graph(vertices)) == pytest.approx(
        {
            "layers": vertices,
            "nodes": vertices,
            "edges": vertices,
            "source_nodes": 1,
            "sink_nodes": 1,
            "diameter": vertices // 2,
            "density": 1 / (vertices - 1),
            "average_shortest_path_length": average,
            **summary("eccentricity", [vertices // 2]),
            **summary("degree", [2 / (vertices - 1)]),
            **summary("closeness", [1 / average]),
            **summary("nodes_betweenness", [(average - 1) / (vertices - 2)]),
            **summary("edge_betweenness", [average / vertices]),
            "true_sinks": 1,
            "reaching_readout": vertices,
        }
    )


def test_a_lone_vertex_is_all_layers_at_once_and_has_no_paths() -> None:
    found = properties_of(nx.empty_graph(1))
    ones = {"layers", "nodes", "source_nodes", "sink_nodes", "true_sinks", "reaching_readout"}
    assert {name for name, value in found.items() if value == 1} == ones | {"degree_mean"}
    assert {name for name, value in found.items() if value == 0} == set(found) - ones - {
        "degree_mean"
    }


def test_vertices_without_a_way_to_the_last_layer_are_true_sinks_or_below_some() -> None:
    graph = nx.Graph([(0, 1), (1, 2), (2, 3), (0, 4), (4, 5), (1, 6)])
    found = properties_of(graph)
    assert (found["layers"], found["sink_nodes"]) == (4, 1)
    assert found["true_sinks"] == 3  # 3, 5 and 6, in layers 3, 2 and 2
    assert found["reaching_readout"] == 4  # 0, 1, 2 and 3: 4 leads to 5 only


def test_the_authors_graphs_have_the_properties_of_the_authors_rows(artifacts: Path) -> None:
    folder = artifacts / "Implementations" / "experiments"
    rows = {}
    for table in (folder / "results" / "structure").glob("*.csv"):
        with table.open(newline="") as lines:
            for row in csv.DictReader(lines):
                rows[row["mode"], f"{row['graph']}_{row['graph_nr']}"] = row
    files = sorted((folder / "graphs").glob("*/*.gpickle"))
    assert files
    for file in files:
        row = rows[file.parent.name, file.stem]
        names = list(row)[list(row).index("layers") : list(row).index("test_acc")]
        found = properties_of(read_graph(file))
        assert list(found) == [*names, "true_sinks", "reaching_readout"]
        for name in names:
            assert found[name] == pytest.approx(float(row[name]), rel=1e-9, abs=1e-9), (file, name)


def test_a_graph_in_parts_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^the graph falls into 2 parts: give a connected one$"):
        graph_properties(nx.empty_graph(2), Wiring((2,), ()))


def test_a_directed_graph_is_refused() -> None:
    with pytest.raises(
        ValueError, match=r"^the graph is a DiGraph: give graph\.to_undirected\(\)$"
    ):
        graph_properties(nx.DiGraph([(0, 1)]), Wiring((1, 1), ((0, 1),)))


@pytest.mark.parametrize("graph", [nx.path_graph(4), nx.complete_graph(3), nx.empty_graph(0)])
def test_the_wiring_of_another_graph_is_refused(graph: nx.Graph) -> None:
    with pytest.raises(ValueError, match=r"the wiring 3 and 2: give the wiring of this graph$"):
        graph_properties(graph, Wiring((1, 1, 1), ((0, 1), (1, 2))))


@pytest.mark.parametrize(
    "graph",
    [
        nx.connected_watts_strogatz_graph(50, 10, 1.0, seed=1),
        nx.barabasi_albert_graph(50, 5, seed=1),
    ],
    ids=["watts_strogatz", "barabasi_albert"],
)
def test_the_largest_graphs_of_the_thesis_take_less_than_30_ms(graph: nx.Graph) -> None:
    wiring, seconds = wire(orient(graph)), []
    for _ in range(5):
        start = thread_time()
        graph_properties(graph, wiring)
        seconds.append(thread_time() - start)
    assert min(seconds) < 0.030


@pytest.mark.parametrize("family", PUBLISHED_FAMILIES)
def test_graphs_drawn_here_are_like_the_authors(artifacts: Path, family: str) -> None:
    """Every property is distributed as in his hundred rows: a networkx that draws otherwise is seen."""
    table = artifacts / "Implementations" / "experiments" / "results" / "structure" / "gru.csv"
    with table.open(encoding="utf-8", newline="") as file:
        theirs = [row for row in csv.DictReader(file) if row["graph"] == family]
    assert len(theirs) == 100
    graphs = [draw(GraphSpec(family, seed)) for seed in range(100)]
    ours = [graph_properties(graph, wire(orient(graph))) for graph in graphs]
    for name in ours[0].keys() & theirs[0].keys():
        found = ks_2samp([each[name] for each in ours], [float(row[name]) for row in theirs])
        assert found.pvalue > 1e-3, name
