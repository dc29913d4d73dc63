"""Graphs on disk: pickles of networkx graphs, read without running anything that is in them.

A pickle is a program, and Python's unpickler runs it. Here its opcodes are only looked at, by an
interpreter of our own that knows the few which a graph needs: it puts numbers and texts into
dictionaries. No class is imported, called or given a state, neither networkx's nor ours.
"""

from __future__ import annotations

import pickletools
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, TypeVar

import networkx as nx

T = TypeVar("T")

LARGEST = 2**20
"""Bytes of a file, of which every opcode takes one or more; the thesis author's largest has 2,395."""

MOST_VERTICES, MOST_EDGES = 1_000, 20_000
"""A short pickle can say the same dictionary often, and some properties of a graph take time that grows
with both: the thesis's graphs have 50 vertices at the most."""

_GRAPH = "networkx.classes.graph.Graph"

_CLASSES = (
    _GRAPH,
    "builtins.dict",  # older networkx wrote down how it makes dictionaries
    "__builtin__.dict",  # the same, in protocol 2
    "networkx.classes.coreviews.AdjacencyView",  # what graph.adj and its like keep of themselves
    "networkx.classes.reportviews.NodeView",
    "networkx.classes.reportviews.EdgeView",
    "networkx.classes.reportviews.DegreeView",
)

_CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}

_ALLOWED = (
    "give a networkx.Graph, pickled with protocol 2 to 5, whose attributes are numbers, texts and "
    "dictionaries"
)


class _Refused(ValueError):
    """What the pickle has, said without the file's name."""


@dataclass(frozen=True)
class _Class:
    """The name of a class, in place of the class."""

    name: str


@dataclass(eq=False)
class _Object:
    """An instance of such a class: its state, if it was given one."""

    kind: str
    state: dict[Any, Any] | None = None


_MARK = object()

_SHOWN = 80
"""Characters of a value that an error repeats."""


def read_graph(path: Path) -> nx.Graph:
    """Read a pickled networkx graph as data; whatever else a pickle can hold is refused.

    Parameters
    ----------
    path
        A pickle of a `networkx.Graph` whose vertices are whole numbers or texts, such as the thesis
        author's `.gpickle` files.

    Returns
    -------
    networkx.Graph
        A new graph with its vertices and edges, both in their order. Attributes are left out.

    Raises
    ------
    OSError
        If the file cannot be read.
    ValueError
        If it is too large, damaged, or no such graph; nothing in it has been run.
    """
    with path.open("rb") as file:
        content = file.read(LARGEST + 1)
    try:
        if len(content) > LARGEST:
            raise _Refused(f"more than {LARGEST} bytes")
        return _graph(_Interpreter().run(content))
    except _Refused as reason:
        raise ValueError(f"{path}: {reason}: {_ALLOWED}") from None


