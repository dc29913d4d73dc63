"""Pickled graphs are data: graphs come back, and whatever else a pickle says is refused unrun."""

from __future__ import annotations

import csv
import pickle
import pickletools
import re
import struct
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import networkx as nx
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sparsebench.parts import graph_files
from sparsebench.parts.graph_files import LARGEST, read_graph

vertices = st.one_of(st.integers(-(2**63), 2**63 - 1), st.integers(0, 300), st.text(max_size=5))
plain = st.one_of(st.integers(), st.floats(), st.booleans(), st.none(), st.text(max_size=5))
attributes = st.dictionaries(st.text(max_size=3), plain, max_size=2)


@st.composite
def graphs(draw: st.DrawFn) -> nx.Graph:
    """Any undirected graph, with attributes, some with the views that networkx keeps."""
    graph = nx.Graph()
    graph.graph.update(draw(attributes))
    for vertex in draw(st.lists(vertices, min_size=1, max_size=8, unique=True)):
        graph.add_node(vertex)
        graph.nodes[vertex].update(draw(attributes))
    ends = st.sampled_from(list(graph))
    for one, other in draw(st.lists(st.tuples(ends, ends), max_size=12)):
        graph.add_edge(one, other)
        graph.edges[one, other].update(draw(attributes))
    for view in draw(st.sets(st.sampled_from(["adj", "nodes", "edges", "degree"]))):
        getattr(graph, view)
    if draw(st.booleans()):  # what networkx 2.0 wrote, as the author's files have it
        graph.__dict__.update(node_dict_factory=dict, root_graph=graph)
    return graph


def written(folder: Path, content: bytes) -> Path:
    path = folder / "graph.gpickle"
    path.write_bytes(content)
    return path


GRAPH = nx.Graph([(0, 1), (1, "x")])
PICKLE = pickle.dumps(GRAPH, 4)


# What is read


def test_the_authors_graphs_have_the_vertices_and_edges_of_his_tables(artifacts: Path) -> None:
    experiments = artifacts / "Implementations" / "experiments"
    rows = {}
    for path in experiments.glob("results/structure/*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            rows |= {(r["mode"], f"{r['graph']}_{r['graph_nr']}"): r for r in csv.DictReader(file)}
    found = sorted(experiments.glob("graphs/*/*.gpickle"))
    assert len(found) >= 20
    for path in found:
        graph, row = read_graph(path), rows[path.parent.name, path.stem]
        assert list(graph) == list(range(int(row["nodes"]))), path
        assert graph.number_of_edges() == int(row["edges"]), path


@given(graph=graphs(), protocol=st.integers(2, 5))
def test_a_pickled_graph_comes_back_with_its_vertices_in_order_and_its_edges(
    scratch: Path, graph: nx.Graph, protocol: int
) -> None:
    back = read_graph(written(scratch, pickle.dumps(graph, protocol)))
    assert type(back) is nx.Graph
    assert [(type(vertex), vertex) for vertex in back] == [(type(each), each) for each in graph]
    assert list(back.edges) == list(graph.edges)


def test_attributes_are_left_out(tmp_path: Path) -> None:
    graph = nx.Graph(name="theirs")
    graph.add_node(0, label="a")
    graph.add_edge(0, 1, weight=0.5)
    back = read_graph(written(tmp_path, pickle.dumps(graph)))
    assert (back.graph, back.nodes[0], back.edges[0, 1]) == ({}, {}, {})


def test_the_order_is_that_of_the_vertices_and_not_that_of_the_edges(tmp_path: Path) -> None:
    graph = nx.Graph()
    graph.add_nodes_from([3, "b", 1])
    graph.add_edges_from([(1, 3), ("b", 1)])
    graph._adj = {1: graph._adj[1], "b": graph._adj["b"], 3: graph._adj[3]}
    assert list(read_graph(written(tmp_path, pickle.dumps(graph)))) == [3, "b", 1]


# What is refused: programs


class Calls:
    """Pickled as a call."""

    def __init__(self, function: Callable[..., Any], *arguments: object) -> None:
        self.call = (function, arguments)

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[object, ...]]:
        return self.call


def text(value: str) -> bytes:
    return b"\x8c" + bytes([len(value)]) + value.encode()


def named(module: str, name: str) -> bytes:
    """A name on the stack, as protocol 4 puts it there."""
    return text(module) + text(name) + b"\x93"


