"""What the tests of pruning share: an example, and thresholds and masks derived by hand."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from sparsebench.values.masks import Masks, Weights
from sparsebench.values.semantics import CORRECTED, PUBLISHED

EXAMPLE = np.array(
    [[-0.685, 0.530, -0.464], [-0.534, 0.828, 0.045], [-0.123, 0.629, -0.014]], dtype=np.float32
)
"""The worked example of the thesis, section 5.2."""

PERCENTILE_PER_LAYER = replace(PUBLISHED, threshold_scope="layer")
RANK_PER_MODEL = replace(CORRECTED, threshold_scope="model")


def threshold_by_hand(magnitudes: Sequence[float], percent: int) -> float:
    """The percentile with linear interpolation, in Python's own floats."""
    ordered = sorted(magnitudes)
    place = (len(ordered) - 1) * (percent / 100)
    below = math.floor(place)
    fraction = place - below
    low, high = ordered[below], ordered[min(below + 1, len(ordered) - 1)]
    if fraction < 0.5:
        return low + (high - low) * fraction
    return high - (high - low) * (1 - fraction)


def published_by_hand(
    weights: Weights, names: Sequence[str], percent: int
) -> dict[str, list[bool]]:
    pooled = [abs(float(weight)) for name in names for weight in weights[name].flat]
    threshold = threshold_by_hand(pooled, percent)
    return {
        name: [not abs(float(weight)) < threshold for weight in weights[name].flat]
        for name in names
    }


def flat(masks: Masks) -> dict[str, list[bool]]:
    return {name: mask.ravel().tolist() for name, mask in masks.items()}


def pooled(arrays: Masks | Weights, names: Sequence[str]) -> np.ndarray:
    return np.concatenate([arrays[name].ravel() for name in names])
