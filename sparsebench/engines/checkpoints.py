"""Reading base models from the thesis author's checkpoints, as data only."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import torch

from sparsebench.parts.weights import check_shapes
from sparsebench.values.case import Architecture
from sparsebench.values.layout import GATES

_PARTS = {"weight_ih": "i2h", "weight_hh": "h2h", "bias_ih": "i2h_bias", "bias_hh": "h2h_bias"}
_PREFIX = "recurrent.recurrent_layers."


def read_base_checkpoint(path: Path, variant: str) -> tuple[Architecture, dict[str, np.ndarray]]:
    """Read a trained base model from a torch archive; code in it is refused, never run.

    Parameters
    ----------
    path
        A torch archive of named tensors, with `recurrent.recurrent_layers.0.weight_ih` and so on.
    variant
        The cell that the model was trained with, which the tensors alone do not tell.

    Returns
    -------
    Architecture
        Its sizes, read off the tensors.
    dict
        Its named arrays, as `sparsebench.parts.weights.shapes` lists them. Stored masks are left out.

    Raises
    ------
    OSError
        If the file cannot be read.
    ValueError
        If it is truncated, tries to run code, or is not a base model of this variant.
    """
    tensors = _tensors(path)
    weights: dict[str, np.ndarray] = {}
    for name, tensor in tensors.items():
        if name == "embedding.weight":
            weights["embedding"] = tensor
        elif name in ("out.weight", "out.bias"):
            weights[name.replace("out", "readout")] = tensor
        elif name.startswith(_PREFIX):
            layer, _, part = name.removeprefix(_PREFIX).partition(".")
            if part in _PARTS:
                weights[f"layers.{layer}.{_PARTS[part]}"] = tensor
            elif part not in ("mask_i2h", "mask_h2h"):
                raise ValueError(f"{path}: not a base model: unexpected tensor {name!r}")
        else:
            raise ValueError(f"{path}: not a base model: unexpected tensor {name!r}")
    architecture = _architecture(path, variant, weights)
    check_shapes(weights, architecture.layout, str(path))
    return architecture, weights


def _tensors(path: Path) -> dict[str, np.ndarray]:
    with path.open("rb"):
        pass  # a file that is absent or may not be read is an OSError, not a bad checkpoint
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        reason = str(error).splitlines()[0]
        raise ValueError(
            f"{path}: refused, because it is no torch archive of plain tensors or tries to run "
            f"code when loaded ({reason})"
        ) from None
    except Exception as error:  # torch raises many types for damaged archives, EOFError to KeyError
        reason = f"{type(error).__name__}: {error}".splitlines()[0]
        raise ValueError(f"{path}: damaged or not a torch archive ({reason})") from None
    if not isinstance(content, dict) or not content:
        raise ValueError(f"{path}: holds a {type(content).__name__}, not named tensors")
    for name, tensor in content.items():
        if not isinstance(name, str) or not isinstance(tensor, torch.Tensor):
            raise ValueError(f"{path}: entry {name!r} is a {type(tensor).__name__}, not a tensor")
    return {name: tensor.detach().to(torch.float32).numpy() for name, tensor in content.items()}


def _architecture(path: Path, variant: str, weights: dict[str, np.ndarray]) -> Architecture:
    layers = sum(name.endswith(".i2h") for name in weights)
    embedding, readout = weights.get("embedding"), weights.get("readout.weight")
    if not layers or embedding is None or embedding.ndim != 2 or readout is None:
        raise ValueError(
            f"{path}: not a base model: it needs embedding.weight (symbols, hidden), "
            f"{_PREFIX}N.weight_ih ({GATES[variant]} * hidden, hidden) and out.weight"
        )
    symbols, hidden = embedding.shape
    return Architecture(variant, layers, hidden, symbols, len(readout))
