"""The weights of a recurrent network: initial values, prunable arrays, counts and checks."""

from __future__ import annotations

import math

import numpy as np

from sparsebench.parts.draws import normal, uniform
from sparsebench.parts.files import shown
from sparsebench.values.layout import Layout
from sparsebench.values.masks import Masks, Weights, kept_of
from sparsebench.values.seeding import stream

_NAMED = 5
"""Most faults that an error lists."""


def initial_weights(layout: Layout, seed: int) -> dict[str, np.ndarray]:
    """Draw a network's weights before training.

    The embedding is standard normal. The arrays of a block with h units are uniform in ±1/sqrt(h),
    and so is a readout of h units, as in PyTorch's recurrent and linear layers.

    Parameters
    ----------
    layout
        The network.
    seed
        The network's seed; each array has its own stream.

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
    """The arrays that a target names, by block; biases are never pruned.

    Parameters
    ----------
    layout
        The network.
    target
        `i2h`, `h2h` or `both`; `readout` or `embedding` for the one matrix of that name.

    Returns
    -------
    list of list of str
        The names of each block's arrays, in the order of the blocks, or the name of the one matrix.
        Nothing for the embedding of a network that reads vectors.
    """
    if target == "readout":
        return [["readout.weight"]]
    if target == "embedding":
        return [["embedding"]] if layout.symbols else []
    kinds = ("i2h", "h2h") if target == "both" else (target,)
    return [[f"{block.name}.{kind}" for kind in kinds] for block in layout.blocks]


def is_recurrent(name: str) -> bool:
    """Whether an array holds recurrent weights: i2h or h2h of a block, without biases."""
    return name.endswith((".i2h", ".h2h"))


def recurrent_weights(layout: Layout, masks: Masks) -> tuple[int, int]:
    """The number of recurrent weights of a network, and the number without its masks.

    Recurrent weights are those of `prunable`: i2h and h2h of every block, without biases.
    """
    shapes = layout.shapes()
    names = [name for block in prunable(layout, "both") for name in block]
    total = sum(math.prod(shapes[name]) for name in names)
    gone = sum(masks[name].size - int(masks[name].sum()) for name in names if name in masks)
    return total - gone, total


def parameters(layout: Layout, masks: Masks) -> int:
    """The number of trained parameters: all but the weights that a mask removes."""
    kept, total = kept_of(masks)
    return sum(math.prod(shape) for shape in layout.shapes().values()) - (total - kept)


def check_shapes(weights: Weights, layout: Layout, origin: str) -> None:
    """Refuse weights that are not exactly the layout's arrays.

    Parameters
    ----------
    weights
        The weights that were read.
    layout
        The layout that they must fit.
    origin
        Where they were read from; named in the error.

    Raises
    ------
    ValueError
        With the arrays that are missing, unexpected, of another shape or not finite.
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
