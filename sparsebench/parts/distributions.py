"""Distributions of a network's weights, by layer, gate and target, to the last bit.

Sums are rounded once (`math.fsum`) and bins are compared with, not computed, so that equal weights
give equal figures on every processor (docs/reference/numerics.md). Figures are kept to `DIGITS`
digits, which takes a third of the room.
"""

from __future__ import annotations

import math

import numpy as np

from sparsebench.values.layout import GATE_NAMES, GATES, Layout
from sparsebench.values.masks import Masks, Weights

NEAR_ZERO = 0.01
"""Weights of smaller magnitude are near zero: the threshold of the slides' first experiment (5.1)."""

PERCENTILES = (1, 5, 25, 50, 75, 95, 99)

DIGITS = 6
"""Significant digits of a figure."""

BINS, WIDTH = 120, 0.02
EDGES = np.arange(-(BINS // 2), BINS // 2 + 1) / 50
"""Edges of the bins, -1.2 to 1.2. A bin includes its lower edge. Before the first and after the last
bin, one more counts what lies outside."""


def groups_of(layout: Layout, weights: Weights, masks: Masks) -> dict[str, np.ndarray]:
    """The weights that a network has, as float64, in groups.

    Parameters
    ----------
    layout, weights, masks
        The network; weights without a mask are all there.

    Returns
    -------
    dict
        `layers.0.i2h.f`: one gate of a layer; `i2h.f`: of all layers; `i2h`, `h2h`, `both`: of all
        layers and gates; `readout` and `embedding`, without biases. Cells without gates have no gate
        in the names. Networks with skips have many layers: `layers.4.i2h` is all gates of all blocks
        that lead into one.
    """
    found: dict[str, list[np.ndarray]] = {}

    def add(names: tuple[str, ...], values: np.ndarray) -> None:
        for name in dict.fromkeys(names):
            found.setdefault(name, []).append(values)

    stacked = not any(block.skips for block in layout.blocks)
    for block in layout.blocks:
        for kind in ("i2h", "h2h"):
            array = f"{block.name}.{kind}"
            rows = np.split(weights[array], GATES[layout.variant])
            kept = np.split(_kept(array, weights, masks), GATES[layout.variant])
            for gate, values, mask in zip(GATE_NAMES[layout.variant], rows, kept, strict=True):
                of_gate = f"{kind}.{gate}".rstrip(".")
                of_layer = f"layers.{block.target}.{of_gate if stacked else kind}"
                names = (of_layer, of_gate, kind, "both")
                add(names, values[mask])
    for name, array in (("readout", "readout.weight"), ("embedding", "embedding")):
        if array in weights:
            add((name,), weights[array][_kept(array, weights, masks)])
    return {name: np.concatenate(parts).astype(np.float64) for name, parts in found.items()}


def _kept(name: str, weights: Weights, masks: Masks) -> np.ndarray:
    return masks.get(name, np.ones(weights[name].shape, np.bool_))


def described(values: np.ndarray) -> dict[str, float]:
    """Count, mean, standard deviation, extremes, percentiles and the share near zero.

    Parameters
    ----------
    values
        (n,) float64.

    Returns
    -------
    dict
        Only `count` if there are no values. `sd` is that of the values themselves (divided by n). A
        percentile lies between two values by linear interpolation.
    """
    count = len(values)
    if count == 0:
        return {"count": 0}
    ordered = np.sort(values)
    mean = math.fsum(ordered) / count
    apart = ordered - mean
    figures = {
        "mean": mean,
        "sd": math.sqrt(math.fsum(apart * apart) / count),
        "lowest": float(ordered[0]),
        **{f"p{percent:02}": _percentile(ordered, percent) for percent in PERCENTILES},
        "highest": float(ordered[-1]),
        "near zero": int((np.abs(ordered) < NEAR_ZERO).sum()) / count,
    }
    return {"count": count, **{name: _shortened(figure) for name, figure in figures.items()}}


def _shortened(figure: float) -> float:
    return float(f"{figure:.{DIGITS}g}")


def _percentile(ordered: np.ndarray, percent: int) -> float:
    whole, hundredths = divmod(percent * (len(ordered) - 1), 100)
    low, high = ordered[whole], ordered[min(whole + 1, len(ordered) - 1)]
    return float(low + (high - low) * (hundredths / 100))


def histogram(values: np.ndarray) -> list[int]:
    """Number of values below the first edge, in each bin, and from the last edge on.

    Parameters
    ----------
    values
        (n,) float64.

    Returns
    -------
    list of int
        `BINS` + 2 counts.
    """
    return np.bincount(np.searchsorted(EDGES, values, "right"), minlength=BINS + 2).tolist()
