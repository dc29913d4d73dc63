"""Arrays of numbers in NumPy files from elsewhere, `.npy` and `.npz`; nothing in them is run.

The headers are matched, not evaluated, and pickled objects are refused, as by `numpy.load` with
`allow_pickle=False`. No more is unpacked than an archive may hold.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from math import prod

import numpy as np

from sparsebench.parts.files import FilePath, read_at_most, shown

LARGEST = 2**26
"""Largest file in bytes, and most bytes of all arrays of an archive."""

MOST_ARRAYS = 1000
"""Most arrays of an archive."""

_MAGIC = b"\x93NUMPY"

_HEADER = re.compile(
    r"\s*\{\s*'descr'\s*:\s*'([<>=|][biuf][1248])'\s*,\s*'fortran_order'\s*:\s*(True|False)\s*,"
    r"\s*'shape'\s*:\s*\(((?:\s*\d{1,12}\s*,)*\s*(?:\d{1,12})?)\s*\)\s*,?\s*\}\s*",
    re.ASCII,
)
"""The header of an array of numbers, as numpy writes it."""

_NOT_NUMBERS = (
    "give arrays of booleans, whole or real numbers, as numpy.save and numpy.savez write them"
)


def read_arrays(path: FilePath) -> dict[str, np.ndarray]:
    """Read all arrays of a file.

    Parameters
    ----------
    path
        A `.npy` file, or a `.npz` archive of such files.

    Returns
    -------
    dict
        Name -> array, read-only; the array of a `.npy` file has an empty name.

    Raises
    ------
    OSError
        If the file cannot be read.
    ValueError
        With the file and the array, if the file is too large, damaged, or holds something other
        than numbers.
    """
    content = read_at_most(path, LARGEST)
    if content.startswith(_MAGIC):
        return {"": _array(content, str(path))}
    return {name: _array(each, _place(path, name)) for name, each in _unpacked(content, path)}


def _unpacked(content: bytes, path: FilePath) -> list[tuple[str, bytes]]:
    """The names and contents of an archive's arrays.

    Raises
    ------
    ValueError
        With the file, if it is no archive, damaged, or holds too much.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            if fault := _fault(members):
                raise ValueError(fault)
            return [(_name(member), archive.read(member)) for member in members]
    except (
        *(ValueError, zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError),
        *(NotImplementedError, RuntimeError, OverflowError, LookupError),
    ) as error:  # all that zipfile raises where its headers lie
        raise ValueError(f"{path}: {str(error)[:200]}: {_NOT_NUMBERS}") from None


def _fault(members: list[zipfile.ZipInfo]) -> str:
    """Why an archive is not unpacked; empty if it may be."""
    if len(members) > MOST_ARRAYS:
        return f"{len(members)} arrays, more than {MOST_ARRAYS}"
    size = sum(member.file_size for member in members)
    if size > LARGEST:
        return f"arrays of {size} bytes, more than {LARGEST}"
    names = [_name(member) for member in members]
    for name, member in zip(names, members, strict=True):
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            return f"array {shown(name)} is packed in another way than numpy's"
        if names.count(name) > 1:
            return f"array {shown(name)} is there twice"
    return ""


def _name(member: zipfile.ZipInfo) -> str:
    return member.filename.removesuffix(".npy")


def _place(path: FilePath, name: str) -> str:
    return f"{path}, array {shown(name)}"


def _array(content: bytes, place: str) -> np.ndarray:
    """An array from the content of a `.npy` file; `place` begins the message of an error."""
    if not content.startswith(_MAGIC) or content[6:7] not in (b"\x01", b"\x02", b"\x03"):
        raise ValueError(f"{place} is not in NumPy's format: {_NOT_NUMBERS}")
    width = 2 if content[6] == 1 else 4
    begin = 8 + width
    end = begin + int.from_bytes(content[8:begin], "little")
    header = _HEADER.fullmatch(content[begin:end].decode("latin-1"))
    if header is None:
        raise ValueError(f"{place} does not hold numbers: {_NOT_NUMBERS}")
    try:
        dtype = np.dtype(header[1])
    except TypeError:
        raise ValueError(f"{place} has no known type of numbers: {_NOT_NUMBERS}") from None
    shape = tuple(int(size) for size in header[3].split(",") if size.strip())
    needed = prod(shape) * dtype.itemsize
    if needed != len(content) - end or len(shape) > 3:
        raise ValueError(
            f"{place} has the shape {shown(str(shape))}, {needed} bytes, but there are "
            f"{max(0, len(content) - end)}: give a whole array of three dimensions or fewer"
        )
    if needed == 0:
        raise ValueError(f"{place} is empty: give one with numbers")
    flat = np.frombuffer(content, dtype, offset=end)
    return flat.reshape(shape, order="F" if header[2] == "True" else "C")
