"""Contexts for the parts of methods, with derivatives that a test names, and strategies for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from hypothesis import strategies as st

from sparsebench.parts.examples import Examples
from sparsebench.parts.methods.context import Context
from sparsebench.parts.weights import initial_weights, prunable
from sparsebench.values.layout import Layout
from sparsebench.values.masks import Masks, Weights, masked
from tests.network_strategies import layouts


@dataclass
class Given:
    """Derivatives that a test names; those that it does not name are zero."""

    gradients_of: list[Weights] = field(default_factory=list)
    product_of: Weights = field(default_factory=dict)
    asked: list[Any] = field(default_factory=list)
    examples: Examples | None = None

    def sample(self, examples: int) -> Examples:
        self.asked.append(examples)
        assert self.examples is not None
        return self.examples.part(0, examples)

    def gradient(self, examples: int) -> dict[str, np.ndarray]:
        self.asked.append(examples)
        return dict(self.gradients_of[0])

    def gradients(self, examples: int, batch: int) -> Iterator[dict[str, np.ndarray]]:
        self.asked.append((examples, batch))
        return map(dict, self.gradients_of)

    def product(self, examples: int, direction: Weights) -> dict[str, np.ndarray]:
        self.asked.append((examples, direction))
        return dict(self.product_of)


def context_of(
    layout: Layout,
    density: float = 0.5,
    *,
    target: str = "both",
    weights: Weights | None = None,
    masks: Masks | None = None,
    step: int = 0,
    steps: int = 100,
    seed: int = 3,
    derivatives: Any = None,
    moved: Weights | None = None,
    remembered: Mapping[int, Weights] | None = None,
) -> Context:
    """A network with the weights of a seed, or of the test, masked as it is masked."""
    names = prunable(layout, target)
    shapes = layout.shapes()
    there = {
        name: np.ones(shapes[name], np.bool_) if masks is None else masks[name]
        for block in names
        for name in block
    }
    return Context(
        layout=layout,
        blocks=tuple(map(tuple, names)),
        weights=masked(initial_weights(layout, seed) if weights is None else weights, there),
        masks=there,
        density=density,
        step=step,
        steps=steps,
        seed=seed,
        derivatives=Given() if derivatives is None else derivatives,
        movements=lambda: {} if moved is None else moved,
        remembered={} if remembered is None else remembered,
        new_weights=lambda: initial_weights(layout, seed + 1),
    )


def count(masks: Masks) -> int:
    """The number of weights that masks keep."""
    return sum(int(mask.sum()) for mask in masks.values())


targets = st.sampled_from(["i2h", "h2h", "both"])
densities = st.floats(0.02, 1)


@st.composite
def contexts(draw: st.DrawFn, **others: Any) -> Context:
    """Networks of any layout, whole ones, with weights of which many are equal."""
    layout = draw(layouts)
    random = np.random.RandomState(draw(st.integers(0, 2**32 - 1)))
    levels = draw(st.sampled_from([2, 5, 10**6]))  # few levels: ties
    weights = {
        name: (random.randint(-levels, levels + 1, shape) / levels).astype(np.float32)
        for name, shape in layout.shapes().items()
    }
    return context_of(layout, draw(densities), target=draw(targets), weights=weights, **others)