GRAPH_CLASS = named("networkx.classes.graph", "Graph")
VIEW_CLASS = named("networkx.classes.reportviews", "NodeView")
EMPTY_GRAPH = GRAPH_CLASS + b")\x81"
NODES_AND_ADJACENCY = b"(" + text("_node") + b"}" + text("_adj") + b"}u"

PROGRAMS = {
    "os.system by reduce": lambda ran: pickle.dumps(Calls(exec, f"open({str(ran)!r}, 'w')")),
    "beside a graph": lambda ran: pickle.dumps({"graph": GRAPH, "x": Calls(open, str(ran), "w")}),
    "in an attribute": lambda ran: pickle.dumps(nx.Graph([(0, 1)], x=Calls(open, str(ran), "w"))),
    "as a vertex": lambda ran: pickle.dumps({Calls(open, str(ran), "w"): 1}),
    "protocol 0": lambda ran: pickle.dumps(Calls(open, str(ran), "w"), 0),
    "a graph of protocol 0": lambda ran: pickle.dumps(GRAPH, 0),
    "a graph of protocol 1": lambda ran: pickle.dumps(GRAPH, 1),
    "GLOBAL": lambda ran: b"cbuiltins\nopen\n(X\x01\0\0\0xX\x01\0\0\0wtR.",
    "GLOBAL with spaces": lambda ran: b"cnetworkx.classes.graph Graph\n.\n.",
    "INST": lambda ran: b"(X\x01\0\0\0xX\x01\0\0\0wibuiltins\nopen\n.",
    "OBJ": lambda ran: b"(cbuiltins\nopen\nX\x01\0\0\0xo.",
    "STACK_GLOBAL": lambda ran: b"\x80\x04" + named("builtins", "eval") + b".",
    "STACK_GLOBAL of a path": lambda ran: b"\x80\x04" + named("networkx", "utils.os.system") + b".",
    "STACK_GLOBAL of numbers": lambda ran: b"\x80\x04K\1K\2\x93.",
    "a chain of getattr": lambda ran: b"\x80\x04" + named("builtins", "getattr") + b")R.",
    "a function of networkx": lambda ran: b"\x80\x04" + named("networkx", "read_gpickle") + b".",
    "the graph's own module": lambda ran: (
        b"\x80\x04" + named("networkx.classes.graph", "convert") + b"."
    ),
    "the graph called": lambda ran: b"\x80\x04" + GRAPH_CLASS + b")R.",
    "the graph made with arguments": lambda ran: b"\x80\x04" + GRAPH_CLASS + b"K\1\x85\x81.",
    "NEWOBJ_EX": lambda ran: b"\x80\x04" + GRAPH_CLASS + b")}\x92.",
    "a view in place of a graph": lambda ran: (
        b"\x80\x04" + VIEW_CLASS + b")\x81}" + NODES_AND_ADJACENCY + b"b."
    ),
    "NEWOBJ of what is no class": lambda ran: b"\x80\x04K\1)\x81.",
    "BUILD of a class": lambda ran: b"\x80\x04" + GRAPH_CLASS + b"}b.",
    "BUILD of a dictionary": lambda ran: b"\x80\x04}}b.",
    "BUILD twice": lambda ran: b"\x80\x04" + EMPTY_GRAPH + b"}" + NODES_AND_ADJACENCY + b"b}b.",
    "BUILD with slots": lambda ran: b"\x80\x04" + EMPTY_GRAPH + b"N}\x86b.",
    "BUILD with a tuple": lambda ran: b"\x80\x04" + EMPTY_GRAPH + b")b.",
    "BUILD with an object": lambda ran: b"\x80\x04" + EMPTY_GRAPH + EMPTY_GRAPH + b"b.",
    "EXT1": lambda ran: b"\x80\x02\x82\x01.",
    "EXT2": lambda ran: b"\x80\x02\x83\x01\x01.",
    "EXT4": lambda ran: b"\x80\x02\x84\x01\x01\x01\x01.",
    "PERSID": lambda ran: b"Pnumber\n.",
    "BINPERSID": lambda ran: b"\x80\x02K\1Q.",
    "NEXT_BUFFER": lambda ran: b"\x80\x05\x97.",
    "a directed graph": lambda ran: pickle.dumps(nx.DiGraph([(0, 1)])),
    "a multigraph": lambda ran: pickle.dumps(nx.MultiGraph([(0, 1)])),
    "a frozen graph": lambda ran: pickle.dumps(SimpleNamespace(graph=1)),
    "vertices in pairs": lambda ran: pickle.dumps(nx.grid_graph((2, 2))),
    "vertices that are classes": lambda ran: (
        b"\x80\x04" + EMPTY_GRAPH + b"}}" + GRAPH_CLASS + b"}ssb."
    ),
}


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program_is_refused_by_name_and_never_runs(
    tmp_path: Path, program: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, PROGRAMS[program](tmp_path / "ran"))

    def forbidden(*arguments: object, **named: object) -> None:
        raise AssertionError("networkx was called for the pickle")

    monkeypatch.setattr(graph_files.nx.Graph, "__init__", forbidden)
    monkeypatch.setattr(graph_files.nx.Graph, "__setstate__", forbidden, raising=False)
    with pytest.raises(ValueError, match=f"^{re.escape(str(path))}: .*give a networkx.Graph"):
        read_graph(path)
    assert [file.name for file in tmp_path.iterdir()] == ["graph.gpickle"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\x80\x04" + named("posix", "system") + b".", "the name 'posix.system' at byte 17: give"),
        (pickle.dumps(Calls(eval, "1"), 2), "the name '__builtin__.eval' at byte 2: give"),
        (b"\x80\x04K\1K\2\x93.", "2 where str is needed at byte 6"),
        (b"\x80\x02K\1Q.", "opcode BINPERSID at byte 4"),
        (b"\x80\x04" + GRAPH_CLASS + b"}\x81.", "dict where tuple is needed"),
        (
            b"\x80\x04" + EMPTY_GRAPH + b"}b}b.",
            "a second state for one networkx.classes.graph.Graph",
        ),
        (pickle.dumps(nx.DiGraph()), "the name 'networkx.classes.digraph.DiGraph'"),
        (pickle.dumps([1]), "opcode EMPTY_LIST"),
        (pickle.dumps(1), "holds 1: give"),
        (pickle.dumps({}), "holds dict: give"),
        (pickle.dumps({1.5: 1}), "float as a key, neither a text nor a whole number"),
        (pickle.dumps({True: 1}), "True as a key"),
        (pickle.dumps({2**63: 1}), "9223372036854775808 as a key, .* of 64 bits"),
        (pickle.dumps({-(2**63) - 1: 1}), "-9223372036854775809 as a key"),
        (pickle.dumps("é" * 500), r"holds '(\\xe9)+.{0,3}\.\.\.: give"),
        (pickle.dumps("\ud800"), r"holds '\\ud800': give"),
        (PICKLE + b".", "goes on after its end at byte"),
        (b"", "damaged, or no pickle"),
        (b"\xff" * 9, "damaged, or no pickle"),
        (b".", "nothing where object is needed"),
        (b"(.", "nothing where object is needed"),
        (b"h\7.", "BINGET of number 7, under which nothing is stored at byte 0"),
        (b"u.", "no MARK before SETITEMS"),
        (b"}(K\1u.", "a key without a value"),
        (b"\x8e" + struct.pack("<Q", 2**62), "damaged, or no pickle"),
    ],
)
def test_a_refusal_says_what_was_found_and_where(
    tmp_path: Path, content: bytes, message: str
) -> None:
    path = written(tmp_path, content)
    with pytest.raises(ValueError, match=f"^{re.escape(str(path))}: .*{message}") as refusal:
        read_graph(path)
    assert str(refusal.value).isascii()


