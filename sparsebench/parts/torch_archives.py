"""Named tensors from torch archives, read without torch and without running anything in them.

`torch.load` unpickles with a list of callables that are allowed. That list is long, older versions
had security holes in it, and a small archive can unpack to any size. Only two things are needed
here: a dictionary of names, and the numbers behind them. Both formats are read: a ZIP file with a
pickle and a member for each block of numbers (torch 1.6 and later), and pickles followed by the
blocks (earlier, and all of the thesis author's).
"""

from __future__ import annotations

import io
import math
import struct
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from sparsebench.parts.files import FilePath, read_at_most, shown
from sparsebench.parts.pickles import (
    LARGEST as PICKLE,
)
from sparsebench.parts.pickles import (
    ORDERED,
    PERSISTENT,
    TENSORS,
    Name,
    Object,
    Refused,
    described,
    read_pickle,
)

LARGEST = 2**24
"""Largest archive in bytes; the thesis author's largest has 257,992."""

_TENSOR, _PARAMETER = "torch._utils._rebuild_tensor_v2", "torch._utils._rebuild_parameter"

_KINDS = {
    "torch.FloatStorage": "<f4",
    "torch.DoubleStorage": "<f8",
    "torch.HalfStorage": "<f2",
    "torch.LongStorage": "<i8",
    "torch.IntStorage": "<i4",
    "torch.ShortStorage": "<i2",
    "torch.CharStorage": "i1",
    "torch.ByteStorage": "u1",
    "torch.BoolStorage": "u1",  # a damaged one may hold more than 0 and 1
}
"""Classes of blocks of numbers, and numpy's names for their types."""

_NAMES = (ORDERED, _TENSOR, _PARAMETER, *_KINDS)

_MAGIC, _PROTOCOL = 0x1950A86A20F9469CFC6C, 1001
"""The beginning of archives without ZIP."""

_MOST_SIZES = 32
"""Most dimensions of a tensor, as in numpy."""

_DAMAGED = (
    zipfile.BadZipFile,
    EOFError,
    NotImplementedError,  # another version of ZIP, or several disks
    OSError,  # an offset before the beginning
    OverflowError,
    RuntimeError,  # encrypted
    ValueError,
    struct.error,
)
"""What `zipfile` raises for damaged archives."""


class _Unfit(ValueError):
    """What is wrong with an archive that runs no code; the message does not name the file."""


@dataclass(frozen=True)
class _Block:
    """A block of numbers as a pickle describes it: key, numpy type, number of elements."""

    key: str
    kind: str
    numbers: int

    @property
    def size(self) -> int:
        """Its number of bytes."""
        return self.numbers * np.dtype(self.kind).itemsize


@dataclass(frozen=True)
class _Tensor:
    """A tensor as a pickle describes it: its block, and the positions of its numbers in that."""

    block: _Block
    first: int
    shape: tuple[int, ...]
    steps: tuple[int, ...]

    @property
    def last(self) -> int:
        """The position of its last number."""
        ways = zip(self.shape, self.steps, strict=True)
        return self.first + sum((size - 1) * step for size, step in ways)


_Tensors = dict[str, _Tensor]
_Read = Callable[[_Block], bytes]
"""Reads the bytes of a block."""


def read_tensors(path: FilePath) -> dict[str, np.ndarray]:
    """Read the named tensors of a torch archive, such as a state dictionary.

    Parameters
    ----------
    path
        A file that `torch.save` wrote of a dictionary from names to dense tensors of real numbers
        or booleans.

    Returns
    -------
    dict
        Name -> float32 array.

    Raises
    ------
    OSError
        If the file cannot be read.
    ValueError
        If it is too large or damaged, or contains anything else; nothing in it has been run.
    """
    content = read_at_most(path, LARGEST)
    try:
        tensors, read = (_zipped if content.startswith(b"PK") else _plain)(content)
        if sum(math.prod(tensor.shape) for tensor in tensors.values()) > len(content):
            raise _Unfit(f"its tensors have more numbers than its {len(content)} bytes can hold")
        return {name: _array(name, tensor, read(tensor.block)) for name, tensor in tensors.items()}
    except Refused as reason:
        raise ValueError(
            f"{path}: refused, because it is not a torch archive of plain tensors or tries to run code "
            f"when loaded ({reason}): give a file that torch.save wrote of dense tensors by name"
        ) from None
    except _Unfit as reason:
        raise ValueError(f"{path}: {reason}") from None


