"""The wavefront's states are those of layers taken one after the other, and so are its gradients."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from sparsebench.engines.gpu.stack_cells import STACK_CELLS
from sparsebench.engines.gpu.wavefront import beside_one, wavefront, with_bias
from sparsebench.values.layout import GATES
from sparsebench.values.protocol import CELL_TYPES

NETWORKS, BATCH = 2, 2


def step(variant: str, sums: Tensor, own: Tensor, state: Tensor, memory: Tensor) -> list[Tensor]:
    """The next state and inner state by PyTorch's equations."""
    if variant == "rnn_tanh":
        return [(sums + own).tanh(), memory]
    if variant == "rnn_relu":
        return [(sums + own).relu(), memory]
    if variant == "lstm":
        entry, forget, candidate, leave = (sums + own).chunk(4, -1)
        memory = forget.sigmoid() * memory + entry.sigmoid() * candidate.tanh()
        return [leave.sigmoid() * memory.tanh(), memory]
    gates, own_gates = sums.chunk(GATES[variant], -1), own.chunk(GATES[variant], -1)
    values = [(a + b).sigmoid() for a, b in zip(gates[:-1], own_gates[:-1], strict=True)]
    new = (gates[-1] + values[0] * own_gates[-1]).tanh()
    if variant == "gru":
        return [values[1] * state + (1 - values[1]) * new, memory]
    return [(1 - values[0]) * state + values[0] * new, memory]


def layer_by_layer(variant: str, first: Tensor, recurrent: Tensor, below: Tensor) -> Tensor:
    """What `wavefront` computes, without a wavefront."""
    hidden = first.shape[-1] // GATES[variant]
    given, states = first, first
    for layer in range(len(recurrent)):
        if layer > 0:
            weight, bias = below[layer - 1][:, :hidden], below[layer - 1][:, hidden]
            given = torch.einsum("ntbh,nhr->ntbr", states, weight) + bias[:, None, None]
        state = memory = first.new_zeros(len(first), first.shape[2], hidden)
        weight, bias = recurrent[layer][:, :hidden], recurrent[layer][:, hidden, None]
        after = []
        for now in range(first.shape[1]):
            own = state @ weight + bias
            state, memory = step(variant, given[:, now], own, state, memory)
            after.append(state)
        states = torch.stack(after, 1)
    return states


def drawn(variant: str, layers: int, steps: int, hidden: int) -> list[Tensor]:
    rows, wide = hidden * GATES[variant], beside_one(hidden)
    shapes = [
        (NETWORKS, steps, BATCH, rows),
        (layers, NETWORKS, wide, rows),
        (layers - 1, NETWORKS, wide, rows),
    ]
    return [torch.randn(shape, dtype=torch.float64, requires_grad=True) for shape in shapes]


@pytest.mark.parametrize("variant", CELL_TYPES)
@settings(max_examples=8)
@given(
    layers=st.integers(1, 4), steps=st.integers(1, 5), hidden=st.integers(1, 5), seed=st.integers(0)
)
def test_states_and_gradients_are_those_of_layers_taken_one_by_one(
    variant: str, layers: int, steps: int, hidden: int, seed: int
) -> None:
    torch.manual_seed(seed % 2**32)
    arrays = drawn(variant, layers, steps, hidden)
    found, expected = wavefront(variant, *arrays), layer_by_layer(variant, *arrays)
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-12)
    weights = torch.randn_like(found)
    used = arrays if layers > 1 else arrays[:2]
    own, theirs = (torch.autograd.grad((each * weights).sum(), used) for each in (found, expected))
    for name, array, other in zip(("first", "recurrent", "below"), own, theirs, strict=False):
        if name != "first":  # what is below the bias is not used
            array, other = array[..., : hidden + 1, :], other[..., : hidden + 1, :]
        torch.testing.assert_close(array, other, rtol=0, atol=1e-10)
    with torch.no_grad():
        assert torch.equal(wavefront(variant, *arrays), found)


def test_the_constant_beside_a_state_carries_the_bias() -> None:
    matrix, bias = torch.randn(2, 6, 3), torch.randn(2, 6)
    state = torch.randn(2, 4, 3)
    beside = torch.cat([state, torch.ones(2, 4, 1)], 2)
    found = with_bias(matrix, bias)
    assert found.shape == (2, beside_one(3), 6)
    torch.testing.assert_close(
        beside @ found, torch.baddbmm(bias[:, None], state, matrix.transpose(1, 2))
    )


def test_every_cell_type_has_a_cell() -> None:
    assert sorted(STACK_CELLS) == sorted(CELL_TYPES)
