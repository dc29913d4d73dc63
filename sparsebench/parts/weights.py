"""The named arrays of a stacked recurrent network: shapes, initial values, and what pruning may touch.

Names are `embedding`, `layers.0.i2h`, `layers.0.h2h`, `layers.0.i2h_bias`, `layers.0.h2h_bias`, ...,
`readout.weight`, `readout.bias`. Gates are stacked by rows in PyTorch's order: LSTM i, f, g, o; GRU
r, z, n.
"""

from __future__ import annotations

import numpy as np

from sparsebench.values.case import Architecture
from sparsebench.values.masks import Weights
from sparsebench.values.seeding import stream

GATES = {"rnn_tanh": 1, "rnn_relu": 1, "lstm": 4, "gru": 3}
"""Rows of weights per hidden unit."""


def shapes(architecture: Architecture) -> dict[str, tuple[int, ...]]:
    """The name and shape of every array of a network, in the order in which they are initialised."""
    hidden = architecture.hidden_size
    rows = GATES[architecture.variant] * hidden
    result: dict[str, tuple[int, ...]] = {"embedding": (architecture.symbols, hidden)}
    for layer in range(architecture.layers):
        result[f"layers.{layer}.i2h"] = (rows, hidden)
        result[f"layers.{layer}.h2h"] = (rows, hidden)
        result[f"layers.{layer}.i2h_bias"] = (rows,)
        result[f"layers.{layer}.h2h_bias"] = (rows,)
    result["readout.weight"] = (architecture.classes, hidden)
    result["readout.bias"] = (architecture.classes,)
    return result


def initial_weights(architecture: Architecture, seed: int) -> dict[str, np.ndarray]:
    """Draw a network's weights before training.

    The embedding is standard normal; everything else is uniform in ±1/sqrt(hidden_size), which is
    what PyTorch does for recurrent layers and, with `hidden_size` inputs, for a linear one.

    Parameters
    ----------
    architecture
        The network.
    seed
        The network's own seed; every array has its own stream.

    Returns
    -------
    dict
        Name -> float32 array.
    """
    bound = architecture.hidden_size**-0.5
    weights = {}
    for name, shape in shapes(architecture).items():
        random = stream("weights", seed, architecture.variant, name)
        drawn = (
            random.normal(size=shape)
            if name == "embedding"
            else random.uniform(-bound, bound, shape)
        )
        weights[name] = drawn.astype(np.float32)
    return weights


def prunable(architecture: Architecture, target: str) -> list[list[str]]:
    """The arrays that a target names, layer by layer; biases, embedding and readout never are.

    Parameters
    ----------
    architecture
        The network.
    target
        `i2h`, `h2h` or `both`.

    Returns
    -------
    list of list of str
        For each layer, from the input on, the names of its arrays.
    """
    kinds = ("i2h", "h2h") if target == "both" else (target,)
    return [[f"layers.{layer}.{kind}" for kind in kinds] for layer in range(architecture.layers)]


def check_shapes(weights: Weights, architecture: Architecture, origin: str) -> None:
    """Refuse weights that are not exactly the architecture's arrays.

    Parameters
    ----------
    weights
        What was read.
    architecture
        What it must fit.
    origin
        Where it was read from, for the error.

    Raises
    ------
    ValueError
        Naming the arrays that are missing, not expected, of another shape or not finite.
    """
    expected = shapes(architecture)
    faults = [f"{name} is missing" for name in expected if name not in weights]
    faults += [f"{name} is not expected" for name in weights if name not in expected]
    for name, shape in expected.items():
        if name not in weights:
            continue
        if weights[name].shape != shape:
            faults.append(f"{name} has shape {weights[name].shape}, not {shape}")
        elif not np.isfinite(weights[name]).all():
            faults.append(f"{name} holds NaN or infinite values")
    if faults:
        raise ValueError(
            f"{origin}: not the weights of a {architecture.layers} x {architecture.hidden_size} "
            f"{architecture.variant} network: {'; '.join(faults)}"
        )
