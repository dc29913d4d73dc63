"""Hessian-free steps: products with the Gauss-Newton matrix, conjugate gradients, falling losses."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import torch
from torch.func import jvp, vjp

from sparsebench.engines.hessian_free import _conjugate_gradients, _Outputs, hessian_free
from sparsebench.engines.reference import ReferenceNetwork
from sparsebench.parts.examples import Examples
from sparsebench.parts.weights import initial_weights
from sparsebench.values.layout import Block, Layout

LAYOUT = Layout("rnn_tanh", (4,), (Block(-1, 0),), 3, 0, 2)


def examples(asked: str) -> Examples:
    random = np.random.RandomState(0)
    answers = {
        "class": random.randint(0, 2, 9),
        "classes": random.randint(-1, 2, (9, 5)),
        "values": random.standard_normal((9, 2)).astype(np.float32),
    }[asked]
    if asked == "classes":
        answers[:, 0] = 1
    inputs = random.standard_normal((9, 5, 3)).astype(np.float32)
    return Examples(inputs, random.randint(1, 6, 9), answers)


def network() -> ReferenceNetwork:
    return ReferenceNetwork(LAYOUT, initial_weights(LAYOUT, 0), {}, "last_step", torch.float64)


@pytest.mark.parametrize("asked", ["class", "values", "classes"])
def test_a_product_is_that_with_the_gauss_newton_matrix(asked: str) -> None:
    made = _Outputs(network(), examples(asked))
    theta = {name: each.detach().clone() for name, each in network().parameters.items()}
    names = list(theta)
    sizes = [theta[name].numel() for name in names]

    def named(flat: torch.Tensor) -> dict[str, torch.Tensor]:
        parts = flat.split(sizes)
        return {n: part.view(theta[n].shape) for n, part in zip(names, parts, strict=True)}

    flat = torch.cat([theta[name].ravel() for name in names])
    jacobian = torch.autograd.functional.jacobian(lambda each: made(named(each)).ravel(), flat)
    said = made(theta)
    hessian = torch.autograd.functional.hessian(
        lambda each: made.loss(each.view(said.shape)), said.detach().ravel()
    )
    vector = torch.from_numpy(np.random.RandomState(1).standard_normal(len(flat)))
    expected = jacobian.T @ hessian @ jacobian @ vector
    _, back = vjp(made, theta)
    change = jvp(made, (theta,), (named(vector),))[1]
    (found,) = back(made.curvature(said, change))
    measured = torch.cat([found[name].ravel() for name in names])
    torch.testing.assert_close(measured, expected, rtol=1e-9, atol=1e-12)


def test_conjugate_gradients_solve_a_small_system() -> None:
    random = np.random.RandomState(2)
    root = random.standard_normal((6, 6))
    matrix = torch.from_numpy(root @ root.T + np.eye(6))
    gradient = torch.from_numpy(random.standard_normal(6))
    found, _ = _conjugate_gradients(
        lambda each: {"x": matrix @ each["x"]}, {"x": gradient}, {"x": torch.zeros(6).double()}
    )
    torch.testing.assert_close(matrix @ found["x"], -gradient, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("asked", ["class", "values", "classes"])
def test_the_loss_falls_and_never_rises(asked: str) -> None:
    losses = [step.loss for step in hessian_free(network(), examples(asked), 8)]
    assert all(after <= before for before, after in pairwise(losses))
    assert losses[-1] < 0.8 * losses[0]
