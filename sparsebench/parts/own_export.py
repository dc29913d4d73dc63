"""Networks of your own, written for other programs, and what was kept counted in the written file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sparsebench.parts.files import FilePath
from sparsebench.parts.own_c_header import save_c_header, weights_in_header
from sparsebench.parts.own_network import OwnNetwork
from sparsebench.parts.own_network_files import load_network, save_blocks, save_safetensors
from sparsebench.parts.own_onnx import check_in_runtime, save_onnx, weights_in_onnx
from sparsebench.values.checks import instance_of, one_of
from sparsebench.values.masks import Weights


@dataclass(frozen=True)
class Exported:
    """What an exported file holds, as counted in the file.

    Attributes
    ----------
    path
        The file.
    bytes
        Its size.
    kept
        Recurrent weights in it that are not zero.
    total
        Recurrent weights of the network without pruning.
    """

    path: Path
    bytes: int
    kept: int
    total: int


def export_network(network: OwnNetwork, path: FilePath) -> Exported:
    """Write a network of your own for other programs.

    The format is told by the end of the file's name:

    - `.safetensors`: all arrays, and the masks beside them (`load_network`);
    - `.npz`: a NumPy archive, in which recurrent matrices are blocks of 16 rows and one column, as
      rows of values with their columns, and the first block of each 16 rows; blocks that are zero
      are left out (`load_network`);
    - `.h`: a C99 header with the weights that are left and a function that computes a step; names
      begin with the file's;
    - `.onnx`: an ONNX model, with zeros for pruned weights and the state in and out (needs
      `pip install 'sparsebench[onnx]'`).

    Returns
    -------
    Exported
        The counts. The file is read again, and must have every array as it was. An ONNX model is
        run too, if ONNX Runtime is installed, and must compute what `OwnNetwork.forward` does.

    Raises
    ------
    TypeError
        If it is no `OwnNetwork`: `from_torch` makes one.
    ValueError
        If the file has another ending, or its format cannot hold the network.
    ModuleNotFoundError
        For ONNX, without the package.
    ArithmeticError
        If the written file holds other weights, or an ONNX model computes something else.
    """
    instance_of("network", network, OwnNetwork)
    path = Path(path)
    one_of("ending of an exported file", path.suffix, _FORMATS)
    write, read = _FORMATS[path.suffix]
    write(network, path)
    found = read(network, path)
    recurrent = [name for layer in network.prunable() for name in layer]
    for name, array in network.weights.items():
        if name not in found or not np.array_equal(found[name], array):
            raise ArithmeticError(f"{path}: {name} was not written as it is: report this as a bug")
    if path.suffix == ".onnx":
        check_in_runtime(network, path)
    kept = sum(int(np.count_nonzero(found[name])) for name in recurrent)
    total = sum(network.weights[name].size for name in recurrent)
    return Exported(path, path.stat().st_size, kept, total)


def _loaded(network: OwnNetwork, path: Path) -> Weights:
    return load_network(path).weights


_FORMATS: dict[
    str, tuple[Callable[[OwnNetwork, Path], None], Callable[[OwnNetwork, Path], Weights]]
] = {
    ".safetensors": (save_safetensors, _loaded),
    ".npz": (save_blocks, _loaded),
    ".h": (
        lambda network, path: save_c_header(network, path, path.stem),
        lambda network, path: weights_in_header(path, network.structure),
    ),
    ".onnx": (save_onnx, lambda network, path: weights_in_onnx(path, network.structure)),
}
"""What writes a format, and what reads its arrays again."""
