"""Networks and strings that an interpreter gets through in a second."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from sparsebench.engines.gpu.population import GpuPopulation
from sparsebench.parts.examples import Examples
from sparsebench.parts.sparse_layout import sparse_layout
from sparsebench.parts.weights import initial_weights
from sparsebench.values.layout import Block, Layout
from sparsebench.values.protocol import Training
from tests.network_strategies import SparseNetwork

LANES = 4
CODES = [[1, 2, 3], [2, 0, 0], [3, 3, 0], [1, 0, 0], [4, 1, 2], [2, 4, 0]]
STRINGS = Examples(
    np.array(CODES, np.uint8), np.array([3, 1, 2, 1, 3, 2]), np.array([0, 2, 1, 1, 2, 0])
)
"""Six strings of three classes; no string has letter 5."""


def wired(variant: str, seed: int = 0) -> SparseNetwork:
    """Three layers, a block that skips one, weights pruned from every matrix, rows without entries."""
    blocks = (Block(-1, 0), Block(0, 1), Block(1, 2), Block(0, 2))
    layout = Layout(variant, (2, 1, 2), blocks, width=2, symbols=6, classes=3)
    random = np.random.RandomState(seed)
    masks = {
        name: random.rand(*shape) < 0.7
        for name, shape in layout.shapes().items()
        if name.endswith((".i2h", ".h2h"))
    }
    masks["layers.0.i2h"][:] = True
    masks["layers.0.i2h"][0, 1] = False  # nearly full: the plan keeps it, with a hole
    masks["layers.2.h2h"][0] = False
    return SparseNetwork(layout, masks, initial_weights(layout, seed))


def stacked(variant: str, seed: int = 0) -> SparseNetwork:
    """One dense layer whose rows have more entries than are taken at a time."""
    layout = Layout(variant, (1,), (Block(-1, 0),), width=5, symbols=6, classes=3)
    return SparseNetwork(layout, {}, initial_weights(layout, seed))


class Scratched(GpuPopulation):
    """A population whose scratch holds NaN, as what was left there could be, and ends in guards.

    Attributes
    ----------
    scratch
        The array of the last launches.
    """

    scratch: torch.Tensor

    def _scratch(self, programs: int, rows: int) -> torch.Tensor:
        self.scratch = torch.full_like(super()._scratch(programs, rows + LANES), float("nan"))
        return self.scratch


def population(
    networks: list[SparseNetwork], readout: str, training: Training, **options: Any
) -> Scratched:
    """Networks on the interpreter."""
    return Scratched(
        [sparse_layout(network.layout, network.masks) for network in networks],
        [network.weights for network in networks],
        readout,
        training,
        device="cpu",
        lanes=LANES,
        **options,
    )
