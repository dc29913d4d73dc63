"""Pickles are data: what they say is told, and nothing that they name is looked up or called."""

from __future__ import annotations

import pickle
from collections import OrderedDict
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparsebench.parts import pickles
from sparsebench.parts.pickles import (
    GRAPH,
    LARGEST,
    ORDERED,
    TENSORS,
    Name,
    Object,
    Refused,
    described,
    read_pickle,
)

leaves = (
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats() | st.text(max_size=5)
)
values = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(st.text(max_size=3) | st.integers(-99, 99), inner, max_size=4)
    ),
    max_leaves=8,
)


@given(value=values, protocol=st.integers(2, 5), tail=st.binary(max_size=9))
def test_plain_values_come_back_with_the_length_of_their_pickle(
    value: object, protocol: int, tail: bytes
) -> None:
    content = pickle.dumps(value, protocol)
    back, length = read_pickle(content + tail, (), TENSORS)
    assert repr(back) == repr(value)  # NaN is equal to nothing
    assert length == len(content)


@given(entries=st.dictionaries(st.text(max_size=3), leaves, max_size=3), named=st.booleans())
def test_an_ordered_dictionary_is_an_object_with_entries(
    entries: dict[str, Any], named: bool
) -> None:
    ordered = OrderedDict(entries)
    if named:
        ordered.version = 1  # type: ignore[attr-defined]  # as torch does
    built, _ = read_pickle(pickle.dumps(ordered, 2), (ORDERED,), TENSORS)
    assert isinstance(built, Object)
    assert (built.kind, built.arguments) == (ORDERED, ())
    assert repr(built.entries) == repr(entries)
    assert built.state == ({"version": 1} if named else None)


def test_a_call_is_told_and_not_made() -> None:
    built, _ = read_pickle(b"\x80\x02cos\nsystem\nX\x02\0\0\0ls\x85R.", ("os.system",), TENSORS)
    assert isinstance(built, Object)
    assert (built.kind, built.arguments) == ("os.system", ("ls",))
    assert read_pickle(b"\x80\x02cos\nsystem\n.", ("os.system",), TENSORS)[0] == Name("os.system")


@pytest.mark.parametrize(
    ("content", "opcodes", "message"),
    [
        (b"\x80\x02cos\nsystem\nX\x02\0\0\0ls\x85R.", TENSORS, "the name 'os.system' at byte 2"),
        (b"\x80\x02]K\1a.", GRAPH, "opcode EMPTY_LIST at byte 2"),
        (b"\x80\x02)\x81.", TENSORS, "opcode NEWOBJ at byte 3"),
        (b"\x80\x02K\1Q.", TENSORS, "1 where tuple is needed at byte 4"),
        (b"\x80\x02}K\1a.", TENSORS, "dict where list is needed at byte 5"),
        (b"\x80\x02t.", TENSORS, "no MARK before TUPLE at byte 2"),
        (b"\x80\x02K\1\x86.", TENSORS, "nothing where object is needed at byte 4"),
        (b"\x80\x02}K\1\x85K\1s.", TENSORS, "tuple as a key, neither a text nor a whole number"),
        (b"\x80\x02c" + b"x" * 500 + b"\ny\n.", TENSORS, "the name 'x{79}[.]{3} at byte 2"),
        (b"}" * LARGEST + b".", TENSORS, f"more than {LARGEST} bytes"),
    ],
)
def test_a_refusal_says_what_was_found_and_where(
    content: bytes, opcodes: frozenset[str], message: str
) -> None:
    with pytest.raises(Refused, match=f"^{message}"):
        read_pickle(content, (), opcodes)


def test_a_tuple_that_holds_another_twice_and_so_on_is_never_hashed() -> None:
    """2 to the power of 60 steps, if it were."""
    content = b"\x80\x02})" + b"q\0h\0\x86" * 60 + b"K\1s."
    with pytest.raises(Refused, match="tuple as a key"):
        read_pickle(content, (), TENSORS)


@pytest.mark.parametrize(
    "content",
    [
        b"]" + b"q\0]h\0a" * 100_000 + b".",
        b")" + b"\x85" * 1_000_000 + b".",
        b"]" * 500_000 + b"a" * 499_999 + b".",
        b"ccollections\nOrderedDict\n)R"
        + b"K\1ccollections\nOrderedDict\n)R" * 30_000
        + b"s" * 30_000
        + b".",
    ],
    ids=["lists", "tuples", "stack", "objects"],
)
def test_what_is_nested_as_deeply_as_can_be_is_built_and_let_go(content: bytes) -> None:
    built, _ = read_pickle(content, (ORDERED,), TENSORS)
    assert len(described(built)) < 80


def test_python_is_never_asked_for_a_name() -> None:
    assert not hasattr(pickles, "pickle")
    assert not hasattr(pickles, "importlib")


@pytest.mark.filterwarnings("error")
def test_a_text_that_python_warns_of_is_refused_where_warnings_are_errors() -> None:
    with pytest.raises(Refused, match=r"^(damaged|opcode STRING)"):
        read_pickle(rb"S'\q'" + b"\n.", (), TENSORS)
