"""Rows of the author's tables: read line by line, and held against themselves and our figures."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import networkx as nx
import pytest
from hypothesis import given

from sparsebench.parts.properties import graph_properties
from sparsebench.parts.published_rows import (
    ACCURACY,
    MOST_ROWS,
    PROPERTIES,
    Figures,
    contradictions,
    differences,
    read_rows,
)
from sparsebench.parts.wirings import orient, wire
from tests import network_strategies

HEADER = ("mode", "graph", "graph_nr", *PROPERTIES, ACCURACY, "test_loss", "time")


def figures(graph: nx.Graph | None = None) -> dict[str, float]:
    """A row as it should be."""
    graph = graph or nx.krackhardt_kite_graph()
    return {**graph_properties(graph, wire(orient(graph))), ACCURACY: 0.50576}


def written(folder: Path, *rows: dict[str, object], header: tuple[str, ...] = HEADER) -> Path:
    path = folder / "gru.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, header, extrasaction="ignore")
        table.writeheader()
        table.writerows(rows)
    return path


def row(**changes: object) -> dict[str, object]:
    keys = {"mode": "GRU", "graph": "watts_strogatz", "graph_nr": 12}
    return {**keys, **figures(), "test_loss": 1, "time": 2, **changes}


@pytest.mark.parametrize("variant", ["gru", "lstm", "rnn_relu", "rnn_tanh"])
def test_the_authors_rows_contradict_nothing(artifacts: Path, variant: str) -> None:
    folder = artifacts / "Implementations" / "experiments" / "results" / "structure"
    rows = read_rows(folder / f"{variant}.csv")
    assert not rows.faults
    assert len(rows.found) >= 5
    for each in rows.found.values():
        assert contradictions(each.figures()) == []
        assert {*PROPERTIES, ACCURACY} == each.figures().keys()


def test_the_23_properties_are_the_columns_of_the_authors_tables(artifacts: Path) -> None:
    path = artifacts / "Implementations" / "experiments" / "results" / "structure" / "gru.csv"
    assert tuple(path.read_text().splitlines()[0].split(",")) == HEADER
    assert len(PROPERTIES) == 23


def test_rows_are_found_by_family_and_number(tmp_path: Path) -> None:
    path = written(tmp_path, row(), row(graph="barabasi_albert", graph_nr=0, diameter=3))
    rows = read_rows(path)
    assert rows.faults == []
    assert list(rows.found) == [("watts_strogatz", 12), ("barabasi_albert", 0)]
    assert rows.found["barabasi_albert", 0].place == f"{path}, line 3"
    assert rows.found["barabasi_albert", 0].figures()["diameter"] == 3


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"mode": "LSTM"}, "line 3: mode 'LSTM'.*: write GRU, watts_strogatz or barabasi_albert"),
        ({"graph": "kleinberg"}, "line 3: .*graph 'kleinberg'"),
        ({"graph": ""}, "line 3: .*graph ''"),
        ({"graph_nr": "12.0"}, "line 3: .*graph_nr '12.0'"),
        ({"graph_nr": "-1"}, "line 3: .*graph_nr '-1'"),
        ({"graph_nr": "007"}, "line 3: .*graph_nr '007'"),
        ({"graph_nr": "٣"}, r"line 3: .*graph_nr '\\u0663'"),
        ({"graph_nr": "9" * 5000}, "line 3: .*graph_nr '9"),
        ({"graph_nr": 12}, "line 3: a second row of watts_strogatz 12"),
    ],
)
def test_a_line_of_no_network_is_noted_and_hides_no_other(
    tmp_path: Path, changes: dict[str, object], message: str
) -> None:
    rows = read_rows(written(tmp_path, row(), row(**changes), row(graph_nr=13)))
    assert list(rows.found) == [("watts_strogatz", 12), ("watts_strogatz", 13)]
    (fault,) = rows.faults
    assert re.search(f"gru.csv, {message}", fault)


def test_what_is_no_table_is_noted(tmp_path: Path) -> None:
    path = tmp_path / "gru.csv"
    assert "No such file" in read_rows(path).faults[0]
    path.write_bytes(b"mode,graph\xff")
    assert "gru.csv, line 1: invalid start byte: use UTF-8" in read_rows(path).faults[0]
    written(tmp_path, row())
    path.write_text(path.read_text() + 'GRU,"watts_str')
    rows = read_rows(path)
    assert list(rows.found) == [("watts_strogatz", 12)]
    assert "gru.csv, line 3: unexpected end of data" in rows.faults[0]
    path.write_text("string,mode\nBTXSE,1\n")
    (fault,) = read_rows(path).faults
    assert fault.startswith(f"{path}, line 1: no column graph or graph_nr: the header is 'string")
    path.write_text("")
    (fault,) = read_rows(path).faults
    assert fault.startswith(
        f"{path}, line 1: no column mode or graph or graph_nr: the header is ''"
    )


def test_rows_and_faults_are_bounded(tmp_path: Path) -> None:
    path = tmp_path / "gru.csv"
    path.write_text("mode,graph,graph_nr\n" + "x\n" * (MOST_ROWS + 5))
    rows = read_rows(path)
    assert len(rows.faults) == MOST_ROWS + 1
    assert rows.faults[-1].startswith(f"{path}, line {MOST_ROWS + 2}: more than {MOST_ROWS} rows")
    path.write_text("mode,graph,graph_nr\n" + f"{'x' * 100_000},{'y' * 100_000},{'z' * 100_000}")
    (fault,) = read_rows(path).faults
    assert len(fault) < 1000 + len(str(path))


@pytest.mark.parametrize("text", ["", "many", "nan", "inf", "1e999"])
def test_a_figure_that_is_no_number_is_told_with_line_and_column(tmp_path: Path, text: str) -> None:
    found = read_rows(written(tmp_path, row(degree_var=text))).found
    with pytest.raises(ValueError, match=rf"gru\.csv, line 2: degree_var is '{text}': write a fin"):
        found["watts_strogatz", 12].figures()


def test_a_short_line_lacks_its_last_columns(tmp_path: Path) -> None:
    path = written(tmp_path, row(), header=HEADER[:-3])
    found = read_rows(path).found
    with pytest.raises(ValueError, match="line 2: test_acc is None"):
        found["watts_strogatz", 12].figures()


@given(graph=network_strategies.graphs())
def test_no_connected_graph_of_three_vertices_contradicts_the_identities(graph: nx.Graph) -> None:
    if len(graph) >= 3:
        assert contradictions(figures(graph)) == []


@pytest.mark.parametrize("name", PROPERTIES)
def test_a_property_that_is_off_is_told_with_both_figures(name: str) -> None:
    ours = figures()
    assert differences(ours, ours) == []
    assert differences(ours, {**ours, name: ours[name] + 0.9e-9}) == []
    (told,) = differences(ours, {**ours, name: ours[name] + 1e-3})
    assert told.startswith(f"{name}: measured {ours[name]:.12g}, published ")
    assert told.endswith("difference -0.001")
    assert len(differences(ours, {**ours, name: float("nan")})) == 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"layers": 2.5}, "layers is 2.5, no whole number"),
        ({"edges": 8}, "10 nodes and 8 edges are no connected graph"),
        ({"nodes": 2}, "2 nodes and 18 edges are no connected graph"),
        ({"source_nodes": 10}, "are more than all nodes"),
        ({"eccentricity_mean": 4.5}, "eccentricity_mean is not between"),
        ({"eccentricity_mean": 1.5}, "eccentricity_mean is not between"),
        ({"density": 0.4}, r"density is 0.4, but edges / \(nodes \(nodes - 1\)\) is 0.2"),
        ({"degree_mean": 0.2}, "degree_mean is 0.2, but twice the density is 0.4"),
        ({"average_shortest_path_length": 2}, "nodes_betweenness_mean is .*, but .* is 0.125"),
        ({"average_shortest_path_length": 2}, "edge_betweenness_mean is .*, but .* is 0.111"),
        ({"eccentricity_std": 1}, "eccentricity_var is .*, but the square of ecc.* is 1"),
        ({"degree_var": 1}, "degree_var is 1, but the square of degree_std is 0"),
        ({"closeness_var": 1}, "closeness_var is 1, but"),
        ({"nodes_betweenness_var": 1}, "nodes_betweenness_var is 1, but"),
        ({"edge_betweenness_var": 1}, "edge_betweenness_var is 1, but"),
        ({"edge_betweenness_std": 1e200}, "but the square of edge_betweenness_std is inf"),
        (
            {ACCURACY: 0.50575},
            "test_acc is 0.50575, but the nearest share of 6250 strings is 0.505",
        ),
        ({ACCURACY: 1.00016}, "test_acc is 1.00016, not from 0 to 1"),
        ({ACCURACY: -0.5}, "test_acc is -0.5, not from 0 to 1"),
        ({ACCURACY: 1e308}, "test_acc is 1e.308, not from 0 to 1"),
    ],
)
def test_what_cannot_be_of_one_graph_is_told(changes: Figures, message: str) -> None:
    told = "\n".join(contradictions({**figures(), **changes}))
    assert re.search(message, told), told
