"""The outputs and losses of N networks of one layout, as batched products on torch.

The networks are stacks of layers of one size, computed as a wavefront (`wavefront`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from sparsebench.engines.gpu.wavefront import wavefront, with_bias
from sparsebench.values.layout import Layout


@dataclass(frozen=True, eq=False)
class Batches:
    """A batch of examples for each network.

    Attributes
    ----------
    inputs
        (N, B, T) int64 places in `letters`, or (N, B, T, width) numbers.
    letters
        (U,) int64 codes of the letters that occur; None if inputs are numbers.
    lengths, longest
        (N, B) int64 true lengths; (N,) the longest of each network's batch.
    answers
        (N, B) or (N, B, T) int64, or (N, B, K) numbers.
    taken
        (N, B): 1 for examples of the batch, 0 for those that fill it up.
    factors
        (classes,) weights of the classes' losses.
    """

    inputs: Tensor
    letters: Tensor | None
    lengths: Tensor
    longest: Tensor
    answers: Tensor
    taken: Tensor
    factors: Tensor


def named_views(layout: Layout, theta: Tensor) -> dict[str, Tensor]:
    """The arrays of all networks by name, (N, *shape), as views of their flat parameters (N, P)."""
    shapes = layout.shapes()
    parts = theta.split([math.prod(shape) for shape in shapes.values()], 1)
    return {
        name: part.view(len(theta), *shape)
        for (name, shape), part in zip(shapes.items(), parts, strict=True)
    }


def loss_of(
    layout: Layout, theta: Tensor, batches: Batches, readout: str
) -> tuple[Tensor, Tensor, Tensor]:
    """The summed loss, right answers and number of answers of each network's batch, (N,) float64.

    Parameters
    ----------
    layout
        The structure of all networks.
    theta
        (N, P): their parameters, in the order of `layout.shapes()`.
    batches
        What each network reads, and what it is to answer.
    readout
        `padded` or `last_step`.
    """
    logits = logits_of(layout, theta, batches.inputs, batches.letters)  # (N, T, B, C)
    taken, answers = batches.taken, batches.answers
    if answers.ndim == 3 and not answers.is_floating_point():
        places = torch.arange(logits.shape[1], device=theta.device)
        asked = ((places < batches.lengths[:, :, None]) & (answers >= 0)).to(theta.dtype)
        asked = asked * taken[:, :, None]  # (N, B, T)
        logits = logits.transpose(1, 2)
        losses = _cross_entropy(logits, answers.clamp(min=0), batches.factors)
        right = (logits.argmax(-1) == answers).to(theta.dtype)
        loss, correct = ((each * asked).double().sum((1, 2)) for each in (losses, right))
        return loss, correct, asked.double().sum((1, 2)).clamp(min=1)
    ends = batches.longest[:, None].expand_as(batches.lengths)
    read = (ends if readout == "padded" else batches.lengths) - 1  # (N, B)
    place = read[:, None, :, None].expand(-1, 1, -1, logits.shape[-1])
    said = logits.gather(1, place)[:, 0]  # (N, B, C)
    if answers.is_floating_point():
        errors = (said - answers) ** 2 * taken[:, :, None]
        loss = errors.double().sum((1, 2))
        count = taken.double().sum(1) * answers.shape[2]
        return loss, torch.zeros_like(loss), count.clamp(min=1)
    losses = _cross_entropy(said, answers, batches.factors)
    right = (said.argmax(-1) == answers).to(theta.dtype)
    loss, correct = ((each * taken).double().sum(1) for each in (losses, right))
    return loss, correct, taken.double().sum(1).clamp(min=1)


def logits_of(
    layout: Layout, theta: Tensor, inputs: Tensor, letters: Tensor | None = None
) -> Tensor:
    """What every network says after every step, (N, T, B, classes).

    Parameters
    ----------
    layout, theta
        As for `loss_of`.
    inputs, letters
        As in `Batches`.
    """
    named = named_views(layout, theta)
    networks, batch, steps = inputs.shape[:3]
    matrix, bias = named["layers.0.i2h"].transpose(1, 2), named["layers.0.i2h_bias"][:, None]
    in_time = inputs.transpose(1, 2)
    if letters is not None:
        table = torch.baddbmm(bias, named["embedding"].index_select(1, letters), matrix)
        first: Tensor = _Lookup.apply(table, in_time.reshape(networks, -1))
    else:
        first = torch.baddbmm(bias, in_time.reshape(networks, -1, layout.width), matrix)
    names = [f"layers.{layer}" for layer in range(len(layout.sizes))]
    recurrent = [with_bias(named[f"{name}.h2h"], named[f"{name}.h2h_bias"]) for name in names]
    below = [with_bias(named[f"{name}.i2h"], named[f"{name}.i2h_bias"]) for name in names[1:]]
    top = wavefront(
        layout.variant,
        first.view(networks, steps, batch, -1),
        torch.stack(recurrent),
        torch.stack(below) if below else first.new_zeros(0, *recurrent[0].shape),
    )
    weight = named["readout.weight"].transpose(1, 2)
    said = torch.baddbmm(named["readout.bias"][:, None], top.flatten(1, 2), weight)
    return said.view(networks, steps, batch, -1)


class _Lookup(torch.autograd.Function):
    """Rows of a table, (N, U, rows), by number, (N, M): (N, M, rows).

    The gradient is a product, whose sums have the same order in every run; torch's own adds atomically.
    """

    @staticmethod
    def forward(ctx: Any, table: Tensor, numbers: Tensor) -> Tensor:
        ctx.save_for_backward(numbers)
        ctx.letters = table.shape[1]
        return table.gather(1, numbers[:, :, None].expand(-1, -1, table.shape[2]))

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        (numbers,) = ctx.saved_tensors
        letters = torch.arange(ctx.letters, device=numbers.device)[:, None]
        is_letter = (numbers[:, None] == letters).to(gradient.dtype)  # (N, U, M)
        return torch.bmm(is_letter, gradient), None


def _cross_entropy(logits: Tensor, classes: Tensor, factors: Tensor) -> Tensor:
    """-log of the probability of a class, times its factor, for each row of logits."""
    below = logits - logits.amax(-1, keepdim=True).detach()
    chosen = below.gather(-1, classes[..., None])[..., 0]
    return (below.exp().sum(-1).log() - chosen) * factors[classes]
