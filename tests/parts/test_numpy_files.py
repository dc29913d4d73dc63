"""NumPy files are read as numpy wrote them; nothing in them is run, and lies are refused."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from sparsebench.parts import numpy_files
from sparsebench.parts.numpy_files import read_arrays

KINDS = ("<f8", ">f4", "<f2", "<i8", ">i2", "|u1", "|i1", "|b1", "<u4")

numbers = st.sampled_from(KINDS).flatmap(
    lambda kind: arrays(np.dtype(kind), array_shapes(max_dims=3, max_side=4))
)


def written(path: Path, array: Any, **more: Any) -> bytes:
    """A file with an array, and its content."""
    np.save(path, array, **more)
    return path.read_bytes()


@given(array=numbers, order=st.sampled_from("CF"))
def test_an_array_comes_back(scratch: Path, array: np.ndarray, order: Any) -> None:
    path = scratch / "one.npy"
    np.save(path, np.array(array, order=order))
    (found,) = read_arrays(path).values()
    assert (found.dtype, found.shape) == (array.dtype, array.shape)
    assert found.tobytes() == array.tobytes()


@given(found=st.dictionaries(st.sampled_from(("x", "inputs", "é")), numbers, min_size=1))
@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_an_archive_comes_back(scratch: Path, save: Any, found: dict[str, np.ndarray]) -> None:
    path = scratch / "more.npz"
    save(path, **found)
    again = read_arrays(path)
    assert {name: array.tobytes() for name, array in again.items()} == {
        name: array.tobytes() for name, array in found.items()
    }


class Armed:
    """An object whose pickle makes a folder when it is loaded."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.folder),)


def test_objects_are_refused_and_never_loaded(tmp_path: Path) -> None:
    harm, path = tmp_path / "harm", tmp_path / "one.npy"
    np.save(path, np.array([Armed(harm)], object), allow_pickle=True)
    archive = tmp_path / "more.npz"
    archive.write_bytes(zipped({"inputs.npy": path.read_bytes()}))
    for each in (path, archive):
        with pytest.raises(ValueError, match=r"does not hold numbers: give arrays of booleans"):
            read_arrays(each)
    assert not harm.exists()


def zipped(members: dict[str, bytes], how: int = zipfile.ZIP_DEFLATED) -> bytes:
    """An archive."""
    found = io.BytesIO()
    with zipfile.ZipFile(found, "w", how) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return found.getvalue()


@pytest.mark.parametrize(
    "array",
    [
        np.array(["text"]),
        np.array([b"text"]),
        np.array([1j]),
        np.array(["2026-01-01"], "M8[D]"),
        np.array([(1, 2.0)], [("a", int), ("b", float)]),
    ],
    ids=["text", "bytes", "complex", "date", "structure"],
)
def test_what_is_no_number_is_refused(tmp_path: Path, array: np.ndarray) -> None:
    written(tmp_path / "one.npy", array)
    with pytest.raises(ValueError, match=r"one.npy does not hold numbers"):
        read_arrays(tmp_path / "one.npy")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (b"(3,)", b"(9,)", r"has the shape '\(9,\)', 72 bytes, but there are 24"),
        (b"(3,)", b"(-3,)", "does not hold numbers"),
        (b"'<f8'", b"'<f9'", "does not hold numbers"),
        (b"'<f8'", b"'|O8'", "does not hold numbers"),
        (b"False", b"print", "does not hold numbers"),
        (b"{'descr'", b"open('x')", "does not hold numbers"),
        (b"\x93NUMPY\x01", b"\x93NUMPY\x09", "is not in NumPy's format"),
        (b"\x93NUMPY", b"\x93PANDA", "File is not a zip file: give arrays"),
    ],
)
def test_a_false_header_is_refused(tmp_path: Path, old: bytes, new: bytes, message: str) -> None:
    path = tmp_path / "one.npy"
    content = written(path, np.arange(3.0))
    spare = content.index(b"\n") - (len(new) - len(old))
    changed = content.replace(old, new, 1)
    path.write_bytes(changed[:spare] + changed[spare + len(new) - len(old) :])
    with pytest.raises(ValueError, match=message) as told:
        read_arrays(path)
    assert str(path) in str(told.value)


def test_an_empty_array_or_one_of_many_dimensions_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "one.npy"
    for array, message in ((np.zeros((0, 3)), "is empty"), (np.zeros((1, 1, 1, 1)), "three dim")):
        written(path, array)
        with pytest.raises(ValueError, match=message):
            read_arrays(path)


def test_archives_that_unpack_to_too_much_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "more.npz"
    np.savez_compressed(path, x=np.zeros(10**6), y=np.zeros(10**6))
    assert path.stat().st_size < 10**5
    monkeypatch.setattr(numpy_files, "LARGEST", 15 * 10**6)
    with pytest.raises(ValueError, match=r"more.npz: arrays of 16000\d+ bytes, more than 15000000"):
        read_arrays(path)
    monkeypatch.setattr(numpy_files, "MOST_ARRAYS", 1)
    with pytest.raises(ValueError, match="2 arrays, more than 1"):
        read_arrays(path)
    monkeypatch.setattr(numpy_files, "LARGEST", 1000)
    with pytest.raises(ValueError, match="more than 1000 bytes"):
        read_arrays(path)


def test_archives_of_other_kinds_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "more.npz"
    array = written(tmp_path / "one.npy", np.arange(3))
    path.write_bytes(zipped({"x.npy": array}, zipfile.ZIP_BZIP2))
    with pytest.raises(ValueError, match="array 'x' is packed in another way"):
        read_arrays(path)
    path.write_bytes(zipped({"x.npy": array, "x": array}))
    with pytest.raises(ValueError, match="array 'x' is there twice"):
        read_arrays(path)
    path.write_bytes(zipped({"x.npy": b"text"}))
    with pytest.raises(ValueError, match="array 'x' is not in NumPy's format"):
        read_arrays(path)


@given(data=st.data())
def test_damaged_files_are_read_or_refused_with_their_name(scratch: Path, data: Any) -> None:
    path = scratch / "any.npz"
    if data.draw(st.booleans()):
        content = bytearray(written(scratch / "one.npy", np.arange(6.0).reshape(2, 3)))
    else:
        np.savez_compressed(path, inputs=np.arange(6), answers=np.zeros((2, 2)))
        content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place] = data.draw(st.integers(0, 255))
    end = data.draw(st.none() | st.integers(0, len(content)))
    path.write_bytes(content[:end])
    refusal = str(path)
    try:
        read_arrays(path)
    except ValueError as error:
        refusal = str(error)
    assert str(path) in refusal
    assert len(refusal) < 500 + len(str(path))