# What is refused: graphs that are none


def state(**changes: object) -> bytes:
    """The pickle of a graph of two vertices and an edge whose state was changed."""
    graph = nx.Graph([(0, 1)])
    graph.__dict__.update(changes)
    return pickle.dumps(graph)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (state(_adj={0: {1: {}}, 1: {}}), "an edge from 0 to 1 and none back"),
        (state(_adj={0: {2: {}}, 1: {}}), "an edge from 0 to 2, not a vertex"),
        (state(_adj={0: {}}), "vertex 1 in only one of _node and _adj"),
        (state(_adj={0: {}, 1: {}, "x": {}}), "vertex 'x' in only one of _node and _adj"),
        (state(_adj={0: {}, 1: 7}), "no dictionary of neighbours of vertex 1"),
        (state(_adj=None), "a graph without dictionaries _node and _adj"),
        (state(_node=GRAPH), "a graph without dictionaries _node and _adj"),
        (b"\x80\x04" + EMPTY_GRAPH + b".", "a graph without dictionaries _node and _adj"),
    ],
)
def test_a_graph_that_contradicts_itself_is_refused(
    tmp_path: Path, content: bytes, message: str
) -> None:
    with pytest.raises(ValueError, match=rf"graph\.gpickle: {message}: give"):
        read_graph(written(tmp_path, content))


