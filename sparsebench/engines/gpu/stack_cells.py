"""What the cells of many networks compute after their matrix products, and its gradient.

Everything is written in place, so that a stage of a wavefront (`wavefront`) takes few launches. The
last dimension of `sums` and `own` holds a cell's gates one after the other, each as wide as the state.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import torch
from torch import Tensor

from sparsebench.values.layout import GATES

_sigmoid_backward = torch.ops.aten.sigmoid_backward.grad_input
_tanh_backward = torch.ops.aten.tanh_backward.grad_input
_relu_backward = torch.ops.aten.threshold_backward.grad_input


@dataclass(frozen=True, eq=False)
class Stage:
    """What one step of some networks' cells reads and writes; (K, B, ...) each, for K layers.

    Attributes
    ----------
    sums
        (K, B, rows): the sums of what is read from below, and of the state too unless the cell keeps
        those apart. `forward` leaves the gates' values there, `backward` the gradient of the sums.
    own
        (K, B, rows): the sums of the state, of cells that keep them apart; `backward` leaves their
        gradient.
    before, after
        (K, B, H): the state before and after the step.
    memory_before, memory_after, squashed
        (K, B, H): LSTM's inner state before and after the step, and tanh of the latter.
    """

    sums: Tensor
    own: Tensor | None
    before: Tensor
    after: Tensor
    memory_before: Tensor | None = None
    memory_after: Tensor | None = None
    squashed: Tensor | None = None


class StackCell(ABC):
    """A cell's arithmetic.

    Attributes
    ----------
    keeps_own
        Whether the sums of the state are kept apart from those of what is read from below.
    has_memory
        Whether the cell has an inner state.
    """

    keeps_own = False
    has_memory = False

    @abstractmethod
    def forward(self, stage: Stage) -> None:
        """Turn sums into the next state."""

    @abstractmethod
    def backward(self, stage: Stage, gradient: Tensor, of_memory: Tensor | None) -> None:
        """Turn the gradient of the next state into that of the sums.

        `gradient` (K, B, H) becomes what reaches the state before the step by no matrix, if the cell
        keeps its own sums apart; otherwise nothing does, and it is left as it is. `of_memory` becomes
        the gradient of the inner state before the step.
        """


class _Tanh(StackCell):
    def forward(self, stage: Stage) -> None:
        torch.tanh(stage.sums, out=stage.after)

    def backward(self, stage: Stage, gradient: Tensor, of_memory: Tensor | None) -> None:
        _tanh_backward(gradient, stage.after, grad_input=stage.sums)


class _Relu(StackCell):
    def forward(self, stage: Stage) -> None:
        torch.clamp(stage.sums, min=0, out=stage.after)

    def backward(self, stage: Stage, gradient: Tensor, of_memory: Tensor | None) -> None:
        _relu_backward(gradient, stage.after, 0, grad_input=stage.sums)


class _Lstm(StackCell):
    has_memory = True

    def forward(self, stage: Stage) -> None:
        assert stage.memory_before is not None
        assert stage.memory_after is not None
        assert stage.squashed is not None
        hidden = stage.before.shape[-1]
        stage.sums[..., : 2 * hidden].sigmoid_()
        stage.sums[..., 2 * hidden : 3 * hidden].tanh_()
        stage.sums[..., 3 * hidden :].sigmoid_()
        entry, forget, candidate, leave = stage.sums.chunk(4, -1)
        torch.mul(forget, stage.memory_before, out=stage.memory_after)
        stage.memory_after.addcmul_(entry, candidate)
        torch.tanh(stage.memory_after, out=stage.squashed)
        torch.mul(leave, stage.squashed, out=stage.after)

    def backward(self, stage: Stage, gradient: Tensor, of_memory: Tensor | None) -> None:
        assert of_memory is not None
        assert stage.squashed is not None
        assert stage.memory_before is not None
        hidden = gradient.shape[-1]
        entry, forget, candidate, leave = stage.sums.chunk(4, -1)
        found = torch.empty_like(stage.sums)
        to_entry, to_forget, to_candidate, to_leave = found.chunk(4, -1)
        through = gradient * leave
        of_memory.add_(_tanh_backward(through, stage.squashed, grad_input=through))
        torch.mul(of_memory, candidate, out=to_entry)
        torch.mul(of_memory, stage.memory_before, out=to_forget)
        torch.mul(of_memory, entry, out=to_candidate)
        torch.mul(gradient, stage.squashed, out=to_leave)
        of_memory.mul_(forget)
        gates = stage.sums[..., : 2 * hidden]
        _sigmoid_backward(found[..., : 2 * hidden], gates, grad_input=gates)
        _tanh_backward(to_candidate, candidate, grad_input=candidate)
        _sigmoid_backward(to_leave, leave, grad_input=leave)


class _Gru(StackCell):
    keeps_own = True

    def forward(self, stage: Stage) -> None:
        assert stage.own is not None
        hidden = stage.before.shape[-1]
        gates = stage.sums[..., : 2 * hidden]
        gates.add_(stage.own[..., : 2 * hidden]).sigmoid_()
        reset, update, new = stage.sums.chunk(3, -1)
        new.addcmul_(reset, stage.own[..., 2 * hidden :]).tanh_()
        torch.lerp(new, stage.before, update, out=stage.after)

    def backward(self, stage: Stage, gradient: Tensor, of_memory: Tensor | None) -> None:
        assert stage.own is not None
        hidden = gradient.shape[-1]
        gates, own = stage.sums[..., : 2 * hidden], stage.own[..., 2 * hidden :]
        reset, update, new = stage.sums.chunk(3, -1)
        found = torch.empty_like(gates)
        torch.sub(stage.before, new, out=found[..., hidden:]).mul_(gradient)
        to_new = torch.addcmul(gradient, gradient, update, value=-1)
        gradient.mul_(update)
        _tanh_backward(to_new, new, grad_input=new)
        torch.mul(new, own, out=found[..., :hidden])
        torch.mul(new, reset, out=own)
        _sigmoid_backward(found, gates, grad_input=gates)
        stage.own[..., : 2 * hidden].copy_(gates)


class _Mgu(StackCell):
    keeps_own = True

    def forward(self, stage: Stage) -> None:
        assert stage.own is not None
        forget, new = stage.sums.chunk(2, -1)
        own_forget, own_new = stage.own.chunk(2, -1)
        forget.add_(own_forget).sigmoid_()
        new.addcmul_(forget, own_new).tanh_()
        torch.lerp(stage.before, new, forget, out=stage.after)

    def backward(self, stage: Stage, gradient: Tensor, of_memory: Tensor | None) -> None:
        assert stage.own is not None
        forget, new = stage.sums.chunk(2, -1)
        own_forget, own_new = stage.own.chunk(2, -1)
        found = torch.sub(new, stage.before).mul_(gradient)
        to_new = gradient * forget
        gradient.sub_(to_new)
        _tanh_backward(to_new, new, grad_input=new)
        found.addcmul_(new, own_new)
        torch.mul(new, forget, out=own_new)
        _sigmoid_backward(found, forget, grad_input=forget)
        own_forget.copy_(forget)


STACK_CELLS: dict[str, StackCell] = {
    "rnn_tanh": _Tanh(),
    "rnn_relu": _Relu(),
    "lstm": _Lstm(),
    "gru": _Gru(),
    "mgu": _Mgu(),
}
assert STACK_CELLS.keys() == GATES.keys()
