"""Arrays of numbers in NumPy files from elsewhere, `.npy` and `.npz`; nothing in them is run.

The headers are matched, not evaluated, and pickled objects are refused, as by `numpy.load` with
`allow_pickle=False`. No more is unpacked than an archive may hold.
"""

from __future__ import annotations

import io
import re
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
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return _of_archive(archive, path)
    except (
        *(zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError),
        *(UnicodeDecodeError, OverflowError, OSError, IndexError),
    ) as error:
        raise ValueError(f"{path} is no NumPy file: {shown(str(error))}: {_NOT_NUMBERS}") from None


def _of_archive(archive: zipfile.ZipFile, path: FilePath) -> dict[str, np.ndarray]:
    members = archive.infolist()
    if len(members) > MOST_ARRAYS:
        raise ValueError(f"{path}: {len(members)} arrays: give {MOST_ARRAYS} at most")
    size = sum(member.file_size for member in members)
    if size > LARGEST:
        raise ValueError(
            f"{path}: arrays of {size} bytes, more than {LARGEST}: give fewer or smaller ones"
        )
    found: dict[str, np.ndarray] = {}
    for member in members:
        name = member.filename.removesuffix(".npy")
        place = f"{path}, array {shown(name)}"
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise ValueError(f"{place} is packed in another way than numpy's: use numpy.savez")
        if name in found:
            raise ValueError(f"{place} is there twice: give one")
        found[name] = _array(archive.read(member), place)
    return found


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