# What is refused: bombs


def nested(depth: int) -> bytes:
    """A dictionary in a dictionary in a dictionary..."""
    return b"}K\0" * depth + b"}" + b"s" * depth + b"."


def amplified(entries: int) -> bytes:
    """One dictionary of neighbours, said once and meant for every vertex."""
    shared = dict.fromkeys(range(entries))
    return state(_node=shared, _adj=dict.fromkeys(range(entries), shared))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (nested(LARGEST // 5), "holds dict"),
        (b"}" + nested(LARGEST // 5)[:-1] + b"K\0s.", "dict as a key"),
        (b"}" * (LARGEST - 1) + b".", "goes|holds dict"),
        (b"(" * (LARGEST - 1) + b".", "nothing where"),
        (b"}r\xff\xff\xff\xff.", "holds dict"),
        (b"\x8a\xff" + b"\x7f" * 255 + b".", r"holds \d+\.\.\.: give"),
        (b"\x8b\xff\xff\xff\x7f" + b"\x7f" * 255 + b".", "damaged"),
        (b"\x8b" + struct.pack("<i", 2**19) + b"\x7f" * 2**19 + b".", "opcode LONG4"),
        (b"I" + b"7" * 10_000 + b"\n.", "damaged|opcode INT"),
        (amplified(900), "810000 ends of edges, more than 40000"),
        (state(_node=dict.fromkeys(range(1001))), "1001 vertices, more than 1000"),
        (b"}" * LARGEST + b".", f"more than {LARGEST} bytes"),
    ],
    ids=[
        "depth",
        "depth-as-key",
        "width",
        "marks",
        "memo",
        "long1",
        "long4-cut",
        "long4",
        "int",
        "amplified",
        "vertices",
        "bytes",
    ],
)
def test_a_bomb_is_refused_before_it_goes_off(tmp_path: Path, content: bytes, message: str) -> None:
    path = written(tmp_path, content)
    start = time.perf_counter()
    with pytest.raises(ValueError, match=rf"graph\.gpickle: .*({message})"):
        read_graph(path)
    assert time.perf_counter() - start < 30


def test_no_more_than_the_limit_is_read_of_a_huge_file(tmp_path: Path) -> None:
    path = written(tmp_path, PICKLE)
    with path.open("r+b") as file:
        file.truncate(2**40)  # sparse: it takes no room on the disk
    with pytest.raises(ValueError, match=f"more than {LARGEST} bytes"):
        read_graph(path)


# What is refused: damaged files


@pytest.mark.parametrize("protocol", range(2, 6))
def test_a_truncated_file_is_refused_wherever_it_ends(tmp_path: Path, protocol: int) -> None:
    content = pickle.dumps(GRAPH, protocol)
    for length in range(len(content)):
        with pytest.raises(ValueError, match=r"graph\.gpickle: "):
            read_graph(written(tmp_path, content[:length]))


def graph_or_refusal(folder: Path, content: bytes) -> None:
    path = written(folder, content)
    try:
        graph = read_graph(path)
    except ValueError as error:
        refusal = str(error)
    else:
        assert type(graph) is nx.Graph
        assert all(type(vertex) in (int, str) for vertex in graph)
        return
    assert refusal.startswith(f"{path}: ")
    assert refusal.isascii()


def test_a_flipped_bit_gives_a_graph_or_a_refusal(tmp_path: Path) -> None:
    for place in range(8 * len(PICKLE)):
        content = bytearray(PICKLE)
        content[place // 8] ^= 1 << place % 8
        graph_or_refusal(tmp_path, bytes(content))


_known = [opcode.code.encode("latin1") for opcode in pickletools.opcodes]
_pieces = st.one_of(
    st.sampled_from(_known),
    st.binary(max_size=3),
    st.sampled_from([EMPTY_GRAPH, NODES_AND_ADJACENCY, text("_adj"), b"K\0", b"h\0", b"}", b"b"]),
)


@given(pieces=st.lists(_pieces, max_size=20))
@example(pieces=[EMPTY_GRAPH, b"}", NODES_AND_ADJACENCY, b"b"])
@settings(max_examples=300)
def test_any_program_gives_a_graph_or_a_refusal(scratch: Path, pieces: list[bytes]) -> None:
    graph_or_refusal(scratch, b"\x80\x04" + b"".join(pieces) + b".")


def test_a_file_that_cannot_be_read_is_an_oserror(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_graph(tmp_path / "none.gpickle")
    with pytest.raises(IsADirectoryError):
        read_graph(tmp_path)
