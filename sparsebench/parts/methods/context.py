"""What the parts of a method see of a network in training."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from sparsebench.parts.examples import Examples
from sparsebench.values.layout import GATES, Layout
from sparsebench.values.masks import Masks, Weights
from sparsebench.values.seeding import stream


class Derivatives(Protocol):
    """Derivatives of a network's mean loss on training examples, by every weight of its layout.

    Weights that the network does not have at present count as zeros. Examples are drawn by the
    network's seed, anew for each change of the masks.
    """

    def sample(self, examples: int) -> Examples:
        """The examples themselves; fewer if there are fewer."""

    def gradient(self, examples: int) -> dict[str, np.ndarray]:
        """The gradient of the mean loss over some examples, by name; float32."""

    def gradients(self, examples: int, batch: int) -> Iterator[dict[str, np.ndarray]]:
        """The gradient of each batch of some examples."""

    def product(self, examples: int, direction: Weights) -> dict[str, np.ndarray]:
        """The Hessian of the mean loss over some examples, times a direction; float64."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Context:
    """A network whose masks are about to change.

    Attributes
    ----------
    layout
        Its blocks and sizes, with the names and shapes of all arrays (`layout.shapes()`).
    blocks
        The names of the arrays to be made sparse, block by block.
    weights
        Its named arrays, float32, zero where it has no weight.
    masks
        For each array to be made sparse, where it has weights now.
    density
        The share of all these weights that it is to have after the change, 0-1.
    step, steps
        Steps of training done, and to be done in all.
    seed
        The network's seed.
    derivatives
        Gradients and products with the Hessian.
    movements
        By how much training has moved each weight away from zero; only for a criterion that says
        `follows_movement`.
    remembered
        Step -> weights after it, for the steps that the schedule remembers.
    new_weights
        Draws as many initial weights again, from another seed.
    asks_twice
        Whether scores are asked for twice, to see that they repeat: in a network's first changes.
    """

    layout: Layout
    blocks: tuple[tuple[str, ...], ...]
    weights: Weights
    masks: Masks
    density: float
    step: int
    steps: int
    seed: int
    derivatives: Derivatives
    movements: Callable[[], Weights]
    remembered: Mapping[int, Weights]
    new_weights: Callable[[], Weights]
    asks_twice: bool = True

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the arrays to be made sparse."""
        return tuple(name for block in self.blocks for name in block)

    @property
    def total(self) -> int:
        """The number of weights in these arrays, without masks."""
        return sum(self.weights[name].size for name in self.names)

    def gates(self, name: str) -> list[slice]:
        """The rows of each gate of an array, in PyTorch's order."""
        gates = GATES[self.layout.variant]
        rows = self.weights[name].shape[0] // gates
        return [slice(gate * rows, (gate + 1) * rows) for gate in range(gates)]

    def random(self, purpose: str) -> np.random.RandomState:
        """A generator for one purpose of this change; the same in every run."""
        return stream("method", purpose, self.seed, self.step)
