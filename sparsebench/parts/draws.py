"""Real numbers drawn by chance, the same to the last bit on every machine.

`RandomState` promises its uniform numbers forever; its normal ones take their logarithms from the C
library, which differs from machine to machine.
"""

from __future__ import annotations

import math

import numpy as np

from sparsebench.parts.elementary import log


def uniform(
    random: np.random.RandomState, low: float, high: float, shape: int | tuple[int, ...]
) -> np.ndarray:
    """float64 numbers from low up to, not including, high."""
    return low + (high - low) * random.random_sample(shape)


def normal(random: np.random.RandomState, shape: int | tuple[int, ...]) -> np.ndarray:
    """float64 numbers of mean 0 and deviation 1, by the polar method.

    They are those of `random.normal`, up to rounding; what is drawn after them is not.

    References
    ----------
    Marsaglia, G., Bray, T. A. (1964). A convenient method for generating normal variables.
    """
    count = math.prod(shape) if isinstance(shape, tuple) else shape
    made = np.empty((0, 2))
    while 2 * len(made) < count:
        missing = count - 2 * len(made)
        points = 2.0 * random.random_sample((missing // 2 + 1, 2)) - 1.0
        square = points[:, 0] * points[:, 0] + points[:, 1] * points[:, 1]
        inside = (square < 1.0) & (square > 0.0)
        points, square = points[inside], square[inside]
        scale = np.sqrt(-2.0 * log(square) / square)
        # of a pair, the second is the first that `RandomState` gives
        made = np.concatenate([made, (points * scale[:, None])[:, ::-1]])
    return made.reshape(-1)[:count].reshape(shape)


def orthogonal(random: np.random.RandomState, shape: tuple[int, int]) -> np.ndarray:
    """A matrix, uniform among those whose rows, or columns if there are fewer, are orthonormal.

    Normal vectors, made orthogonal one after the other, twice, by sums that are rounded once
    (`math.fsum`): LAPACK's bits depend on the processor.
    """
    vectors: list[np.ndarray] = []
    for drawn in normal(random, (max(shape), min(shape))).T:
        left = drawn
        for _ in range(2):
            for vector in vectors:
                left = left - math.fsum((vector * left).tolist()) * vector
        vectors.append(left / math.sqrt(math.fsum((left * left).tolist())))
    made = np.array(vectors)
    return made if shape[0] <= shape[1] else made.T