class _Interpreter:
    """A stack, a memo, and the opcodes of graphs."""

    def __init__(self) -> None:
        self._stack: list[Any] = []
        self._memo: dict[int, Any] = {}

    def run(self, content: bytes) -> Any:
        """What a pickle builds, of numbers, texts, dictionaries and `_Object`."""
        file = BytesIO(content)
        opcodes = pickletools.genops(file)
        while True:
            try:
                opcode, argument, place = next(opcodes)
            except ValueError as error:
                raise _Refused(f"damaged, or no pickle ({_shown(str(error))})") from None
            if opcode.name == "STOP":
                if file.read(1):
                    raise _Refused(f"goes on after its end at byte {place}")
                return self._pop(object)
            try:
                self._step(opcode.name, argument)
            except _Refused as reason:
                raise _Refused(f"{reason} at byte {place}") from None

    def _step(self, opcode: str, argument: Any) -> None:
        match opcode:
            case "PROTO" | "FRAME":
                pass
            case "BININT" | "BININT1" | "BININT2" | "LONG1" | "BINFLOAT":
                self._stack.append(argument)
            case "SHORT_BINUNICODE" | "BINUNICODE":
                self._stack.append(argument)
            case "NONE" | "NEWTRUE" | "NEWFALSE":
                self._stack.append(_CONSTANTS[opcode])
            case "EMPTY_DICT":
                self._stack.append({})
            case "EMPTY_TUPLE":
                self._stack.append(())
            case "MARK":
                self._stack.append(_MARK)
            case "MEMOIZE":
                self._memo[len(self._memo)] = self._top(object)
            case "BINPUT" | "LONG_BINPUT":
                self._memo[argument] = self._top(object)
            case "BINGET" | "LONG_BINGET":
                if argument not in self._memo:
                    raise _Refused(f"{opcode} of number {argument}, which nothing was put under")
                self._stack.append(self._memo[argument])
            case "GLOBAL":
                self._name_class(argument.replace(" ", "."))
            case "STACK_GLOBAL":
                name, module = self._pop(str), self._pop(str)
                self._name_class(f"{module}.{name}")
            case "NEWOBJ":
                self._pop(tuple)  # there is none but the empty one
                self._stack.append(_Object(self._pop(_Class).name))
            case "SETITEM":
                value, key = self._pop(object), self._pop(object)
                _set(self._top(dict), [key, value])
            case "SETITEMS":
                items = self._pop_to_mark()
                _set(self._top(dict), items)
            case "BUILD":
                state, built = self._pop(dict), self._top(_Object)
                if built.state is not None:
                    raise _Refused(f"a second state for one {built.kind}")
                built.state = state
            case _:
                raise _Refused(f"opcode {opcode}")

    def _name_class(self, name: str) -> None:
        if name not in _CLASSES:
            raise _Refused(f"the name {_shown(name)}")
        self._stack.append(_Class(name))

    def _top(self, kind: type[T]) -> T:
        top = self._stack[-1] if self._stack else _MARK
        if top is _MARK or not isinstance(top, kind):
            found = "nothing" if top is _MARK else _shown(top)
            raise _Refused(f"{found} where {kind.__name__.strip('_').lower()} is needed")
        return top

    def _pop(self, kind: type[T]) -> T:
        top = self._top(kind)
        self._stack.pop()
        return top

    def _pop_to_mark(self) -> list[Any]:
        place = len(self._stack) - 1
        while place >= 0 and self._stack[place] is not _MARK:
            place -= 1
        if place < 0:
            raise _Refused("no MARK before SETITEMS")
        items = self._stack[place + 1 :]
        del self._stack[place:]
        return items


def _set(target: dict[Any, Any], items: list[Any]) -> None:
    """Put keys and values, by turns, into a dictionary."""
    if len(items) % 2:
        raise _Refused("a key without a value")
    for key, value in zip(items[::2], items[1::2], strict=True):
        # Only 64 bits: longer numbers can be chosen so that all of them have one hash.
        if not (type(key) is str or (type(key) is int and -(2**63) <= key < 2**63)):
            raise _Refused(f"{_shown(key)} as a key, neither a text nor a whole number of 64 bits")
        target[key] = value


def _graph(built: Any) -> nx.Graph:
    """A new graph from what stands in place of the pickled one."""
    if not isinstance(built, _Object) or built.kind != _GRAPH:
        raise _Refused(f"holds {_shown(built)}")
    state = built.state or {}
    vertices, adjacency = state.get("_node"), state.get("_adj")
    if not isinstance(vertices, dict) or not isinstance(adjacency, dict):
        raise _Refused("a graph without dictionaries _node and _adj")
    if len(vertices) > MOST_VERTICES:
        raise _Refused(f"{len(vertices)} vertices, more than {MOST_VERTICES}")
    strays = [vertex for vertex in vertices if vertex not in adjacency]
    strays += [vertex for vertex in adjacency if vertex not in vertices]
    if strays:
        raise _Refused(f"vertex {_shown(strays[0])} in only one of _node and _adj")
    for vertex, neighbours in adjacency.items():
        if not isinstance(neighbours, dict):
            raise _Refused(f"no dictionary of neighbours of vertex {_shown(vertex)}")
    ends = sum(len(neighbours) for neighbours in adjacency.values())
    if ends > 2 * MOST_EDGES:
        raise _Refused(f"{ends} ends of edges, more than {2 * MOST_EDGES}")
    graph = nx.Graph()
    graph.add_nodes_from(vertices)
    for vertex, neighbours in adjacency.items():
        for neighbour in neighbours:
            if neighbour not in vertices:
                raise _Refused(f"an edge from {_shown(vertex)} to {_shown(neighbour)}, no vertex")
            if vertex not in adjacency[neighbour]:
                raise _Refused(
                    f"an edge from {_shown(vertex)} to {_shown(neighbour)} and none back"
                )
            graph.add_edge(vertex, neighbour)
    return graph


def _shown(value: object) -> str:
    """A value in an error: in ASCII, not longer than a line, and without what is nested in it."""
    if isinstance(value, _Object):
        return value.kind
    text = ascii(value) if isinstance(value, str | int) else type(value).__name__.strip("_").lower()
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
