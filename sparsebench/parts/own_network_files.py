"""Networks of your own on disk: whole arrays with masks (safetensors), or blocks (NumPy archive).

Both hold the structure as JSON, so that `load_network` reads what was written; nothing in a file is
run.
"""

from __future__ import annotations

import io
import json
import math
from dataclasses import asdict
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from sparsebench.parts.files import FilePath, shown, write_atomically
from sparsebench.parts.numpy_files import read_arrays
from sparsebench.parts.own_blocks import HEIGHT, Blocks, blocks_of
from sparsebench.parts.own_network import OwnNetwork
from sparsebench.parts.weight_files import LARGEST, read_content
from sparsebench.values.own_structure import OwnStructure, Stack

_KEY = "sparsebench"
"""The entry with the structure."""

_MASK = "mask."
_LONGEST = 1000
"""Most characters of an error message."""

_MOST_WEIGHTS = LARGEST // 4
"""Most weights of all matrices of an archive of blocks: as many as the largest safetensors file has."""

_PARTS = ("starts", "columns", "values")


def save_safetensors(network: OwnNetwork, path: Path) -> None:
    """Write all arrays, pruned weights as zeros, and each mask under the array's name with `mask.`."""
    arrays = {name: np.ascontiguousarray(each) for name, each in network.weights.items()}
    arrays |= {f"{_MASK}{name}": np.ascontiguousarray(each) for name, each in network.masks.items()}
    write_atomically(path, save(arrays, {_KEY: _text(network.structure)}))


def save_blocks(network: OwnNetwork, path: Path) -> None:
    """Write a NumPy archive, in which recurrent matrices are blocks of 16 rows and one column."""
    recurrent = {name for layer in network.prunable() for name in layer}
    arrays = {name: each for name, each in network.weights.items() if name not in recurrent}
    for name in recurrent:
        blocks = blocks_of(network.weights[name])
        for part in _PARTS:
            array = getattr(blocks, part)
            if array.size:
                arrays[f"{name}.{part}"] = array
    text = np.frombuffer(_text(network.structure).encode(), np.uint8)
    content = io.BytesIO()
    np.savez(content, **{_KEY: text}, **arrays)  # type: ignore[arg-type]
    write_atomically(path, content.getvalue())


def is_own_network(path: FilePath) -> bool:
    """Whether a safetensors file was written by `save_safetensors`; it may still be damaged.

    Raises
    ------
    OSError, ValueError
        If it cannot be read.
    """
    if Path(path).suffix != ".safetensors":
        return False
    content = read_content(path)
    try:
        header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    except ValueError:
        return False
    told = header.get("__metadata__") if isinstance(header, dict) else None
    return isinstance(told, dict) and _KEY in told


def load_network(path: FilePath) -> OwnNetwork:
    """Read a network of your own that `export_network` wrote, as `.safetensors` or `.npz`.

    Of an archive of blocks, weights that are zero are read as pruned.

    Raises
    ------
    OSError
        If the file cannot be read.
    ValueError
        If it is damaged, or no such file.
    """
    read = _read_blocks if Path(path).suffix == ".npz" else _read_safetensors
    try:
        return read(path)
    except (TypeError, KeyError, ValueError, RecursionError) as error:
        told = str(error)
        begin = "" if told.startswith(str(path)) else f"{path}: no network of sparsebench: "
        raise ValueError(f"{begin}{told[:_LONGEST]}") from None


def _read_safetensors(path: FilePath) -> OwnNetwork:
    content = read_content(path)
    try:
        arrays = load(content)
    except SafetensorError as error:
        raise ValueError(f"not a whole safetensors file ({shown(str(error))})") from None
    header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    weights = {name: each for name, each in arrays.items() if not name.startswith(_MASK)}
    masks = {
        name.removeprefix(_MASK): each for name, each in arrays.items() if name.startswith(_MASK)
    }
    structure = _structure(header["__metadata__"][_KEY], len(weights))
    return OwnNetwork(structure, weights, masks)


def _read_blocks(path: FilePath) -> OwnNetwork:
    arrays = dict(read_arrays(path))
    text = bytes(arrays.pop(_KEY)).decode()
    blocked = {name.removesuffix(".starts") for name in arrays if name.endswith(".starts")}
    weights = {name: each for name, each in arrays.items() if _matrix_of(name) not in blocked}
    structure, masks = _structure(text, len(arrays)), {}
    shapes = structure.shapes()
    for name in blocked:
        if name not in shapes or len(shapes[name]) != 2:
            raise ValueError(f"blocks of {shown(name)}, which is no matrix of the network")
    total = sum(math.prod(shapes[name]) for name in blocked)
    if total > _MOST_WEIGHTS:
        raise ValueError(
            f"its structure has matrices of {total} weights, and no more than {_MOST_WEIGHTS} are "
            "read: export the network again, or a smaller one"
        )
    for name in blocked:
        rows, columns = shapes[name]
        weights[name] = _blocks(name, (rows, columns), arrays).matrix()
        masks[name] = weights[name] != 0
    return OwnNetwork(structure, weights, masks)


def _matrix_of(name: str) -> str:
    matrix, _, part = name.rpartition(".")
    return matrix if part in _PARTS else ""


def _blocks(name: str, shape: tuple[int, int], arrays: dict[str, np.ndarray]) -> Blocks:
    """The blocks of a matrix, checked."""
    starts, columns, values = (arrays.get(f"{name}.{part}") for part in _PARTS)
    if columns is None or values is None:
        columns, values = np.zeros(0, np.int32), np.zeros((0, HEIGHT), np.float32)
    groups = -(-shape[0] // HEIGHT)
    fits = (
        starts is not None
        and [str(each.dtype) for each in (starts, columns, values)] == ["int32", "int32", "float32"]
        and starts.shape == (groups + 1,)
        and columns.ndim == 1
        and values.shape == (len(columns), HEIGHT)
    )
    if not fits or starts is None:
        raise ValueError(f"the blocks of {name} are not those of a matrix {shape}")
    inside = not len(columns) or 0 <= columns.min() <= columns.max() < shape[1]
    if starts[0] != 0 or starts[-1] != len(columns) or (np.diff(starts) < 0).any() or not inside:
        raise ValueError(f"the blocks of {name} lie outside of a matrix {shape}")
    return Blocks(shape, starts, columns, values)


def _text(structure: OwnStructure) -> str:
    """The structure as JSON."""
    return json.dumps(asdict(structure))


def _structure(text: str, arrays: int) -> OwnStructure:
    """The structure from JSON; a file of so many arrays has no more layers."""
    told = json.loads(text)
    if not isinstance(told, dict):
        raise ValueError("its structure is no JSON object")
    stacks = tuple(Stack(**each) for each in told.pop("stacks"))
    if sum(stack.layers for stack in stacks) > arrays:
        raise ValueError("its structure has more layers than there are arrays")
    return OwnStructure(stacks=stacks, **told)
