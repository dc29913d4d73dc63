"""Pickles read as data, without running anything in them.

A pickle is a program, and Python's unpickler runs it. Here a small interpreter handles only the few
opcodes that graphs and named tensors need, and builds numbers, texts, dictionaries, lists and
tuples. No class is imported, called or given a state; in place of an instance there is an `Object`
with the name of its class.
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
"""Largest pickle in bytes; each opcode takes at least one. The thesis author's largest has 66,779."""

ORDERED = "collections.OrderedDict"
"""The class of torch's state dictionaries; the only object that can hold keys and values."""

PERSISTENT = "a persistent id"
"""The kind of an object that a pickle refers to without containing it."""

_CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}

_TUPLES = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}

GRAPH = frozenset({"NEWOBJ"})
"""Opcodes that graphs need, besides those of all pickles."""

TENSORS = frozenset({"REDUCE", "BINPERSID", "TUPLE", *_TUPLES, "EMPTY_LIST", "APPEND", "APPENDS"})
"""Opcodes that torch archives need, besides those of all pickles."""


class Refused(ValueError):
    """A pickle contains something that is not read; the message does not name the file."""


@dataclass(frozen=True)
class Name:
    """The name of a class or function, in its place."""

    name: str


@dataclass(eq=False)
class Object:
    """A placeholder for what a class or function would have made.

    Attributes
    ----------
    kind
        Its name, or `PERSISTENT`.
    arguments
        The arguments of the call.
    entries
        Keys and values, if it is a dictionary.
    state
        The attributes that it would have been given.
    """

    kind: str
    arguments: tuple[Any, ...] = ()
    entries: dict[Any, Any] = field(default_factory=dict)
    state: dict[Any, Any] | None = None


_MARK = object()


def read_pickle(
    content: bytes, names: Collection[str], opcodes: Collection[str]
) -> tuple[Any, int]:
    """Read what a pickle builds, as numbers, texts, dictionaries, lists, tuples and `Object`.

    Parameters
    ----------
    content
        The pickle, and what follows it; only the first `LARGEST` bytes are read.
    names
        Classes and functions that it may name.
    opcodes
        Opcodes that it may use besides those of all pickles: `GRAPH` or `TENSORS`.

    Returns
    -------
    Any
        The built value. Keys of dictionaries are texts and whole numbers.
    int
        The number of bytes of the pickle.

    Raises
    ------
    Refused
        If it is damaged or too large, or contains another name or opcode.
    """
    return _Interpreter(names, opcodes).run(content)


class _Interpreter:
    """A stack, a memo, and the opcodes."""

    def __init__(self, names: Collection[str], opcodes: Collection[str]) -> None:
        self._names, self._opcodes = names, opcodes
        self._stack: list[Any] = []
        self._memo: dict[int, Any] = {}

    def run(self, content: bytes) -> tuple[Any, int]:
        """The value that the pickle builds, and the pickle's length."""
        file = BytesIO(content[:LARGEST])
        opcodes = pickletools.genops(file)
        while True:
            try:
                opcode, argument, place = next(opcodes)
            except (ValueError, Warning) as error:  # a warning about an odd escape may be an error
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
                    raise Refused(f"{opcode} of number {argument}, under which nothing is stored")
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
    """Put alternating keys and values into a dictionary."""
    if len(items) % 2:
        raise Refused("a key without a value")
    for key, value in zip(items[::2], items[1::2], strict=True):
        # At most 64 bits: longer numbers can be chosen such that all have the same hash. No tuples:
        # one that contains another twice, and so on, takes forever to hash.
        if not (type(key) is str or (type(key) is int and -(2**63) <= key < 2**63)):
            raise Refused(
                f"{described(key)} as a key, neither a text nor a whole number of 64 bits"
            )
        target[key] = value


def described(value: object) -> str:
    """A value of a pickle, as error messages show it."""
    return value.kind if isinstance(value, Object) else shown(value)
