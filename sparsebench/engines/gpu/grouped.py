"""Populations of several layouts on a GPU: stacks of one layout as batched products, others by rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from sparsebench.engines.gpu.batched import BatchedPopulation, can_batch
from sparsebench.engines.populations import Epoch, Population, Steps
from sparsebench.parts.examples import Examples
from sparsebench.parts.sparse_layout import SparseLayout
from sparsebench.values.layout import Layout
from sparsebench.values.masks import Weights
from sparsebench.values.protocol import Training


class GroupedPopulation(Population):
    """Networks of one variant, each trained by the engine for its structure.

    Parameters
    ----------
    plans, weights, readout, training
        See `sparsebench.engines.populations.Population`.
    device
        Torch's name of the device.
    by_rows
        Makes a population of networks that are no stacks, from the same arguments.

    Raises
    ------
    ValueError
        As the populations of the groups.
    """

    def __init__(
        self,
        plans: Sequence[SparseLayout],
        weights: Sequence[Weights],
        readout: str,
        training: Training,
        device: str,
        by_rows: Callable[..., Population],
    ) -> None:
        super().__init__(plans, weights, readout, training)
        groups: dict[Layout | None, list[int]] = {}
        for number, plan in enumerate(plans):
            layout = plan.layout if can_batch([plan]) else None
            groups.setdefault(layout, []).append(number)
        self._groups: list[tuple[list[int], Population]] = []
        for kind, numbers in groups.items():
            make = by_rows if kind is None else BatchedPopulation
            made = make(
                [plans[n] for n in numbers],
                [weights[n] for n in numbers],
                readout,
                training,
                device,
            )
            self._groups.append((numbers, made))

    def train(
        self, examples: Examples, orders: Sequence[np.ndarray], rate: float | None = None
    ) -> list[Epoch | None]:
        """See `Population.train`; group by group."""
        epochs: list[Epoch | None] = [None] * len(self.plans)
        if len(orders) != len(self.plans):
            raise ValueError(
                f"{len(orders)} orders for {len(self.plans)} networks: give one for each"
            )
        for numbers, group in self._groups:
            done = group.train(examples, [orders[n] for n in numbers], rate)
            for number, epoch in zip(numbers, done, strict=True):
                epochs[number] = epoch
            self.stopped |= {numbers[own]: why for own, why in group.stopped.items()}
        return epochs

    def weights(self, number: int, pruned: Weights | None = None) -> dict[str, np.ndarray]:
        """See `Population.weights`."""
        numbers, group = self._group_of(number)
        return group.weights(numbers.index(number), pruned)

    def _group_of(self, number: int) -> tuple[list[int], Population]:
        return next(each for each in self._groups if number in each[0])

    def _say(self, examples: Examples, batch_size: int) -> np.ndarray:
        said = examples.outputs(self.plans[0].layout.classes)
        results = np.zeros((len(self.plans), len(examples), said), np.float32)
        for numbers, group in self._groups:
            results[numbers] = group.logits(examples, batch_size)
        return results

    def _take_steps(
        self, examples: Examples, orders: list[np.ndarray], running: list[int], rate: float
    ) -> dict[int, Steps]:
        raise AssertionError("train asks the groups")  # pragma: no cover

    def _parameters(self, number: int) -> np.ndarray:
        numbers, group = self._group_of(number)
        return group._parameters(numbers.index(number))
