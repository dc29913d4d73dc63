"""Initial recurrent weights by other rules than the thesis's.

Each gate is initialised as a matrix of its own.

References
----------
Le, Q. V., Jaitly, N., Hinton, G. E. (2015). A simple way to initialize recurrent networks of rectified
linear units. arXiv:1504.00941.
He, K., et al. (2015). Delving deep into rectifiers. arXiv:1502.01852.
Glorot, X., Bengio, Y. (2010). Understanding the difficulty of training deep feedforward networks.
Saxe, A. M., et al. (2013). Exact solutions to the nonlinear dynamics of learning. arXiv:1312.6120.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sparsebench.parts.draws import normal, orthogonal, uniform
from sparsebench.values.layout import GATES, Layout
from sparsebench.values.seeding import stream

IDENTITY_INPUT = 0.001
"""Standard deviation of input weights if the hidden weights are an identity (Le et al.)."""


def _identity(shape: tuple[int, int], random: np.random.RandomState) -> np.ndarray:
    square = shape[0] == shape[1]
    return np.eye(shape[0]) if square else IDENTITY_INPUT * normal(random, shape)


def _orthogonal(shape: tuple[int, int], random: np.random.RandomState) -> np.ndarray:
    return orthogonal(random, shape)


def _he(shape: tuple[int, int], random: np.random.RandomState) -> np.ndarray:
    return np.sqrt(2 / shape[1]) * normal(random, shape)


def _xavier(shape: tuple[int, int], random: np.random.RandomState) -> np.ndarray:
    bound = np.sqrt(6 / sum(shape))
    return uniform(random, -bound, bound, shape)


_RULES: dict[str, Callable[[tuple[int, int], np.random.RandomState], np.ndarray]] = {
    "orthogonal": _orthogonal,
    "he": _he,
    "xavier": _xavier,
}


def reinitialised(
    weights: dict[str, np.ndarray], layout: Layout, initialisation: str | None, seed: int
) -> dict[str, np.ndarray]:
    """Draw recurrent weights by another rule; embedding and readout stay.

    Parameters
    ----------
    weights, layout
        A network with the thesis's initial weights.
    initialisation
        A name in `sparsebench.values.protocol.INITIALISATIONS`; None or `uniform`: the weights
        stay.
    seed
        The network's seed; each matrix has its own stream.

    Returns
    -------
    dict
        Name -> float32 array. Biases of recurrent layers are zero. With `identity`, h2h is the
        identity; i2h is normal with a standard deviation of 0.001 in the first layer, and the
        identity above it.
    """
    if initialisation in (None, "uniform"):
        return weights
    gates, drawn = GATES[layout.variant], dict(weights)
    for name, array in weights.items():
        what = name.rpartition(".")[2]
        if what in ("i2h_bias", "h2h_bias"):
            drawn[name] = np.zeros_like(array)
        elif what in ("i2h", "h2h"):
            shape = len(array) // gates, array.shape[1]
            made = []
            for gate in range(gates):
                random = stream("initialisation", initialisation, seed, name, gate)
                if initialisation == "identity":
                    first = name == "layers.0.i2h"
                    made.append(
                        IDENTITY_INPUT * normal(random, shape)
                        if first
                        else _identity(shape, random)
                    )
                else:
                    made.append(_RULES[initialisation](shape, random))
            drawn[name] = np.concatenate(made).astype(np.float32)
    return drawn
