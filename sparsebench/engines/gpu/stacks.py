"""The outputs and losses of N networks of one layout, as batched products on torch.

The networks are stacks of L layers of one size. T steps take T + L - 1 stages: in stage s, layer l is
at step s - l, so that all layers of all networks are multiplied together (a wavefront).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import accumulate

import torch
from torch import Tensor

from sparsebench.values.layout import GATES, Layout


@dataclass(frozen=True, eq=False)
class Batches:
    """A batch of examples for each network.

    Attributes
    ----------
    inputs
        (N, B, T) int64 codes, or (N, B, T, width) numbers.
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
    lengths: Tensor
    longest: Tensor
    answers: Tensor
    taken: Tensor
    factors: Tensor


def named_views(layout: Layout, theta: Tensor) -> dict[str, Tensor]:
    """The arrays of all networks by name, (N, *shape), as views of their flat parameters (N, P)."""
    shapes = layout.shapes()
    ends = [0, *accumulate(math.prod(shape) for shape in shapes.values())]
    return {
        name: theta[:, begin:end].view(len(theta), *shape)
        for (name, shape), begin, end in zip(shapes.items(), ends, ends[1:], strict=False)
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
    logits = logits_of(layout, theta, batches.inputs)  # (T, N, B, C)
    taken, answers = batches.taken, batches.answers
    if answers.ndim == 3 and not answers.is_floating_point():
        places = torch.arange(len(logits), device=theta.device)
        asked = ((places < batches.lengths[:, :, None]) & (answers >= 0)).to(theta.dtype)
        asked = asked * taken[:, :, None]  # (N, B, T)
        logits = logits.permute(1, 2, 0, 3)
        losses = _cross_entropy(logits, answers.clamp(min=0), batches.factors)
        right = (logits.argmax(-1) == answers).to(theta.dtype)
        loss, correct = ((each * asked).double().sum((1, 2)) for each in (losses, right))
        return loss, correct, asked.double().sum((1, 2)).clamp(min=1)
    ends = batches.longest[:, None].expand_as(batches.lengths)
    read = (ends if readout == "padded" else batches.lengths) - 1  # (N, B)
    place = read[None, :, :, None].expand(1, *read.shape, logits.shape[-1])
    said = logits.gather(0, place)[0]  # (N, B, C)
    if answers.is_floating_point():
        errors = (said - answers) ** 2 * taken[:, :, None]
        loss = errors.double().sum((1, 2))
        count = taken.double().sum(1) * answers.shape[2]
        return loss, torch.zeros_like(loss), count.clamp(min=1)
    losses = _cross_entropy(said, answers, batches.factors)
    right = (said.argmax(-1) == answers).to(theta.dtype)
    loss, correct = ((each * taken).double().sum(1) for each in (losses, right))
    return loss, correct, taken.double().sum(1).clamp(min=1)


def logits_of(layout: Layout, theta: Tensor, inputs: Tensor) -> Tensor:
    """What every network says after every step, (T, N, B, classes).

    Parameters
    ----------
    layout, theta
        As for `loss_of`.
    inputs
        (N, B, T) int64 codes, or (N, B, T, width) numbers.
    """
    named = named_views(layout, theta)
    networks, batch, steps = inputs.shape[:3]
    if layout.symbols:
        index = inputs.reshape(networks, -1)[:, :, None].expand(-1, -1, layout.width)
        read = named["embedding"].gather(1, index)
    else:
        read = inputs.reshape(networks, -1, layout.width)
    first = named["layers.0.i2h"].transpose(1, 2)
    from_input = torch.baddbmm(named["layers.0.i2h_bias"][:, None], read, first)
    from_input = from_input.view(networks, batch, steps, -1)
    top = _wavefront(layout, named, from_input)  # (T, N, B, H)
    flat = top.transpose(0, 1).reshape(networks, -1, layout.sizes[-1])
    weight = named["readout.weight"].transpose(1, 2)
    said = torch.baddbmm(named["readout.bias"][:, None], flat, weight)
    return said.view(networks, steps, batch, -1).transpose(0, 1)


def _wavefront(layout: Layout, named: dict[str, Tensor], from_input: Tensor) -> Tensor:
    """The outputs of the last layer at every step, (T, N, B, H), stage by stage.

    `from_input`, (N, B, T, rows), holds the sums of the first layer's inputs.
    """
    networks, batch, steps, rows = from_input.shape
    layers, hidden = len(layout.sizes), layout.sizes[0]
    names = [f"layers.{layer}" for layer in range(layers)]
    recurrent = torch.stack([named[f"{name}.h2h"].transpose(1, 2) for name in names])
    own_bias = torch.stack([named[f"{name}.h2h_bias"] for name in names])[:, :, None]
    recurrent = recurrent.flatten(0, 1)  # (layers * N, H, rows)
    own_bias = own_bias.flatten(0, 1)
    if layers > 1:
        below = torch.stack([named[f"{name}.i2h"].transpose(1, 2) for name in names[1:]])
        bias = torch.stack([named[f"{name}.i2h_bias"] for name in names[1:]])[:, :, None]
        below, bias = below.flatten(0, 1), bias.flatten(0, 1)
    state = from_input.new_zeros(layers * networks, batch, hidden)
    cells = torch.zeros_like(state)
    step_of = _STEPS[layout.variant]
    outputs = []
    nothing = from_input.new_zeros(networks, batch, rows)
    for stage in range(steps + layers - 1):
        first = from_input[:, :, stage] if stage < steps else nothing
        sums = first
        if layers > 1:
            others = torch.baddbmm(bias, state[: (layers - 1) * networks], below)
            sums = torch.cat([first, others])
        hidden_sums = torch.baddbmm(own_bias, state, recurrent)
        state, cells = step_of(sums, hidden_sums, state, cells)
        begun = min(stage + 1, layers) * networks
        if begun < layers * networks:  # layers that have no step yet
            idle = state.new_zeros(layers * networks - begun, batch, hidden)
            state = torch.cat([state[:begun], idle])
            cells = torch.cat([cells[:begun], idle])
        if stage >= layers - 1:
            outputs.append(state[(layers - 1) * networks :])
    return torch.stack(outputs)


def _cross_entropy(logits: Tensor, classes: Tensor, factors: Tensor) -> Tensor:
    """-log of the probability of a class, times its factor, for each row of logits."""
    below = logits - logits.amax(-1, keepdim=True).detach()
    chosen = below.gather(-1, classes[..., None])[..., 0]
    return (below.exp().sum(-1).log() - chosen) * factors[classes]


def _rnn_tanh(sums: Tensor, own: Tensor, state: Tensor, cells: Tensor) -> tuple[Tensor, Tensor]:
    return torch.tanh(sums + own), cells


def _rnn_relu(sums: Tensor, own: Tensor, state: Tensor, cells: Tensor) -> tuple[Tensor, Tensor]:
    return torch.relu(sums + own), cells


def _lstm(sums: Tensor, own: Tensor, state: Tensor, cells: Tensor) -> tuple[Tensor, Tensor]:
    entry, forget, candidate, leave = (sums + own).chunk(4, -1)
    cells = forget.sigmoid() * cells + entry.sigmoid() * candidate.tanh()
    return leave.sigmoid() * cells.tanh(), cells


def _gru(sums: Tensor, own: Tensor, state: Tensor, cells: Tensor) -> tuple[Tensor, Tensor]:
    i_reset, i_update, i_new = sums.chunk(3, -1)
    h_reset, h_update, h_new = own.chunk(3, -1)
    update = (i_update + h_update).sigmoid()
    new = torch.tanh(i_new + (i_reset + h_reset).sigmoid() * h_new)
    return new + update * (state - new), cells


def _mgu(sums: Tensor, own: Tensor, state: Tensor, cells: Tensor) -> tuple[Tensor, Tensor]:
    i_forget, i_new = sums.chunk(2, -1)
    h_forget, h_new = own.chunk(2, -1)
    forget = (i_forget + h_forget).sigmoid()
    new = torch.tanh(i_new + forget * h_new)
    return state + forget * (new - state), cells


_STEPS = {
    "rnn_tanh": _rnn_tanh,
    "rnn_relu": _rnn_relu,
    "lstm": _lstm,
    "gru": _gru,
    "mgu": _mgu,
}
assert _STEPS.keys() == GATES.keys()
