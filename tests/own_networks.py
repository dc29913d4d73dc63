"""Strategies for networks of one's own, small and pruned."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from hypothesis import strategies as st

from sparsebench.parts.own_network import OwnNetwork
from sparsebench.values.own_structure import READS, OwnStructure, Stack
from sparsebench.values.protocol import VARIANTS

SMALL: dict[str, Any] = {"variant": "gru", "width": 3, "classes": 2}
STACK = Stack(2, 4)


def small_network(stacks: Sequence[Stack] = (STACK,), **options: Any) -> OwnNetwork:
    """A network of two layers of four units, if nothing else is said; arrays count up to 1."""
    structure = OwnStructure(stacks=tuple(stacks), **{**SMALL, **options})
    weights = {}
    for name, shape in structure.shapes().items():
        size = math.prod(shape)
        weights[name] = np.linspace(1 / size, 1, size, dtype=np.float32).reshape(shape)
    return OwnNetwork(structure, weights)


@st.composite
def own_networks(draw: st.DrawFn, **fixed: Any) -> OwnNetwork:
    """A network of one or two stacks; some of its matrices are pruned, singly or in blocks."""
    both_ways = fixed.pop("bidirectional", None)
    sizes = st.sampled_from([1, 3, 16, 20])
    stack = st.builds(
        Stack,
        layers=st.integers(1, 2),
        size=sizes,
        bias=st.booleans(),
        bidirectional=st.booleans() if both_ways is None else st.just(both_ways),
    )
    choices: dict[str, Any] = {
        "variant": draw(st.sampled_from(VARIANTS)),
        "stacks": tuple(draw(st.lists(stack, min_size=1, max_size=2))),
        "width": draw(st.integers(1, 4)),
        "symbols": draw(st.sampled_from([0, 5])),
        "classes": draw(st.sampled_from([0, 3])),
        "head_bias": draw(st.booleans()),
        "reads": draw(st.sampled_from(READS)),
        "batch_first": draw(st.booleans()),
    }
    structure = OwnStructure(**{**choices, **fixed})
    random = np.random.default_rng(draw(st.integers(0, 1000)))
    weights, masks = {}, {}
    for name, shape in structure.shapes().items():
        bound = 1 / math.sqrt(shape[-1])
        weights[name] = random.uniform(-bound, bound, shape).astype(np.float32)
    for name in (each for layer in structure.prunable() for each in layer):
        rows, columns = weights[name].shape
        density = draw(st.sampled_from([1.0, 0.5, 0.1, 0.0]))
        if draw(st.booleans()):
            masks[name] = random.random((rows, columns)) < density
        else:
            kept = random.random((-(-rows // 16), columns)) < density
            masks[name] = np.repeat(kept, 16, axis=0)[:rows]
    return OwnNetwork(structure, weights, masks)


def inputs_of(network: OwnNetwork, steps: int, batch: int) -> np.ndarray:
    """Inputs for a network, on its axes."""
    structure, random = network.structure, np.random.default_rng(steps)
    shape = (batch, steps) if structure.batch_first else (steps, batch)
    if structure.symbols:
        return random.integers(0, structure.symbols, shape)
    return random.standard_normal((*shape, structure.width)).astype(np.float32)


def assert_same(left: OwnNetwork, right: OwnNetwork) -> None:
    """Two networks are the same in every bit, but for the sign of zeros."""
    assert left.structure == right.structure
    for mine, its in ((left.weights, right.weights), (left.masks, right.masks)):
        assert mine.keys() == its.keys()
        assert all(np.array_equal(mine[name], its[name]) for name in mine)
