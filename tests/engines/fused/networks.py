"""Small networks of one variant, each of another structure, with strings to read and their orders."""

from __future__ import annotations

import numpy as np

from sparsebench.engines.fused.memory import BLOCK
from sparsebench.parts.sparse_layout import SparseLayout, sparse_layout
from sparsebench.parts.strings import generate
from sparsebench.parts.weights import initial_weights
from sparsebench.parts.wired import wired_layout, wired_masks
from sparsebench.values.protocol import Architecture, ReberStrings, Training
from sparsebench.values.wiring import Wiring

STRINGS = generate(ReberStrings(60, 60, 1, 1)).train
ORDERS = [np.random.RandomState(seed).permutation(len(STRINGS)) for seed in range(4)]
WIRING = Wiring((2, 3, 1), ((0, 2), (0, 3), (0, 5), (1, 3), (1, 4), (2, 5), (3, 5), (4, 5)))
TRAINING = Training(batch_size=2 * BLOCK + 3, learning_rate=0.01)
SMALL = Architecture("rnn_relu", layers=1, hidden_size=3)


def plans_of(variant: str) -> list[SparseLayout]:
    """Networks of other structure and size each."""
    layout = wired_layout(WIRING, variant)
    sparse = Architecture(variant, layers=2, hidden_size=6).layout
    masks = {"layers.1.i2h": np.zeros(sparse.shapes()["layers.1.i2h"], np.bool_)}
    masks["layers.1.i2h"][:3, 2:] = True
    return [
        sparse_layout(layout, wired_masks(WIRING, layout, "repeated")),
        sparse_layout(Architecture(variant, layers=1, hidden_size=9).layout),
        sparse_layout(sparse, masks),
        sparse_layout(Architecture(variant, layers=1, hidden_size=4).layout),
    ]


def weights_of(plans: list[SparseLayout]) -> list[dict[str, np.ndarray]]:
    return [initial_weights(made.layout, seed) for seed, made in enumerate(plans)]
