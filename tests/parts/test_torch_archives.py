"""Torch archives are data: tensors come back from them, and whatever else they hold is refused."""

from __future__ import annotations

import io
import pickle
import struct
import sys
import time
import zipfile
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from sparsebench.parts.torch_archives import LARGEST, read_tensors

KINDS = ["float32", "float64", "float16", "int64", "int32", "int16", "int8", "uint8", "bool"]
FORMATS: dict[str, dict[str, Any]] = {
    "zip": {},
    "zip, protocol 4": {"pickle_protocol": 4},
    "plain": {"_use_new_zipfile_serialization": False},
}


def saved(value: object, **options: Any) -> bytes:
    buffer = io.BytesIO()
    torch.save(value, buffer, **options)
    return buffer.getvalue()


def written(folder: Path, content: bytes) -> Path:
    path = folder / "archive.pt"
    path.write_bytes(content)
    return path


def view(kind: str, rows: int, columns: int, transposed: bool, step: int) -> torch.Tensor:
    """A tensor that may lie in its numbers in another order, or only in some of them."""
    tensor = torch.arange(rows * columns).reshape(rows, columns).to(getattr(torch, kind))
    return (tensor.T if transposed else tensor)[:, ::step]


tensors = st.builds(
    view,
    st.sampled_from(KINDS),
    st.integers(1, 4),
    st.integers(1, 4),
    st.booleans(),
    st.integers(1, 3),
)


@given(
    named=st.dictionaries(st.text(max_size=5), tensors, min_size=1, max_size=4),
    options=st.sampled_from(list(FORMATS.values())),
    wrap=st.sampled_from([dict, OrderedDict]),
    trained=st.booleans(),
)
def test_tensors_come_back_from_what_torch_saved(
    scratch: Path,
    named: dict[str, torch.Tensor],
    options: dict[str, Any],
    wrap: Callable[[Any], Any],
    trained: bool,
) -> None:
    if trained:
        named = {name: torch.nn.Parameter(each.float()) for name, each in named.items()}
    read = read_tensors(written(scratch, saved(wrap(named), **options)))
    assert list(read) == list(named)
    for name, array in read.items():
        assert array.dtype == np.float32
        assert np.array_equal(array, named[name].detach().float().numpy())
        assert array.flags.writeable


def test_tensors_that_share_their_numbers_come_back(tmp_path: Path) -> None:
    whole = torch.arange(6.0).reshape(2, 3)
    read = read_tensors(
        written(tmp_path, saved({"whole": whole, "row": whole[1], "one": whole[0, 1]}))
    )
    assert read["row"].tolist() == [3, 4, 5]
    assert read["one"] == 1


def test_the_authors_archives_come_back_as_torch_loads_them(artifacts: Path) -> None:
    paths = sorted(artifacts.glob("**/*.pt"))
    assert len(paths) >= 22
    for path in paths:
        read, loaded = read_tensors(path), torch.load(path, "cpu", weights_only=True)
        assert list(read) == list(loaded)
        assert all(np.array_equal(read[name], loaded[name].float().numpy()) for name in read)


class Calls:
    """Pickled as a call."""

    def __init__(self, function: Callable[..., Any], *arguments: object) -> None:
        self.call = (function, arguments)

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[object, ...]]:
        return self.call


@pytest.mark.parametrize("options", FORMATS.values(), ids=FORMATS)
def test_a_program_is_refused_by_name_and_never_runs(
    tmp_path: Path, options: dict[str, Any]
) -> None:
    for program in (
        Calls(open, str(tmp_path / "ran"), "w"),
        Calls(exec, f"open({str(tmp_path / 'ran')!r}, 'w')"),
        Calls(bytearray, 2**40),
        torch.nn.Linear(2, 2),
    ):
        path = written(tmp_path, saved({"a": program}, **options))
        with pytest.raises(ValueError, match=r"archive\.pt: refused.*run code.*the name '"):
            read_tensors(path)
    assert [file.name for file in tmp_path.iterdir()] == ["archive.pt"]


