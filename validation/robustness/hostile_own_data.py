"""Hostile CSV and NumPy files of somebody's own data, for `fuzz_readers.py`."""

from __future__ import annotations

import io
import zipfile
from random import Random

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from validation.robustness.hostile_files import Content, Make, csv_files, damaged, drawn

_WORDS = [
    *(b"'|O8'", b"'<f8'", b"'<U9'", b"(3, 2)", b"(0,)", b"(999999999999, 2)", b"True", b"-1", b"{"),
    *(b"__import__('os').system('true')", b"(" * 300, b"\x93NUMPY\x03\x00", b"\x80\x04\x95", b"\0"),
    *(b"PK\x03\x04", b"PK\x05\x06", b"\xff\xff\xff\xff", b"inputs.npy", b"../../x.npy"),
]


def tables(count: int) -> Make:
    """Steps of sequences, or rows of a long table."""
    numbers = [repr(number) for number in drawn(st.floats() | st.integers(-9, 9), count)]
    usual = [*map(str, range(9))] * count
    rare = ["", "nan", "1_0", "1e31"]
    return csv_files(
        ["n", "x", "y", "kind"],
        [
            ["1"] * 9 + ["2"] * 9 + ["3", ""],
            [*usual, *numbers, *rare],
            usual,
            ["u", "v"] * 9 + [""],
        ],
    )


def archives(count: int) -> Make:
    """Archives, and single arrays, with false headers, and damaged."""
    kinds = st.sampled_from(("<f8", "<f4", "<i8", "|u1", "|b1"))
    numbers = kinds.flatmap(lambda kind: arrays(np.dtype(kind), array_shapes(max_side=4)))
    plain = [_saved(array) for array in drawn(numbers, count)]
    inputs = [_saved(np.arange(24.0).reshape(4, 3, 2)), _saved(np.arange(12).reshape(4, 3))]
    answers = [
        _saved(np.array(each))
        for each in ([0, 1, 0, 2], [[0.5]] * 4, [[0, -1, 1]] * 4, [0, 1, 2, 3.0])
    ]

    def make(random: Random) -> Content:
        members = {
            "inputs": random.choice([*inputs * 9, *plain]),
            "answers": random.choice([*answers * 9, *plain]),
        }
        if random.random() < 0.3:
            members["lengths"] = random.choice([_saved(np.array([1, 2, 3, 3])), *plain])
        if random.random() < 0.5:
            name = random.choice([*members])
            members[name] = damaged(random, members[name], plain, _WORDS)
        if random.random() < 0.2:
            return random.choice([*members.values()])
        content = _packed(members, random.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)))
        return damaged(random, content, plain, _WORDS) if random.random() < 0.3 else content

    return make


def _saved(array: np.ndarray) -> Content:
    found = io.BytesIO()
    np.save(found, array)
    return found.getvalue()


def _packed(members: dict[str, Content], kind: int) -> Content:
    found = io.BytesIO()
    with zipfile.ZipFile(found, "w", kind) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(f"{name}.npy"), content, kind)
    return found.getvalue()
