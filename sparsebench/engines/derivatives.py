"""Derivatives of a network's mean loss by every weight of its layout, on the CPU engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property

import numpy as np

from sparsebench.engines.fused.changing import ChangingPopulation
from sparsebench.parts.examples import Examples
from sparsebench.parts.sparse_layout import SparseLayout, sparse_layout
from sparsebench.parts.weights import initial_weights
from sparsebench.values.layout import Layout
from sparsebench.values.masks import Weights
from sparsebench.values.protocol import Training

_STEP = 1e-5
"""Largest change of a weight in a difference of two gradients (float64): the error of a second
derivative is some 1e-10 of it by truncation, and as much by rounding."""


class DenseNetwork:
    """A network with every weight of a layout, to take derivatives; its weights are set for each.

    Parameters
    ----------
    layout
        The network.
    readout, training
        As in `sparsebench.engines.populations.Population`; only the batch size counts.
    """

    def __init__(self, layout: Layout, readout: str, training: Training) -> None:
        self._layout, self._readout, self._training = layout, readout, training

    def gradient(
        self, weights: Weights, examples: Examples, rows: np.ndarray, dtype: str = "float32"
    ) -> dict[str, np.ndarray]:
        """The gradient of the mean loss over some examples.

        Parameters
        ----------
        weights
            The network's named arrays.
        examples, rows
            The examples, and the numbers of those to take.
        dtype
            `float32` or `float64`.
        """
        population = self._single if dtype == "float32" else self._double
        population.restructure(0, self.plan, weights, restart=True)
        return population.gradient(0, examples, rows)

    @cached_property
    def plan(self) -> SparseLayout:
        """The sparse layout of the whole network."""
        return sparse_layout(self._layout)

    @cached_property
    def _single(self) -> ChangingPopulation:
        return self._population("float32")

    @cached_property
    def _double(self) -> ChangingPopulation:
        return self._population("float64")

    def _population(self, dtype: str) -> ChangingPopulation:
        weights = initial_weights(self._layout, 0)
        return ChangingPopulation(
            [self.plan], [weights], self._readout, self._training, dtype=dtype
        )


class NetworkDerivatives:
    """Derivatives of one network, for `sparsebench.parts.methods.context.Context`.

    Parameters
    ----------
    network
        Takes derivatives for the network's layout.
    weights
        The network's named arrays, zero where it has no weight.
    examples
        The training examples.
    random
        Makes the generator that draws which of them are taken.
    """

    def __init__(
        self,
        network: DenseNetwork,
        weights: Weights,
        examples: Examples,
        random: Callable[[], np.random.RandomState],
    ) -> None:
        self._network, self._weights, self._examples = network, weights, examples
        self._random = random

    @cached_property
    def _order(self) -> np.ndarray:
        return self._random().permutation(len(self._examples))

    def sample(self, examples: int) -> Examples:
        """See `sparsebench.parts.methods.context.Derivatives`."""
        return self._examples.chosen(self._order[:examples])

    def gradient(self, examples: int) -> dict[str, np.ndarray]:
        """See `sparsebench.parts.methods.context.Derivatives`."""
        return self._network.gradient(self._weights, self._examples, self._order[:examples])

    def gradients(self, examples: int, batch: int) -> Iterator[dict[str, np.ndarray]]:
        """See `sparsebench.parts.methods.context.Derivatives`."""
        rows = self._order[:examples]
        for start in range(0, len(rows), batch):
            part = rows[start : start + batch]
            yield self._network.gradient(self._weights, self._examples, part)

    def product(self, examples: int, direction: Weights) -> dict[str, np.ndarray]:
        """See `sparsebench.parts.methods.context.Derivatives`: a central difference of gradients."""
        rows = self._order[:examples]
        largest = max(float(np.abs(array).max()) for array in direction.values())
        if largest == 0:
            return {name: np.zeros(array.shape) for name, array in self._weights.items()}
        step = _STEP / largest
        ahead, behind = (
            self._network.gradient(self._moved(direction, side), self._examples, rows, "float64")
            for side in (step, -step)
        )
        return {name: (ahead[name] - behind[name]) / (2 * step) for name in ahead}

    def _moved(self, direction: Weights, step: float) -> dict[str, np.ndarray]:
        return {
            name: array + step * direction[name].astype(np.float64)
            for name, array in self._weights.items()
        }
