"""Pickles read as data, without running anything that is in them.

A pickle is a program, and Python's unpickler runs it. Here its opcodes are only looked at, by an
interpreter of our own that knows the few which graphs and named tensors need: it puts numbers and texts
into dictionaries, lists and tuples. No class is imported, called or given a state; what a pickle
would have made by one is an `Object`, which says by which.
"""

from __future__ import annotations

import pickletools
from collections.abc import Collection
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, TypeVar

from sparsebench.parts.files import shown

T = TypeVar("T")

LARGEST = 2**20
"""Bytes of a pickle. Every opcode takes one or more; the thesis author's largest pickle has 66,779."""

ORDERED = "collections.OrderedDict"
"""What state dictionaries of torch are; the only object that is given keys and values."""

PERSISTENT = "a persistent id"
"""The kind of an object that a pickle does not hold, but names."""

_CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}

_TUPLES = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}

GRAPH = frozenset({"NEWOBJ"})
"""Opcodes that graphs need besides those that all do."""

TENSORS = frozenset({"REDUCE", "BINPERSID", "TUPLE", *_TUPLES, "EMPTY_LIST", "APPEND", "APPENDS"})
"""The same of torch archives."""


class Refused(ValueError):
    """What a pickle has that is not read, said without the file's name."""


@dataclass(frozen=True)
class Name:
    """The name of a class or function, in place of it."""

    name: str


@dataclass(eq=False)
class Object:
    """What a class or function would have made.

    Attributes
    ----------
    kind
        Its name, or `PERSISTENT`.
    arguments
        What it would have been called with.
    entries
        Keys and values that it was given, where it is a dictionary.
    state
        The attributes that it was given.
    """

    kind: str
    arguments: tuple[Any, ...] = ()
    entries: dict[Any, Any] = field(default_factory=dict)
    state: dict[Any, Any] | None = None


_MARK = object()


def read_pickle(
    content: bytes, names: Collection[str], opcodes: Collection[str]
) -> tuple[Any, int]:
    """What a pickle would build, as numbers, texts, dictionaries, lists, tuples and `Object`.

    Parameters
    ----------
    content
        The pickle, and what follows it; only its first `LARGEST` bytes are looked at.
    names
        The classes and functions that it may name.
    opcodes
        The opcodes that it may use besides those that every reader needs: `GRAPH` or `TENSORS`.

    Returns
    -------
    Any
        What it builds. Keys of dictionaries are texts and whole numbers.
    int
        How many bytes the pickle has.

    Raises
    ------
    Refused
        If it is damaged, too large, names something else or uses another opcode.
    """
    return _Interpreter(names, opcodes).run(content)


class _Interpreter:
    """A stack, a memo, and the opcodes."""

    def __init__(self, names: Collection[str], opcodes: Collection[str]) -> None:
        self._names, self._opcodes = names, opcodes
        self._stack: list[Any] = []
        self._memo: dict[int, Any] = {}

    def run(self, content: bytes) -> tuple[Any, int]:
        """What the pickle builds, and how long it is."""
        file = BytesIO(content[:LARGEST])
        opcodes = pickletools.genops(file)
        while True:
            try:
                opcode, argument, place = next(opcodes)
            except (ValueError, Warning) as error:  # of an odd escape, where warnings are errors
                if len(content) > LARGEST:
                    raise Refused(f"more than {LARGEST} bytes") from None
                raise Refused(f"damaged, or no pickle ({shown(str(error))})") from None
            if opcode.name == "STOP":
                return self._pop(object), file.tell()
            try:
                self._step(opcode.name, argument)
            except Refused as reason:
                raise Refused(f"{reason} at byte {place}") from None

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
                    raise Refused(f"{opcode} of number {argument}, which nothing was put under")
                self._stack.append(self._memo[argument])
            case "GLOBAL":
                self._name(argument.replace(" ", "."))
            case "STACK_GLOBAL":
                name, module = self._pop(str), self._pop(str)
                self._name(f"{module}.{name}")
            case "SETITEM":
                value, key = self._pop(object), self._pop(object)
                _set(self._dictionary(), [key, value])
            case "SETITEMS":
                items = self._pop_to_mark(opcode)
                _set(self._dictionary(), items)
            case "BUILD":
                state, built = self._pop(dict), self._top(Object)
                if built.state is not None:
                    raise Refused(f"a second state for one {built.kind}")
                built.state = state
            case _ if opcode in self._opcodes:
                self._step_of_some(opcode)
            case _:
                raise Refused(f"opcode {opcode}")

    def _step_of_some(self, opcode: str) -> None:
        match opcode:
            case "NEWOBJ" | "REDUCE":
                arguments = self._pop(tuple)
                self._stack.append(Object(self._pop(Name).name, arguments))
            case "BINPERSID":
                self._stack.append(Object(PERSISTENT, self._pop(tuple)))
            case "TUPLE":
                self._stack.append(tuple(self._pop_to_mark(opcode)))
            case "TUPLE1" | "TUPLE2" | "TUPLE3":
                parts = [self._pop(object) for _ in range(_TUPLES[opcode])]
                self._stack.append(tuple(reversed(parts)))
            case "EMPTY_LIST":
                self._stack.append([])
            case "APPEND":
                item = self._pop(object)
                self._top(list).append(item)
            case "APPENDS":
                items = self._pop_to_mark(opcode)
                self._top(list).extend(items)

    def _name(self, name: str) -> None:
        if name not in self._names:
            raise Refused(f"the name {shown(name)}")
        self._stack.append(Name(name))

    def _dictionary(self) -> dict[Any, Any]:
        top = self._top(object)
        if isinstance(top, Object) and top.kind == ORDERED:
            return top.entries
        return self._top(dict)

    def _top(self, kind: type[T]) -> T:
        top = self._stack[-1] if self._stack else _MARK
        if top is _MARK or not isinstance(top, kind):
            found = "nothing" if top is _MARK else described(top)
            raise Refused(f"{found} where {kind.__name__.lower()} is needed")
        return top

    def _pop(self, kind: type[T]) -> T:
        top = self._top(kind)
        self._stack.pop()
        return top

    def _pop_to_mark(self, opcode: str) -> list[Any]:
        place = len(self._stack) - 1
        while place >= 0 and self._stack[place] is not _MARK:
            place -= 1
        if place < 0:
            raise Refused(f"no MARK before {opcode}")
        items = self._stack[place + 1 :]
        del self._stack[place:]
        return items


def _set(target: dict[Any, Any], items: list[Any]) -> None:
    """Put keys and values, by turns, into a dictionary."""
    if len(items) % 2:
        raise Refused("a key without a value")
    for key, value in zip(items[::2], items[1::2], strict=True):
        # Only 64 bits: longer numbers can be chosen so that all of them have one hash. No tuples: one
        # that holds another twice, and so on, takes for ever to hash.
        if not (type(key) is str or (type(key) is int and -(2**63) <= key < 2**63)):
            raise Refused(
                f"{described(key)} as a key, neither a text nor a whole number of 64 bits"
            )
        target[key] = value


def described(value: object) -> str:
    """What an error says of a value that a pickle would build."""
    return value.kind if isinstance(value, Object) else shown(value)
