"""The weights of a recurrent network: initial values, and what pruning may touch."""

from __future__ import annotations

import math

import numpy as np

from sparsebench.parts.draws import normal, uniform
from sparsebench.parts.files import shown
from sparsebench.values.layout import Layout
from sparsebench.values.masks import Masks, Weights
from sparsebench.values.seeding import stream

_NAMED = 5
"""How many faults an error names."""


def initial_weights(layout: Layout, seed: int) -> dict[str, np.ndarray]:
    """Draw a network's weights before training.

    The embedding is standard normal. The arrays of a block of h units are uniform in ±1/sqrt(h), and
    so is the readout of h units, which is what PyTorch does for recurrent and linear layers.

    Parameters
    ----------
    layout
        The network.
    seed
        The network's own seed; every array has its own stream.

    Returns
    -------
    dict
        Name -> float32 array.
    """
    bounds = {block.name: 1 / math.sqrt(layout.sizes[block.target]) for block in layout.blocks}
    bounds["readout"] = 1 / math.sqrt(layout.sizes[-1])
    weights = {}
    for name, shape in layout.shapes().items():
        random = stream("weights", seed, layout.variant, name)
        bound = bounds.get(name.rpartition(".")[0])
        drawn = normal(random, shape) if bound is None else uniform(random, -bound, bound, shape)
        weights[name] = drawn.astype(np.float32)
    return weights


def prunable(layout: Layout, target: str) -> list[list[str]]:
    """The arrays that a target names, block by block; biases, embedding and readout never are.

    Parameters
    ----------
    layout
        The network.
    target
        `i2h`, `h2h` or `both`.

    Returns
    -------
    list of list of str
        For each block in order, the names of its arrays.
    """
    kinds = ("i2h", "h2h") if target == "both" else (target,)
    return [[f"{block.name}.{kind}" for kind in kinds] for block in layout.blocks]


def recurrent_weights(layout: Layout, masks: Masks) -> tuple[int, int]:
    """How many recurrent weights a network has, and how many it would have without its masks.

    Recurrent weights are those that `prunable` names: i2h and h2h of every block, no biases.
    """
    shapes = layout.shapes()
    names = [name for block in prunable(layout, "both") for name in block]
    total = sum(math.prod(shapes[name]) for name in names)
    gone = sum(masks[name].size - int(masks[name].sum()) for name in names if name in masks)
    return total - gone, total


def parameters(layout: Layout, masks: Masks) -> int:
    """How many numbers are trained: everything but the weights that a mask takes away."""
    kept, total = recurrent_weights(layout, masks)
    return sum(math.prod(shape) for shape in layout.shapes().values()) - (total - kept)


def check_shapes(weights: Weights, layout: Layout, origin: str) -> None:
    """Refuse weights that are not exactly the layout's arrays.

    Parameters
    ----------
    weights
        What was read.
    layout
        What it must fit.
    origin
        Where it was read from, for the error.

    Raises
    ------
    ValueError
        Naming the arrays that are missing, not expected, of another shape or not finite.
    """
    expected = layout.shapes()
    faults = [f"{name} is missing" for name in expected if name not in weights]
    faults += [f"{shown(name)} is not expected" for name in weights if name not in expected]
    for name, shape in expected.items():
        if name not in weights:
            continue
        if weights[name].shape != shape:
            faults.append(f"{name} has shape {weights[name].shape}, not {shape}")
        elif not np.isfinite(weights[name]).all():
            faults.append(f"{name} holds NaN or infinite values")
    if faults:
        more = f"; and {len(faults) - _NAMED} more" if len(faults) > _NAMED else ""
        raise ValueError(
            f"{origin}: not the weights of a {layout}: {'; '.join(faults[:_NAMED])}{more}"
        )
