"""Populations on a CPU whose masks may change between steps."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from sparsebench.engines.fused import kernels, memory
from sparsebench.engines.fused.population import CpuPopulation, room_for
from sparsebench.engines.populations import check_examples, check_orders
from sparsebench.parts.examples import Examples
from sparsebench.parts.sparse_layout import SparseLayout
from sparsebench.values.masks import Weights
from sparsebench.values.protocol import Training


class ChangingPopulation(CpuPopulation):
    """Networks on a CPU whose masks may change, with gradients by every weight on demand.

    Between changes, it trains and evaluates bit for bit as `CpuPopulation` does.

    Parameters
    ----------
    plans, weights, readout, training, threads, dtype, progress
        As in `CpuPopulation`.
    follows_movement
        Whether `movements` will be asked for.

    Raises
    ------
    ValueError
        As in `CpuPopulation`.
    """

    def __init__(
        self,
        plans: Sequence[SparseLayout],
        weights: Sequence[Weights],
        readout: str,
        training: Training,
        threads: int = 1,
        dtype: str = "float32",
        progress: Callable[[str], None] = lambda message: None,
        follows_movement: bool = False,
    ) -> None:
        self._follows_movement = follows_movement
        super().__init__(plans, weights, readout, training, threads, dtype, progress)

    def gradient(self, number: int, examples: Examples, rows: np.ndarray) -> dict[str, np.ndarray]:
        """The gradient of a network's mean loss over some examples, taken as one batch.

        Parameters
        ----------
        number
            The network.
        examples
            The examples.
        rows
            (n,) numbers of the examples to take, at least one.

        Returns
        -------
        dict
            Name -> gradient, not clipped; zero for weights that the network does not have.

        Raises
        ------
        ValueError
            If a row names an example that does not exist, or the network cannot read one.
        """
        (rows,) = check_orders([rows], 1, examples)
        examples, rows = examples.chosen(rows), np.arange(len(rows))
        check_examples(self.plans, examples)
        plan, state = self._arrays[number], self._states[number]
        data, room = memory.data_arrays(examples), room_for(examples)
        scratch = self._scratch(0, self._spec, room)
        self._announce(self._spec, "gradients")
        self._ready_for_blocks(number, data, rows, scratch)
        total = np.zeros_like(state.parameters)
        for block in range(-(-len(rows) // memory.BLOCK)):
            kernels.block_gradient(
                self._spec, plan, state.parameters, data, rows, block, scratch,
                scratch.block_gradient,
            )  # fmt: skip
            total += scratch.block_gradient[: len(total)]
        return self.plans[number].unpack(total[: self.plans[number].size])

    def movements(self, number: int) -> dict[str, np.ndarray]:
        """By how much a network's training has moved each weight away from zero, by first order.

        Returns
        -------
        dict
            Name -> sum over all steps of -(clipped gradient) * weight (Sanh, Wolf and Rush 2020);
            zero for weights that the network does not have.

        Raises
        ------
        ValueError
            If the population does not follow movements.
        """
        if not self._follows_movement:
            raise ValueError(
                "no movements were followed: make the population with follows_movement"
            )
        return self._named(number, self._states[number].movements)

    def restructure(
        self,
        number: int,
        plan: SparseLayout,
        weights: Weights | None = None,
        restart: bool = False,
    ) -> None:
        """Give a network other masks, between two calls of `train`.

        Parameters
        ----------
        number
            The network.
        plan
            Its new sparse layout, of the same layout.
        weights
            Its new weights; by default, weights that stay keep their values, and new ones are zero.
        restart
            Whether the optimiser starts anew: its moments are zero, and its steps are counted from
            1. By default, weights that stay keep their moments, and new ones begin with zeros.

        Raises
        ------
        ValueError
            If the layout differs, or weights do not fit it.
        """
        before, state = self.plans[number], self._states[number]
        if plan.layout != before.layout:
            raise ValueError(f"a sparse layout of a {plan.layout} for a {before.layout}")
        if restart and weights is not None:
            fresh = self._state(plan.pack(weights, self._dtype))
        else:
            places = _places(before, plan)
            fresh = self._state(_moved(state.parameters, places))
            if weights is not None:
                fresh.parameters[: plan.size] = plan.pack(weights, self._dtype)
            if not restart:
                for old, new in zip(state[1:], fresh[1:], strict=True):
                    if old.size:
                        new[: plan.size] = _moved(old, places)
        if restart:
            self._steps[number] = 0
        self._states[number] = fresh
        if plan is not before:
            self._arrays[number] = memory.plan_arrays(plan, self._readout, self._spec.lanes)
            self.plans[number] = plan

    def _named(self, number: int, flat: np.ndarray) -> dict[str, np.ndarray]:
        plan = self.plans[number]
        return plan.unpack(flat[: plan.size])

    def _state(self, flat: np.ndarray) -> memory.State:
        return memory.state(flat, self._follows_movement)

    def _protocol(self, rate: float) -> np.ndarray:
        return memory.protocol_arrays(self._training, rate, self._follows_movement)


def _places(before: SparseLayout, after: SparseLayout) -> np.ndarray:
    """For each entry of a sparse layout, its place in another of the same layout; -1: none."""
    if after is before:
        return np.arange(before.size)
    return after.pack(before.unpack(np.arange(1, before.size + 1)), np.int64) - 1


def _moved(flat: np.ndarray, places: np.ndarray) -> np.ndarray:
    """The values of some places, and zeros for -1."""
    return np.where(places < 0, flat.dtype.type(0), flat[places])
