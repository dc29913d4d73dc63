"""Random real numbers, the same to the last bit on every machine.

`RandomState` guarantees its uniform numbers forever. Its normal numbers use logarithms of the C
library, which differ between machines.
"""

from __future__ import annotations

import math

import numpy as np

from sparsebench.parts.elementary import log


def uniform(
    random: np.random.RandomState, low: float, high: float, shape: int | tuple[int, ...]
) -> np.ndarray:
    """Uniform float64 numbers from `low` up to, not including, `high`."""
    return low + (high - low) * random.random_sample(shape)


def normal(random: np.random.RandomState, shape: int | tuple[int, ...]) -> np.ndarray:
    """Normal float64 numbers of mean 0 and standard deviation 1, by the polar method.

    They equal those of `random.normal` up to rounding; later draws from the generator do not.

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
        # of each pair, `RandomState` returns the second number first
        made = np.concatenate([made, (points * scale[:, None])[:, ::-1]])
    return made.reshape(-1)[:count].reshape(shape)


def orthogonal(random: np.random.RandomState, shape: tuple[int, int]) -> np.ndarray:
    """A uniformly random matrix whose rows, or columns if there are fewer, are orthonormal.

    Normal vectors are made orthogonal one after the other, twice, with sums that are rounded once
    (`math.fsum`), because LAPACK's bits depend on the processor.
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