# What is no archive of plain tensors


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"a": torch.zeros(2, dtype=torch.complex64)}, "the name 'torch.ComplexFloatStorage'"),
        ({"a": torch.zeros(2, dtype=torch.bfloat16)}, "the name 'torch.BFloat16Storage'"),
        ({"a": torch.zeros(2).to_sparse()}, "the name 'torch._utils._rebuild_sparse_tensor'"),
        ({"a": torch.zeros(2, device="meta")}, "the name 'torch._utils._rebuild_meta"),
        ({"a": torch.zeros(0)}, r"entry 'a' of sizes \(0\) does not lie in its 0 numbers"),
        ({"a": "text"}, "entry 'a' is a str, not a tensor"),
        ({"a": {}}, "entry 'a' is a dict, not a tensor"),
        ({1: torch.zeros(2)}, "entry 1 is a torch"),
        ({}, "holds a dict, not named tensors"),
        ([torch.zeros(2)], "holds a list, not named tensors"),
        (torch.zeros(2), "holds a torch._utils._rebuild_tensor_v2, not named tensors"),
    ],
)
@pytest.mark.parametrize("options", FORMATS.values(), ids=FORMATS)
def test_what_is_not_read_is_told(
    tmp_path: Path, value: object, message: str, options: dict[str, Any]
) -> None:
    with pytest.raises(ValueError, match=rf"archive\.pt: .*{message}"):
        read_tensors(written(tmp_path, saved(value, **options)))


def test_another_order_of_bytes_is_refused(tmp_path: Path) -> None:
    content = saved({"a": torch.zeros(2)}).replace(b"little", b"bigger")
    with pytest.raises(ValueError, match=r"damaged or not a torch archive .*Bad CRC"):
        read_tensors(written(tmp_path, content))
    path = written(tmp_path, zipped(saved({"a": torch.zeros(2)}), {"archive/byteorder": b"big"}))
    with pytest.raises(ValueError, match="another order of bytes: save it on a little-endian"):
        read_tensors(path)


# What is damaged


@pytest.mark.parametrize("options", FORMATS.values(), ids=FORMATS)
def test_a_truncated_archive_is_refused_wherever_it_ends(
    tmp_path: Path, options: dict[str, Any]
) -> None:
    content = saved({"a": torch.arange(4.0)}, **options)
    for length in range(len(content)):
        with pytest.raises(ValueError, match=r"archive\.pt: "):
            read_tensors(written(tmp_path, content[:length]))


def test_a_plain_archive_that_goes_on_is_refused(tmp_path: Path) -> None:
    content = saved({"a": torch.arange(4.0)}, _use_new_zipfile_serialization=False)
    with pytest.raises(ValueError, match=r"damaged \(it should have \d+ bytes, and has"):
        read_tensors(written(tmp_path, content + b"x"))


def test_a_plain_archive_may_not_claim_more_numbers_than_can_be_counted(tmp_path: Path) -> None:
    content = saved({"a": torch.arange(4.0)}, _use_new_zipfile_serialization=False)
    claimed = b"\x8a\x0a" + b"\x7f" * 10
    path = written(tmp_path, content.replace(b"K\4N", claimed + b"N"))
    with pytest.raises(ValueError, match="is not where it should be"):
        read_tensors(path)


# Bombs