def _zipped(content: bytes) -> tuple[_Tensors, _Read]:
    """The tensors of a ZIP archive, and a function that reads their blocks.

    torch stores members uncompressed. But members may overlap, so their total size is limited to
    that of the archive.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except _DAMAGED as error:
        raise _damaged(error) from None
    members = {member.filename: member for member in archive.infolist()}
    known: dict[str, bytes] = {}
    left = len(content)

    def read(name: str) -> bytes:
        nonlocal left
        if name in known:
            return known[name]
        if name not in members:
            raise _Unfit(f"damaged or not a torch archive (nothing is called {shown(name)} in it)")
        member = members[name]
        if member.compress_type != zipfile.ZIP_STORED:
            raise _Unfit(
                f"{shown(name)} in it is compressed, which torch does not do: save it again"
            )
        left -= member.file_size
        if left < 0:
            raise _Unfit(f"damaged or not a torch archive ({shown(name)} in it overlaps others)")
        try:
            known[name] = archive.read(member)
        except _DAMAGED as error:
            raise _damaged(error) from None
        return known[name]

    pickles = [name for name in members if name.endswith("/data.pkl")]
    if len(pickles) != 1:
        raise _Unfit(f"damaged or not a torch archive ({len(pickles)} pickles in it, not one)")
    folder = pickles[0].removesuffix("data.pkl")
    if f"{folder}byteorder" in members and read(f"{folder}byteorder") != b"little":
        raise _Unfit("its numbers have another order of bytes: save it on a little-endian machine")
    built, _ = read_pickle(read(pickles[0]), _NAMES, TENSORS)
    return _tensors(built), lambda block: read(f"{folder}data/{block.key}")


def _plain(content: bytes) -> tuple[_Tensors, _Read]:
    """The tensors of an archive without ZIP, and a function that reads their blocks."""
    place, values = 0, []
    for _ in range(5):
        value, length = read_pickle(content[place : place + PICKLE + 1], _NAMES, TENSORS)
        place += length
        values.append(value)
        if values[0] != _MAGIC:
            raise Refused("it does not begin as one")
    _, protocol, machine, built, keys = values
    little = isinstance(machine, dict) and machine.get("little_endian") is True
    if protocol != _PROTOCOL or not little or not isinstance(keys, list):
        raise _Unfit(
            "of another version, or of a machine with another order of bytes: save it again"
        )
    tensors = _tensors(built)
    named = {tensor.block.key: tensor.block for tensor in tensors.values()}
    known: dict[str, bytes] = {}
    for key in keys:
        block = named.get(key) if isinstance(key, str) else None
        if block is None or key in known:
            raise _Unfit(f"damaged (block {described(key)} comes twice, or is of no tensor)")
        if int.from_bytes(content[place : place + 8], "little") != block.numbers:
            raise _Unfit(f"damaged (block {described(key)} is not where it should be)")
        place += 8
        known[key] = content[place : place + block.size]
        place += block.size
    if place != len(content):
        raise _Unfit(f"damaged (it should have {place} bytes, and has {len(content)})")
    return tensors, lambda block: known.get(block.key, b"")


def _tensors(built: Any) -> _Tensors:
    """The tensors in what the pickle built, which must be a dictionary of tensors."""
    entries = built.entries if isinstance(built, Object) and built.kind == ORDERED else built
    if not isinstance(entries, dict) or not entries:
        raise _Unfit(f"holds a {described(built)}, not named tensors")
    tensors = {}
    for name, value in entries.items():
        if isinstance(value, Object) and value.kind == _PARAMETER and value.arguments:
            value = value.arguments[0]
        kind = value.kind if isinstance(value, Object) else type(value).__name__
        if not isinstance(name, str) or kind != _TENSOR:
            raise _Unfit(f"entry {shown(name)} is a {kind}, not a tensor")
        tensors[name] = _tensor(name, value.arguments)
    return tensors


def _tensor(name: str, arguments: tuple[Any, ...]) -> _Tensor:
    match arguments:
        case (
            Object(
                kind=persistent,
                arguments=("storage", Name(name=storage), str(key), str(), int(numbers), *views),
            ),
            int(first),
            tuple(shape),
            tuple(steps),
            *_,
        ) if persistent == PERSISTENT and storage in _KINDS and views in ([], [None]):
            pass
        case _:
            raise _Unfit(f"entry {shown(name)} is no tensor as torch.save writes it: save it again")
    if not all(type(each) is int and each >= 0 for each in (first, numbers, *shape, *steps)):
        raise _Unfit(f"entry {shown(name)} has a place or a size that is no whole number from 0 on")
    if 0 not in shape and len(shape) == len(steps) <= _MOST_SIZES:
        tensor = _Tensor(_Block(key, _KINDS[storage], numbers), first, shape, steps)
        if tensor.last < numbers:
            return tensor
    sizes = ", ".join(shown(size) for size in shape[:_MOST_SIZES])
    raise _Unfit(
        f"entry {shown(name)} of sizes ({sizes}) does not lie in its {shown(numbers)} numbers"
    )


def _array(name: str, tensor: _Tensor, content: bytes) -> np.ndarray:
    block = tensor.block
    if len(content) != block.size:
        raise _Unfit(
            f"damaged (the numbers of entry {shown(name)} have {len(content)} bytes, not {block.size})"
        )
    kind = np.dtype(block.kind)
    ways = zip(tensor.shape, tensor.steps, strict=True)
    # The stride along a dimension of one element may have any value.
    strides = [step * kind.itemsize if size > 1 else 0 for size, step in ways]
    found = np.ndarray(tensor.shape, kind, content, tensor.first * kind.itemsize, strides)
    with np.errstate(over="ignore"):  # float64 may overflow to infinity, which no trained weight is
        return found.astype(np.float32)


def _damaged(error: Exception) -> _Unfit:
    return _Unfit(f"damaged or not a torch archive ({type(error).__name__}: {shown(str(error))})")
