"""Scores by the Jacobian of the states are those of torch's autograd."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from sparsebench.engines.reference import _STEPS
from sparsebench.parts.examples import Examples
from sparsebench.parts.methods.criteria import Scores
from sparsebench.parts.methods.jacobian import JacobianScores
from sparsebench.parts.weights import initial_weights, prunable
from sparsebench.parts.wired import wired_layout
from sparsebench.values.layout import Layout
from sparsebench.values.masks import Weights, masked
from sparsebench.values.protocol import CELL_TYPES, VARIANTS, Architecture
from sparsebench.values.wiring import Wiring
from tests import network_strategies
from tests.engines.test_derivatives import sequences, sparse
from tests.network_strategies import SparseNetwork
from tests.parts.methods.contexts import Given, context_of

WIRING = Wiring((2, 3, 1), ((0, 2), (0, 3), (0, 5), (1, 3), (1, 4), (2, 5), (3, 5), (4, 5)))


Moment = tuple[Tensor, Tensor]
"""Hidden units and cells."""


def by_torch(layout: Layout, weights: Weights, examples: Examples, steps: int) -> Scores:
    """Of each block: the gradient of |J 1|^2, with J by differentiation of its last steps."""
    used = {name: torch.from_numpy(np.array(each)).double() for name, each in weights.items()}
    longest = int(examples.lengths.max())
    inputs = torch.from_numpy(examples.inputs[:, :longest].swapaxes(0, 1).copy())
    read = used["embedding"][inputs.long()] if layout.symbols else inputs.double()
    outputs: list[Tensor] = []
    found: Scores = {}
    for block in layout.blocks:
        below = read if block.source < 0 else outputs[block.source]
        names = [f"{block.name}.{kind}" for kind in ("i2h", "h2h")]
        own = [used[name].clone().requires_grad_() for name in names]
        biases = [used[f"{name}_bias"] for name in names]
        said, slope = _block_by_torch(layout.variant, own, biases, below, steps)
        (slope**2).sum().backward()
        for name, leaf in zip(names, own, strict=True):
            found[name] = np.zeros(leaf.shape) if leaf.grad is None else leaf.grad.numpy()
        if block.target == len(outputs):
            outputs.append(said)
        else:
            outputs[block.target] = outputs[block.target] + said
    return found


def _block_by_torch(
    variant: str, matrices: list[Tensor], biases: list[Tensor], below: Tensor, steps: int
) -> tuple[Tensor, Tensor]:
    """Outputs of a block at every step, and J times ones."""
    i2h, h2h = matrices

    def run(moment: Moment, values: Tensor) -> list[Moment]:
        moments = [moment]
        for each in values:
            from_input, from_hidden = each @ i2h.T + biases[0], moments[-1][0] @ h2h.T + biases[1]
            moments.append(_STEPS[variant](from_input, from_hidden, *moments[-1]))
        return moments

    zeros = torch.zeros(below.shape[1], h2h.shape[1], dtype=torch.float64)
    first = max(0, len(below) - steps)
    with torch.no_grad():
        moments = run((zeros, zeros), below)
    ones = torch.ones_like(zeros)
    _, slope = torch.autograd.functional.jvp(
        lambda *moment: run(moment, below[first:])[-1][0],
        moments[first],
        (ones, ones if variant == "lstm" else zeros),
        create_graph=True,
    )
    return torch.stack([hidden for hidden, _ in moments[1:]]), slope


def scores_of(network: SparseNetwork, steps: int, count: int) -> tuple[Scores, Scores]:
    """What the criterion gives, and what its formula gives with torch's gradients."""
    layout, masks, weights = network
    examples = sequences(layout)
    context = context_of(layout, weights=weights, masks=masks, derivatives=Given(examples=examples))
    gradients = by_torch(layout, weights, examples.part(0, count), steps)
    expected = {}
    for name in context.names:
        size = np.abs(gradients[name])
        expected[name] = size * np.abs(weights[name])
        for rows in context.gates(name):
            own = np.abs(weights[name][rows]).astype(np.float64)
            by_size = own / (own.mean() or 1.0)
            effect = size[rows].mean()
            expected[name][rows] = expected[name][rows] / effect if effect else by_size
    return JacobianScores(count, steps).scores(context), expected


def assert_near(measured: Scores, expected: Scores) -> None:
    assert list(measured) == list(expected)
    for name, scores in expected.items():
        np.testing.assert_allclose(measured[name], scores, rtol=1e-9, atol=1e-12, err_msg=name)


@pytest.mark.parametrize("steps", [1, 3, 99])
@pytest.mark.parametrize("letters", [True, False])
@pytest.mark.parametrize("variant", VARIANTS)
def test_scores_are_torchs(variant: str, letters: bool, steps: int) -> None:
    """With more steps than there are, all of them."""
    assert_near(*scores_of(sparse(variant, letters), steps, 7))


@pytest.mark.parametrize("variant", CELL_TYPES)
def test_scores_of_blocks_that_skip_layers_are_torchs(variant: str) -> None:
    layout = wired_layout(WIRING, variant)
    masks = {
        name: np.ones(shape, np.bool_)
        for name, shape in layout.shapes().items()
        if name.endswith((".i2h", ".h2h"))
    }
    assert_near(*scores_of(SparseNetwork(layout, masks, initial_weights(layout, 3)), 3, 9))


@settings(max_examples=20)
@given(network_strategies.sparse_networks, st.integers(1, 9), st.integers(1, 9))
def test_scores_of_any_sparse_network_are_torchs(
    network: SparseNetwork, steps: int, count: int
) -> None:
    weights = masked(network.weights, network.masks)
    there = {
        name: network.masks.get(name, np.ones(weights[name].shape, np.bool_))
        for block in prunable(network.layout, "both")
        for name in block
    }
    assert_near(*scores_of(SparseNetwork(network.layout, there, weights), steps, count))


@pytest.mark.parametrize("variant", VARIANTS)
def test_all_weights_have_scores(variant: str) -> None:
    scores, _ = scores_of(sparse(variant), 3, 9)
    assert all(each.any() for each in scores.values())


def test_a_gate_without_an_effect_competes_by_size() -> None:
    """Between its kinks, the Jacobian of a ReLU network is that of its hidden weights alone."""
    layout = Architecture("rnn_relu", layers=1, hidden_size=3).layout
    weights = initial_weights(layout, 0)
    weights["layers.0.i2h_bias"][
        :
    ] = -100  # no unit is active: hidden weights have no effect either
    context = context_of(layout, weights=weights, derivatives=Given(examples=sequences(layout)))
    scores = JacobianScores().scores(context)
    for name, own in scores.items():
        sizes = np.abs(weights[name]).astype(np.float64)
        np.testing.assert_allclose(own, sizes / sizes.mean(), rtol=1e-12)


def test_steps_that_are_none_are_refused() -> None:
    with pytest.raises(ValueError, match=r"^steps is 0: give a whole number of at least 1$"):
        JacobianScores(steps=0)
