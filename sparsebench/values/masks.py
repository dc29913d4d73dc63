"""Masks: which weights of a network are kept."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

Weights = Mapping[str, np.ndarray]
"""A network's named arrays, float32; `sparsebench.parts.weights` says the names and shapes."""

Masks = Mapping[str, np.ndarray]
"""Name -> boolean array of the weight's shape, true where the weight is kept."""


def check_mask(name: str, mask: np.ndarray, shape: tuple[int, ...]) -> None:
    """Refuse a mask that does not fit a weight of this shape.

    Raises
    ------
    ValueError
        If it is not boolean, or has another shape.
    """
    if mask.dtype != np.bool_ or mask.shape != shape:
        raise ValueError(
            f"mask of {name!r} is {mask.dtype} {mask.shape}: "
            f"give a boolean array of the weight's shape {shape}"
        )


def masked(weights: Weights, masks: Masks) -> dict[str, np.ndarray]:
    """Set weights to zero where a mask is false; arrays without a mask stay as they are.

    Parameters
    ----------
    weights
        Named arrays.
    masks
        Boolean arrays of their weights' shapes, for some of them.

    Returns
    -------
    dict
        A new array for each mask, and the given arrays otherwise; nothing is changed in place.

    Raises
    ------
    ValueError
        If a mask has the name of no weight, is not boolean, or has another shape than its weight.
    """
    result = dict(weights)
    for name, mask in masks.items():
        if name not in weights:
            raise ValueError(f"mask for {name!r}, but the weights are {', '.join(weights)}")
        check_mask(name, mask, weights[name].shape)
        result[name] = np.where(mask, weights[name], weights[name].dtype.type(0))
    return result


def marked(weights: Weights, masks: Masks) -> dict[str, np.ndarray]:
    """Weights of which each zero tells whether the network has it: -0 where a mask is true.

    A weight that was added during training, and has had no gradient since, is 0 and belongs to the
    network; stored weights alone would not tell it from one that was removed.
    """
    result = masked(weights, masks)
    for name, mask in masks.items():
        array = result[name]
        array[mask & (array == 0)] = -0.0
    return result


def marks(array: np.ndarray) -> np.ndarray:
    """The mask of an array by `marked`."""
    return (array != 0) | np.signbit(array)


def kept_of(masks: Masks) -> tuple[int, int]:
    """The number of weights that some masks keep, and the number of all their weights."""
    return sum(int(mask.sum()) for mask in masks.values()), sum(
        mask.size for mask in masks.values()
    )
