"""Derivatives of the reference engine's mean loss by torch's autograd, in float64."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from sparsebench.engines.reference import ReferenceNetwork
from sparsebench.parts.examples import CLASSES, VALUES, Examples
from sparsebench.values.layout import Layout
from sparsebench.values.masks import Weights

Gradient = dict[str, np.ndarray]


def loss_by_torch(
    layout: Layout, weights: Weights, readout: str, examples: Examples, rows: np.ndarray
) -> tuple[Tensor, dict[str, Tensor]]:
    """The mean loss over some examples taken as one batch, and the leaves of its graph."""
    oracle = ReferenceNetwork(layout, weights, {}, readout, torch.float64)
    steps = int(examples.lengths[rows].max())
    inputs = torch.from_numpy(examples.inputs[rows, :steps].swapaxes(0, 1).copy())
    inputs = inputs.long() if examples.letters else inputs.double()
    lengths, answers = (
        torch.from_numpy(each[rows]) for each in (examples.lengths, examples.answers)
    )
    if examples.asked == CLASSES:
        answers = answers[:, :steps].T
    elif examples.asked == VALUES:
        answers = answers.double()
    given = examples.class_weights
    factors = None if given is None else torch.from_numpy(given).double()
    return oracle.loss(inputs, lengths, answers, factors), oracle.parameters


def gradient_by_torch(
    layout: Layout, weights: Weights, readout: str, examples: Examples, rows: np.ndarray
) -> Gradient:
    """The gradient by every weight, by name."""
    loss, leaves = loss_by_torch(layout, weights, readout, examples, rows)
    return _named(leaves, torch.autograd.grad(loss, list(leaves.values())))


def product_by_torch(
    layout: Layout,
    weights: Weights,
    readout: str,
    examples: Examples,
    rows: np.ndarray,
    direction: Weights | None = None,
) -> Gradient:
    """The Hessian times a direction, or times the gradient, by a second backward pass."""
    loss, leaves = loss_by_torch(layout, weights, readout, examples, rows)
    gradient = torch.autograd.grad(loss, list(leaves.values()), create_graph=True)
    along = (
        [each.detach() for each in gradient]
        if direction is None
        else [torch.from_numpy(direction[name]).double() for name in leaves]
    )
    slope = sum(((own * way).sum() for own, way in zip(gradient, along, strict=True)), loss * 0)
    return _named(leaves, torch.autograd.grad(slope, list(leaves.values()), allow_unused=True))


def _named(leaves: dict[str, Tensor], found: tuple[Tensor | None, ...]) -> Gradient:
    return {
        name: np.zeros(leaf.shape) if own is None else own.detach().numpy()
        for (name, leaf), own in zip(leaves.items(), found, strict=True)
    }
