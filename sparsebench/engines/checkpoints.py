"""The thesis author's checkpoints, read as data only."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sparsebench.parts.files import FilePath, shown
from sparsebench.parts.torch_archives import read_tensors
from sparsebench.parts.weights import check_shapes
from sparsebench.values.layout import GATES, INPUT, Layout
from sparsebench.values.protocol import Architecture

Arrays = dict[str, np.ndarray]

_LAYERS, _SKIPS = "recurrent.recurrent_layers", "recurrent.skip_layers"
_PARTS = {"weight_ih": "i2h", "weight_hh": "h2h", "bias_ih": "i2h_bias", "bias_hh": "h2h_bias"}
_MASKS = {"mask_i2h": "i2h", "mask_h2h": "h2h"}


def read_base_checkpoint(path: FilePath, variant: str) -> tuple[Architecture, Arrays]:
    """Read a trained base model from a torch archive; code in it is refused, never run.

    Parameters
    ----------
    path
        A torch archive of named tensors, with `recurrent.recurrent_layers.0.weight_ih` and so on.
    variant
        The cell type, which the tensors do not tell.

    Returns
    -------
    Architecture
        The sizes, from the tensors.
    dict
        Named arrays, as in `sparsebench.values.layout.Layout.shapes`, without stored masks.

    Raises
    ------
    OSError
        If the file cannot be read.
    ValueError
        If it is truncated, tries to run code, or is not a base model of this variant.
    """
    tensors = read_tensors(path)
    prefix = f"{_LAYERS}."
    numbers = {name[len(prefix) :].split(".")[0] for name in tensors if name.startswith(prefix)}
    layers = len(numbers)
    blocks = {f"{_LAYERS}.{layer}": f"layers.{layer}" for layer in range(layers)}
    weights, _ = _sorted_out(path, "a base model", tensors, blocks)
    architecture = _architecture(path, variant, layers, weights)
    check_shapes(weights, architecture.layout, str(path))
    return architecture, weights


def read_wired_checkpoint(path: FilePath, layout: Layout) -> tuple[Arrays, Arrays]:
    """Read a trained wired network from a torch archive; code in it is refused, never run.

    Parameters
    ----------
    path
        A torch archive of named tensors. A block from the layer right below is named
        `recurrent.recurrent_layers.L` after its target layer L, another block
        `recurrent.skip_layers.I`, numbered by target layer, then by source layer. Masks stand
        beside the weights.
    layout
        The blocks of the network, which the tensors do not tell.

    Returns
    -------
    weights : dict
        Named arrays, as in `layout`, without masks applied.
    masks : dict
        The stored i2h masks of all blocks except layer 0's, named and shaped as in
        `sparsebench.parts.wired.wired_masks`.

    Raises
    ------
    OSError
        If the file cannot be read.
    ValueError
        If it is truncated, tries to run code, or is not a network of these blocks; or if a mask is
        missing, has values other than 0 and 1, or prunes a matrix that the wiring leaves dense.
    """
    skipping = [block for block in layout.blocks if block.skips]
    blocks = {f"{_SKIPS}.{number}": block.name for number, block in enumerate(skipping)}
    blocks |= {
        f"{_LAYERS}.{block.target}": block.name for block in layout.blocks if not block.skips
    }
    weights, stored = _sorted_out(path, f"a {layout}", read_tensors(path), blocks)
    check_shapes(weights, layout, str(path))
    masks = {}
    for block in layout.blocks:
        for kind in ("i2h", "h2h"):
            name = f"{block.name}.{kind}"
            mask = _mask(path, name, stored, weights[name].shape)
            if kind == "i2h" and block.source != INPUT:
                masks[name] = mask
            elif not mask.all():
                raise ValueError(
                    f"{path}: the mask of {name} prunes {np.sum(~mask)} weights: only edges between "
                    "layers are masked"
                )
    return weights, masks


def _sorted_out(
    path: FilePath, what: str, tensors: Mapping[str, np.ndarray], blocks: Mapping[str, str]
) -> tuple[Arrays, Arrays]:
    """Sort tensors into weights and masks under our names.

    Parameters
    ----------
    path, what
        The file, and what it should be, for errors.
    tensors
        All tensors in the file.
    blocks
        The author's names of the recurrent layers -> ours.

    Raises
    ------
    ValueError
        With a tensor that does not belong to these layers, the embedding or the readout.
    """
    ours = {"embedding.weight": "embedding"}
    ours |= {f"out.{part}": f"readout.{part}" for part in ("weight", "bias")}
    masks_of: dict[str, str] = {}
    for theirs, block in blocks.items():
        ours |= {f"{theirs}.{part}": f"{block}.{kind}" for part, kind in _PARTS.items()}
        masks_of |= {f"{theirs}.{part}": f"{block}.{kind}" for part, kind in _MASKS.items()}
    for name in tensors:
        if name not in ours and name not in masks_of:
            raise ValueError(f"{path}: not {what}: unexpected tensor {shown(name)}")
    weights = {ours[name]: tensor for name, tensor in tensors.items() if name in ours}
    masks = {masks_of[name]: tensor for name, tensor in tensors.items() if name in masks_of}
    return weights, masks


def _mask(path: FilePath, name: str, stored: Arrays, shape: tuple[int, ...]) -> np.ndarray:
    """A stored mask as booleans."""
    if name not in stored:
        raise ValueError(f"{path}: the mask of {name} is missing")
    mask = stored[name]
    if mask.shape != shape:
        raise ValueError(f"{path}: the mask of {name} has shape {mask.shape}, not {shape}")
    others = mask[(mask != 0) & (mask != 1)]
    if others.size:
        raise ValueError(f"{path}: the mask of {name} holds {others[0]}: only 0 and 1 are masks")
    return mask == 1


def _architecture(path: FilePath, variant: str, layers: int, weights: Arrays) -> Architecture:
    embedding, readout = weights.get("embedding"), weights.get("readout.weight")
    matrices = [each for each in (embedding, readout) if each is not None and each.ndim == 2]
    if not layers or embedding is None or readout is None or len(matrices) != 2:
        raise ValueError(
            f"{path}: not a base model: it needs embedding.weight (symbols, hidden), "
            f"{_LAYERS}.N.weight_ih ({GATES[variant]} * hidden, hidden) and out.weight"
        )
    symbols, hidden = embedding.shape
    return Architecture(variant, layers, hidden, symbols, len(readout))
