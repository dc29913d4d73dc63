"""Small networks of one's own for the digits, and a project that prunes one."""

from __future__ import annotations

from typing import Any

import numpy as np

from sparsebench.parts.own_network import OwnNetwork
from sparsebench.parts.weights import initial_weights
from sparsebench.values.own_structure import OwnStructure, Stack
from sparsebench.values.protocol import Training
from sparsebench.values.sequence_tasks import SequentialDigits

DIGITS = SequentialDigits("rows", train=128, test=64)
SHORT = Training(epochs=2, batch_size=16, learning_rate=0.01)


def model(seed: int = 0, **options: Any) -> OwnNetwork:
    """A GRU of 16 units for the digits, if nothing else is said, with initial weights."""
    usual: dict[str, Any] = {"variant": "gru", "stacks": (Stack(1, 16),), "width": 8, "classes": 10}
    structure = OwnStructure(**{**usual, **options})
    forward = OwnStructure(**{**usual, **options, "reads": "last_step"})
    drawn = initial_weights(forward.layout, seed)
    weights = {name: drawn[name] for name in structure.shapes()}
    return OwnNetwork(structure, {name: np.array(each) for name, each in weights.items()})
