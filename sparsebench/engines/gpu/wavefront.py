"""Stacks of layers as a wavefront: all layers of all networks in one product a stage, and its gradient.

T steps of L layers take T + L - 1 stages: in stage s, layer l is at step s - l. Beside the state stands
a constant 1 that carries the biases, so that a product has them without another launch.

The gradient is written out by hand. Torch's own would add a gradient as large as all steps' sums in
every stage, and a product of small matrices for the weights; here, each layer's weights get theirs
from one product over all steps.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from sparsebench.engines.gpu.stack_cells import STACK_CELLS, Stage
from sparsebench.values.layout import GATES

ALIGNED = 4
"""States are as wide as a multiple of this: 16 bytes of float32."""


def beside_one(hidden: int) -> int:
    """The width of a state with its constant 1."""
    return -(-(hidden + 1) // ALIGNED) * ALIGNED


def with_bias(matrix: Tensor, bias: Tensor) -> Tensor:
    """(N, beside_one(H), rows): transposed matrices, and below them the bias and zeros.

    Parameters
    ----------
    matrix, bias
        (N, rows, H) and (N, rows).
    """
    networks, rows, hidden = matrix.shape
    filled = matrix.new_zeros(networks, beside_one(hidden) - hidden - 1, rows)
    return torch.cat([matrix.transpose(1, 2), bias[:, None], filled], 1)


def wavefront(variant: str, first: Tensor, recurrent: Tensor, below: Tensor) -> Tensor:
    """The states of the last layer after every step, (N, T, B, H).

    Parameters
    ----------
    variant
        Of the cell.
    first
        (N, T, B, rows): the sums of what the first layer reads.
    recurrent
        (L, N, beside_one(H), rows): from each layer's state to its sums.
    below
        (L - 1, N, beside_one(H), rows): from each layer's state to the sums of the next.
    """
    if torch.is_grad_enabled() and first.requires_grad:
        top: Tensor = _Wavefront.apply(variant, first, recurrent, below)
        return top
    return _Stages(variant, first, recurrent, below, keeps=False).run()


class _Wavefront(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, variant: str, first: Tensor, recurrent: Tensor, below: Tensor) -> Tensor:
        ctx.stages = _Stages(variant, first, recurrent, below, keeps=True)
        top: Tensor = ctx.stages.run()
        return top

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[None, Tensor, Tensor, Tensor]:
        stages, ctx.stages = ctx.stages, None  # its arrays are overwritten
        return None, *stages.backward(gradient)


@dataclass(frozen=True, eq=False)
class _Sizes:
    layers: int
    networks: int
    steps: int
    batch: int
    hidden: int

    @property
    def stages(self) -> int:
        return self.steps + self.layers - 1

    def active(self, stage: int) -> tuple[int, int]:
        """The first layer that has a step in a stage, and the one behind the last."""
        return max(0, stage - self.steps + 1), min(self.layers, stage + 1)


class _Stages:
    """The arrays of a pass over all stages; with `keeps`, they hold what the way back needs.

    The first dimension of each is a layer and a network (L * N), the second a stage. Of the states,
    slot s holds those before stage s. Without `keeps`, stages share one slot, and states two.
    """

    def __init__(
        self, variant: str, first: Tensor, recurrent: Tensor, below: Tensor, keeps: bool
    ) -> None:
        networks, steps, batch, rows = first.shape
        self._cell = STACK_CELLS[variant]
        size = _Sizes(len(recurrent), networks, steps, batch, rows // GATES[variant])
        self._size, self._keeps, self._first = size, keeps, first
        self._recurrent, self._below = recurrent.flatten(0, 1), below.flatten(0, 1)
        both, slots = size.layers * networks, size.stages if keeps else 1
        states = slots + 1

        def made(count: int, width: int) -> Tensor:
            return first.new_empty(both, count, batch, width)

        self._states = made(states, beside_one(size.hidden)).zero_()
        self._states[..., size.hidden].fill_(1)
        self._sums = made(slots, rows)
        self._own = made(slots, rows) if self._cell.keeps_own else None
        self._memory = made(states, size.hidden) if self._cell.has_memory else None
        self._squashed = made(slots, size.hidden) if self._cell.has_memory else None
        if self._memory is not None:
            self._memory.zero_()
        if keeps:
            self._of(0, self._sums).copy_(first)

    def run(self) -> Tensor:
        """Compute all stages; return the last layer's states, (N, T, B, H)."""
        size, last = self._size, (self._size.layers - 1) * self._size.networks
        top = None
        if not self._keeps:
            shape = size.networks, size.steps, size.batch, size.hidden
            top = self._first.new_empty(shape)
        for stage in range(size.stages):
            self._forward(stage)
            if top is not None and stage >= size.layers - 1:
                top[:, stage - size.layers + 1] = self._after(stage)[last:, :, : size.hidden]
        if top is not None:
            return top
        return self._states[last:, size.layers :, :, : size.hidden].contiguous()

    def backward(self, gradient: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The gradients of `first`, `recurrent` and `below`, from that of the last layer's states."""
        size, networks = self._size, self._size.networks
        states = self._first.new_zeros(size.layers * networks, size.batch, size.hidden)
        memory = torch.zeros_like(states) if self._cell.has_memory else None
        transposed = self._recurrent[:, : size.hidden].transpose(1, 2)
        to_below = self._below[:, : size.hidden].transpose(1, 2)
        for stage in reversed(range(size.stages)):
            begin, end = size.active(stage)
            if end == size.layers:
                states[-networks:].add_(gradient[:, stage - size.layers + 1])
            active = slice(begin * networks, end * networks)
            at = self._at(stage, begin, end)
            part = states[active]
            self._cell.backward(at, part, None if memory is None else memory[active])
            if at.own is None:
                torch.bmm(at.sums, transposed[active], out=part)
            else:
                part.baddbmm_(at.own, transposed[active])
            reading, sums = self._reading(at, begin, end)
            if len(sums):
                states[reading].baddbmm_(sums, to_below[reading])
        own = self._sums if self._own is None else self._own
        recurrent = [self._product(layer, layer, own) for layer in range(size.layers)]
        below = [self._product(layer - 1, layer, self._sums) for layer in range(1, size.layers)]
        first = self._of(0, self._sums)
        nothing = self._below.new_zeros(0, networks, *self._below.shape[1:])
        return first, torch.stack(recurrent), torch.stack(below) if below else nothing

    def _forward(self, stage: int) -> None:
        size, networks = self._size, self._size.networks
        begin, end = size.active(stage)
        at = self._at(stage, begin, end)
        before = self._before(stage)
        if begin == 0 and not self._keeps:
            at.sums[:networks].copy_(self._first[:, stage])
        reading, sums = self._reading(at, begin, end)
        if len(sums):
            torch.bmm(before[reading], self._below[reading], out=sums)
        active = slice(begin * networks, end * networks)
        if at.own is None:
            at.sums.baddbmm_(before[active], self._recurrent[active])
        else:
            torch.bmm(before[active], self._recurrent[active], out=at.own)
        self._cell.forward(at)

    def _at(self, stage: int, begin: int, end: int) -> Stage:
        """The views of a stage, for the layers from `begin` to before `end`."""
        size, kept = self._size, stage if self._keeps else 0
        active = slice(begin * size.networks, end * size.networks)
        memory, squashed, own = self._memory, self._squashed, self._own
        return Stage(
            self._sums[active, kept],
            None if own is None else own[active, kept],
            self._before(stage)[active, :, : size.hidden],
            self._after(stage)[active, :, : size.hidden],
            None if memory is None else memory[active, self._slot(stage)],
            None if memory is None else memory[active, self._slot(stage + 1)],
            None if squashed is None else squashed[active, kept],
        )

    def _reading(self, at: Stage, begin: int, end: int) -> tuple[slice, Tensor]:
        """Of the layers of a stage that read another: which they read, and their sums."""
        lowest, networks = max(begin, 1), self._size.networks
        read = slice((lowest - 1) * networks, (end - 1) * networks)
        return read, at.sums[(lowest - begin) * networks :]

    def _slot(self, stage: int) -> int:
        return stage if self._keeps else stage % 2

    def _before(self, stage: int) -> Tensor:
        return self._states[:, self._slot(stage)]

    def _after(self, stage: int) -> Tensor:
        return self._states[:, self._slot(stage + 1)]

    def _of(self, layer: int, array: Tensor) -> Tensor:
        """(N, T, B, ...): a layer's part of an array, step by step."""
        size = self._size
        own = slice(layer * size.networks, (layer + 1) * size.networks)
        return array[own, layer : layer + size.steps]

    def _product(self, read: int, layer: int, gradient: Tensor) -> Tensor:
        """The gradient of the matrix by which a layer reads a layer's states, over all steps.

        In the slots from `layer` on stand the layer's own states before its steps, and those of the
        layer below after the same steps.
        """
        size = self._size
        own = slice(read * size.networks, (read + 1) * size.networks)
        states = self._states[own, layer : layer + size.steps].flatten(1, 2)
        return torch.bmm(states.transpose(1, 2), self._of(layer, gradient).flatten(1, 2))