def zipped(content: bytes, changes: dict[str, bytes], compressed: bool = False) -> bytes:
    """A torch archive with other members."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in [*old.namelist(), *(name for name in changes if name not in old.namelist())]:
            kind = zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED
            new.writestr(name, changes.get(name) or old.read(name), kind)
    return buffer.getvalue()


def test_compressed_members_are_not_unpacked(tmp_path: Path) -> None:
    content = zipped(saved({"a": torch.zeros(2**22)}), {}, compressed=True)
    assert len(content) < 2**16
    with pytest.raises(ValueError, match="is compressed, which torch does not do: save it again"):
        read_tensors(written(tmp_path, content))


def test_members_that_lie_over_each_other_are_read_only_as_far_as_there_are_bytes(
    tmp_path: Path,
) -> None:
    """The directory of an archive is changed so that every block is the same hundred thousand bytes."""
    names = [f"t{number}" for number in range(50)]
    content = saved({"big": torch.zeros(25_000)} | {name: torch.zeros(1) for name in names})
    pieces, directory = content[: content.index(b"PK\1\2")], content[content.index(b"PK\1\2") :]
    entries = directory.split(b"PK\1\2")[1:]
    big = next(entry for entry in entries if struct.unpack_from("<I", entry, 20 - 4)[0] == 100_000)
    name = b"archive/data/"
    changed = [
        big[:42] + entry[42:] if name in entry and len(entry) == len(big) else entry
        for entry in entries
    ]
    path = written(tmp_path, pieces + b"PK\1\2" + b"PK\1\2".join(changed))
    with pytest.raises(ValueError, match="overlaps others"):
        read_tensors(path)


def test_tensors_that_repeat_their_numbers_are_not_unfolded(tmp_path: Path) -> None:
    one = torch.zeros(1)
    for shape in ((10**12,), (2**20, 2**20), (3000,)):
        path = written(tmp_path, saved({"a": one.expand(shape)}))
        with pytest.raises(ValueError, match=r"more numbers than its \d+ bytes can hold"):
            read_tensors(path)
    shared = torch.zeros(1000)
    path = written(tmp_path, saved({str(number): shared for number in range(500)}))
    with pytest.raises(ValueError, match="more numbers than"):
        read_tensors(path)


def test_no_more_than_the_limit_is_read_of_a_huge_file(tmp_path: Path) -> None:
    path = written(tmp_path, saved({"a": torch.zeros(2)}))
    with path.open("r+b") as file:
        file.truncate(2**40)  # sparse: it takes no room on the disk
    with pytest.raises(ValueError, match=f"more than {LARGEST} bytes"):
        read_tensors(path)


def test_a_directory_of_nothing_but_names_is_refused_in_time(tmp_path: Path) -> None:
    entry = b"PK\1\2" + bytes(24) + struct.pack("<H", 1) + bytes(16) + b"x"
    count = (LARGEST - 22) // len(entry)
    end = b"PK\5\6" + bytes(8) + struct.pack("<II", count * len(entry), 0) + bytes(2)
    start = time.perf_counter()
    with pytest.raises(ValueError, match=r"archive\.pt: "):
        read_tensors(written(tmp_path, entry * count + end))
    assert time.perf_counter() - start < 60


# Archives made by hand

TENSOR = b"ctorch._utils\n_rebuild_tensor_v2\n"
STORAGE = b"(X\x07\0\0\0storagectorch\nFloatStorage\nX\x01\0\0\0%bX\x03\0\0\0cpuK%ctQ"


def of_tensor(first: int = 0, shape: bytes = b"K\2\x85", steps: bytes = b"K\1\x85") -> bytes:
    """The pickle of a tensor of two numbers."""
    arguments = b"(" + STORAGE % (b"0", 2) + b"K" + bytes([first]) + shape + steps
    return b"\x80\x02}X\x01\0\0\0a" + TENSOR + arguments + b"\x89)tRs."


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (of_tensor(), None),
        (of_tensor(first=1), "of sizes .2. does not lie in its 2 numbers"),
        (of_tensor(shape=b"K\3\x85"), "of sizes .3. does not"),
        (of_tensor(steps=b"K\2\x85"), "does not lie"),
        (of_tensor(shape=b"J\xff\xff\xff\xff\x85"), "a place or a size that is no whole number"),
        (of_tensor(steps=b"J\xff\xff\xff\xff\x85"), "a place or a size that is no whole number"),
        (of_tensor(shape=b"K\1\x88\x86", steps=b"K\1K\1\x86"), "a place or a size that is no"),
        (of_tensor(shape=b")" + b"q\0h\0\x86" * 60), "a place or a size that is no whole number"),
        (of_tensor(shape=b"K\2K\1\x86"), "does not lie"),
        (
            of_tensor(shape=b"(" + b"K\1" * 40 + b"t", steps=b"(" + b"K\1" * 40 + b"t"),
            "does not lie",
        ),
        (
            of_tensor(shape=b"\x8a\xff" + b"\x7f" * 255 + b"\x85"),
            "of sizes .62871626.*[.]{3}. does not lie",
        ),
        (of_tensor(shape=b"K\2K\1\x86", steps=b"K\1\x8a\x0a" + b"\x7f" * 10 + b"\x86"), None),
        (
            of_tensor().replace(b"K\2tQ", b"\x8a\x0a" + b"\x7f" * 10 + b"tQ"),
            "have 8 bytes, not \\d+",
        ),
        (of_tensor(shape=b"K\2"), "is no tensor as torch.save writes it"),
        (of_tensor().replace(b"storage", b"garbage"), "is no tensor as torch.save writes it"),
        (of_tensor().replace(b"K\2tQ", b"K\3tQ"), "the numbers of entry 'a' have 8 bytes, not 12"),
        (
            of_tensor().replace(b"\x01\0\0\x000", b"\x01\0\0\x001"),
            "nothing is called 'archive/data/1'",
        ),
        (of_tensor().replace(b"\x01\0\0\x000", b"\x0a\0\0\x00../../../x"), "nothing is called"),
    ],
)
def test_a_tensor_lies_in_its_numbers_or_is_refused(
    tmp_path: Path, content: bytes, message: str | None
) -> None:
    whole = saved({"a": torch.tensor([1.0, 2.0])})
    path = written(tmp_path, zipped(whole, {"archive/data.pkl": content}))
    if message is None:
        assert read_tensors(path)["a"].ravel().tolist() == [1, 2]
        return
    with pytest.raises(ValueError, match=rf"archive\.pt: .*{message}"):
        read_tensors(path)


def test_torch_is_not_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, saved({"a": torch.ones(2)}))
    monkeypatch.setattr(torch, "load", None)
    monkeypatch.setattr(pickle, "Unpickler", None)
    monkeypatch.setitem(sys.modules, "torch", None)
    assert read_tensors(path)["a"].tolist() == [1, 1]
