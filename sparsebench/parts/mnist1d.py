"""Examples of MNIST-1D, by the description and the constants of its authors.

A template of twelve points, one for each digit, is padded with zeros to 48 to 72 points, stretched to
72 by linear interpolation, scaled, and moved by less than 48 points, those that leave at the end
coming in at the beginning. Smooth noise fills the rest of the signal, white noise lies over all; a
ramp is taken away, and 40 points are left by linear interpolation. In the end all examples together
have mean 0 and variance 1. The random numbers are our own, so the examples are not those of the
authors' file.

References
----------
Greydanus, S., Kobak, D. (2024). Scaling down deep learning with MNIST-1D. arXiv:2011.14439.
"""

from __future__ import annotations

import math

import numpy as np

from sparsebench.parts.draws import normal, uniform
from sparsebench.parts.elementary import exp
from sparsebench.parts.examples import Examples, Halves
from sparsebench.values.seeding import stream
from sparsebench.values.sequence_tasks import Mnist1D

SHAPES = (
    (5, 6, 6.5, 6.75, 7, 7, 7, 7, 6.75, 6.5, 6, 5),
    (5, 3, 3, 3.4, 3.8, 4.2, 4.6, 5, 5.4, 5.8, 5, 5),
    (5, 6, 6.5, 6.5, 6, 5.25, 4.75, 4, 3.5, 3.5, 4, 5),
    (5, 6, 6.5, 6.5, 6, 5, 5, 6, 6.5, 6.5, 6, 5),
    (5, 4.4, 3.8, 3.2, 2.6, 2.6, 5, 5, 5, 5, 5, 5),
    (5, 3, 3, 3, 3, 5, 6, 6.5, 6.5, 6, 4.5, 5),
    (5, 4, 3.5, 3.25, 3, 3, 3, 3, 3.25, 3.5, 4, 5),
    (5, 7, 7, 6.6, 6.2, 5.8, 5.4, 5, 4.6, 4.2, 5, 5),
    (5, 4, 3.5, 3.5, 4, 5, 5, 4, 3.5, 3.5, 4, 5),
    (5, 4, 3.5, 3.5, 4, 5, 5, 5, 5, 4.7, 4.3, 5),
)
"""The authors' template of each digit."""

POINTS = 12
"""Points of a template."""

PADDING = (36, 60)
"""Fewest and most zeros behind a template."""

LONG = POINTS + PADDING[1]
"""Points of a stretched signal."""

SHRUNK = 6.0
"""Divisor of templates, after these were given variance 1."""

SCALE, SHEAR = 0.4, 0.75
"""Ranges of the factor around 1, and of the slope around 0 over the whole signal."""

FARTHEST = 48
"""A signal is moved by fewer points than this."""

SMOOTH, WHITE = 0.25, 0.02
"""Standard deviations of the noise beside the signal, before it is smoothed, and over all."""

SIGMA = 2
"""Standard deviation in points of the Gaussian that smooths; it reaches four of these to each side."""


def mnist1d(task: Mnist1D) -> Halves:
    """Draw examples, equally many of each digit up to one, in a random order."""
    count = task.train + task.test
    order = stream("mnist1d", task.seed, "order").permutation(count)
    labels = (np.arange(count) % len(SHAPES))[order]
    whole = _standard(_signals(labels, task.seed))[:, :, None]

    def part(chosen: slice) -> Examples:
        return Examples(
            whole[chosen],
            np.full(len(labels[chosen]), Mnist1D.steps, np.int64),
            labels[chosen].astype(np.int64),
        )

    return Halves(part(slice(task.train)), part(slice(task.train, count)))


def templates() -> np.ndarray:
    """(10, 12) float64: the template of each digit, from 0 to 0."""
    made = []
    for shape in SHAPES:
        mean = math.fsum(shape) / POINTS
        variance = math.fsum((each - mean) * (each - mean) for each in shape) / POINTS
        made.append([(each - shape[0]) / math.sqrt(variance) / SHRUNK for each in shape])
    return np.array(made)


def _signals(labels: np.ndarray, seed: int) -> np.ndarray:
    """Signals before they are standardised: (N, 40) float64."""
    count = len(labels)

    def random(purpose: str) -> np.random.RandomState:
        return stream("mnist1d", seed, purpose)

    zeros = random("padding").randint(PADDING[0], PADDING[1] + 1, count)
    factors = uniform(random("scale"), 1 - SCALE / 2, 1 + SCALE / 2, count)
    moves = random("move").randint(0, FARTHEST, count)
    smooth = _smoothed(SMOOTH * normal(random("smooth"), (count, LONG)))
    white = WHITE * normal(random("white"), (count, LONG))
    slopes = uniform(random("shear"), -SHEAR / 2, SHEAR / 2, count)

    padded = np.zeros((count, LONG))
    padded[:, :POINTS] = templates()[labels]
    places = np.arange(LONG) * (POINTS + zeros - 1)[:, None] / (LONG - 1)
    stretched = _between(padded, places) * factors[:, None]
    before = (np.arange(LONG) - moves[:, None]) % LONG
    moved = np.take_along_axis(stretched, before, axis=1)
    shape_is_there = np.take_along_axis(places < POINTS, before, axis=1)
    noisy = np.where(shape_is_there, moved, smooth) + white
    sheared = noisy - slopes[:, None] * (np.arange(LONG) / (LONG - 1) - 0.5)
    places = np.arange(Mnist1D.steps) * (LONG - 1) / (Mnist1D.steps - 1)
    return _between(sheared, np.broadcast_to(places, (count, Mnist1D.steps)))


def _between(values: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Interpolate each row linearly at its places, counted in points."""
    left = np.minimum(places.astype(np.int64), values.shape[1] - 2)
    share = places - left
    one = np.take_along_axis(values, left, axis=1)
    other = np.take_along_axis(values, left + 1, axis=1)
    found: np.ndarray = one + (other - one) * share
    return found


def _smoothed(noise: np.ndarray) -> np.ndarray:
    """Rows smoothed by a Gaussian, and mirrored at their ends."""
    reach = 4 * SIGMA
    offsets = np.arange(-reach, reach + 1)
    weights = exp(-0.5 * (offsets * offsets) / (SIGMA * SIGMA))
    weights = weights / math.fsum(weights.tolist())
    wide = np.pad(noise, [(0, 0), (reach, reach)], mode="symmetric")
    total = np.zeros_like(noise)
    for place, weight in enumerate(weights):
        total = total + weight * wide[:, place : place + noise.shape[1]]
    return total


def _standard(signals: np.ndarray) -> np.ndarray:
    """All numbers together with mean 0 and variance 1, as float32."""
    mean = math.fsum(signals.ravel().tolist()) / signals.size
    centred = signals - mean
    variance = math.fsum((centred * centred).ravel().tolist()) / signals.size
    standard: np.ndarray = (centred / math.sqrt(variance)).astype(np.float32)
    return standard
