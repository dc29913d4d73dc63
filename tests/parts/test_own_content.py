"""What was read is known by a checksum of all that decides examples."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sparsebench.parts.own_content import Content, absent, check_different, few_enough

CONTENT = Content(
    np.array([[0, 1], [1, 0]], np.uint8),
    np.array([2, 1]),
    np.array([0, 1]),
    ("text",),
    ("kind",),
    ("a", "b"),
    ("u", "v"),
)


def test_checksums_never_change() -> None:
    assert CONTENT.checksum == "282c6087bfc9aacc"


@pytest.mark.parametrize(
    "change",
    [
        {"inputs": np.array([[0, 1], [1, 1]], np.uint8)},
        {"inputs": np.array([[0, 1], [1, 0]], np.uint8)[:, :, None].astype(float)},
        {"lengths": np.array([2, 2])},
        {"answers": np.array([1, 0])},
        {"answers": np.array([0.0, 1.0])},
        {"read": ("texts",)},
        {"read": ("tex", "t")},
        {"asked": ("sort",)},
        {"alphabet": ("a", "c")},
        {"labels": ("u", "w")},
        {"groups": np.array([0, 1])},
    ],
)
def test_another_content_has_another_checksum(change: dict[str, Any]) -> None:
    assert replace(CONTENT, **change).checksum != CONTENT.checksum


def test_the_order_of_bytes_in_memory_does_not_count() -> None:
    swapped = replace(
        CONTENT,
        lengths=CONTENT.lengths.astype(">i8"),
        inputs=np.asfortranarray(CONTENT.inputs),
    )
    assert swapped.checksum == CONTENT.checksum


def test_what_is_read_and_asked_follows_from_the_arrays() -> None:
    assert (CONTENT.symbols, CONTENT.width, CONTENT.classes) == (2, 0, 2)
    numbers = replace(
        CONTENT, inputs=np.zeros((2, 2, 3)), alphabet=(), labels=(), answers=np.zeros((2, 4))
    )
    assert (numbers.symbols, numbers.width, numbers.classes) == (0, 3, 4)
    assert replace(CONTENT, alphabet=()).symbols == 2


def test_messages_have_their_place() -> None:
    with pytest.raises(ValueError, match=r"^here: 2 sequences of up to 33554432 steps"):
        few_enough(2, 2**25, 1, "here")
    few_enough(1, 2**25, 1, "here")
    with pytest.raises(ValueError, match=r"3 different letters \('a', 'b', 'c'\): give 2 to 2"):
        check_different("abc", "letters", 2)
    assert absent("x.npz", "array", ["a"], []) == "x.npz: no array 'a': there are none"
