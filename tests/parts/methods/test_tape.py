"""Gradients of the tape are torch's, of every operation, however often a value is used."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays as arrays_of

from sparsebench.parts.methods.tape import Value, gradients_of_squares, product

OPERATIONS: dict[str, tuple[Callable[..., Value], Callable[..., torch.Tensor]]] = {
    "add": (lambda x, w, b: x + x * x, lambda x, w, b: x + x * x),
    "add a row": (lambda x, w, b: x.times(w) + b, lambda x, w, b: x @ w.T + b),
    "multiply": (lambda x, w, b: x * x.tanh(), lambda x, w, b: x * x.tanh()),
    "minus from one": (lambda x, w, b: x.minus_from_one() * x, lambda x, w, b: (1 - x) * x),
    "times": (lambda x, w, b: x.times(w).times(w), lambda x, w, b: x @ w.T @ w.T),
    "columns": (
        lambda x, w, b: x.columns(1, 3) * x.columns(0, 2),
        lambda x, w, b: x[:, 1:3] * x[:, :2],
    ),
    "logistic": (lambda x, w, b: x.logistic() * x, lambda x, w, b: x.sigmoid() * x),
    "tanh": (lambda x, w, b: x.tanh().times(w), lambda x, w, b: x.tanh() @ w.T),
    "relu": (lambda x, w, b: x.relu().times(w), lambda x, w, b: x.relu() @ w.T),
    "positive": (lambda x, w, b: x.positive() * x, lambda x, w, b: (x > 0) * x),
}


@pytest.mark.parametrize("name", OPERATIONS)
@given(seed=st.integers(0, 2**32 - 1), rows=st.integers(1, 4))
def test_values_and_gradients_are_torchs(name: str, seed: int, rows: int) -> None:
    random = np.random.RandomState(seed)
    arrays = [random.normal(size=shape) for shape in ((rows, 3), (3, 3), (3,))]
    ours, torchs = OPERATIONS[name]
    values = [Value(array) for array in arrays]
    leaves = [torch.from_numpy(array).requires_grad_() for array in arrays]
    result, expected = ours(*values), torchs(*leaves)
    np.testing.assert_allclose(result.array, expected.detach().numpy(), rtol=1e-12, atol=1e-13)
    (expected**2).sum().backward()
    for found, leaf in zip(gradients_of_squares(result, values), leaves, strict=True):
        assert found.shape == leaf.shape
        grad = np.zeros(leaf.shape) if leaf.grad is None else leaf.grad.numpy()
        np.testing.assert_allclose(found, grad, rtol=1e-9, atol=1e-11)


def test_a_long_chain_does_not_exhaust_the_stack() -> None:
    value = start = Value(np.full((1, 1), 0.5))
    for _ in range(5000):
        value = value + Value(np.zeros((1, 1)))
    assert gradients_of_squares(value, [start])[0] == 1.0


def test_products_are_summed_in_order() -> None:
    """A sum that another order would round to zero."""
    assert product(np.array([[1e16, 1.0, -1e16]]), np.ones((1, 3))) == 0.0
    assert product(np.array([[1e16, -1e16, 1.0]]), np.ones((1, 3))) == 1.0


_SIZES = st.integers(1, 4)
_NUMBERS = st.floats(-3, 3).map(lambda number: round(number, 3))


def _matrices(*shape: int) -> st.SearchStrategy[np.ndarray]:
    return arrays_of(np.float64, shape, elements=_NUMBERS)


_UNARY = {
    "logistic": (Value.logistic, torch.sigmoid),
    "tanh": (Value.tanh, torch.tanh),
    "minus_from_one": (Value.minus_from_one, lambda each: 1 - each),
}
_OF_LEAVES = {
    "relu": (Value.relu, torch.relu),
    "positive": (Value.positive, lambda each: (each > 0).double()),
}
"""Where a sum is almost 0, the sign of rounding errors would decide."""


class Tree:
    """The same random computation on the tape and in torch: matrices (N, K) from leaves."""

    def __init__(self, leaves: list[np.ndarray]) -> None:
        self.ours = [Value(leaf) for leaf in leaves]
        self.theirs = [torch.tensor(leaf, requires_grad=True) for leaf in leaves]

    def add(self, ours: Value, theirs: torch.Tensor) -> None:
        self.ours.append(ours)
        self.theirs.append(theirs)


@st.composite
def trees(draw: st.DrawFn) -> tuple[Tree, int]:
    """A computation of up to eight operations on three matrices, one vector and one square matrix."""
    rows, columns = draw(_SIZES), draw(_SIZES)
    leaves = [draw(_matrices(rows, columns)) for _ in range(3)]
    vector, square = draw(_matrices(columns)), draw(_matrices(columns, columns))
    tree = Tree([*leaves, vector, square])
    full = [0, 1, 2]
    for _ in range(draw(st.integers(0, 8))):
        one, other = draw(st.sampled_from(full)), draw(st.sampled_from(full))
        which = draw(st.sampled_from(["plus", "mul", "bias", "times", *_UNARY, *_OF_LEAVES]))
        left, right = tree.ours[one], tree.ours[other]
        tleft, tright = tree.theirs[one], tree.theirs[other]
        if which == "plus":
            tree.add(left + right, tleft + tright)
        elif which == "mul":
            tree.add(left * right, tleft * tright)
        elif which == "bias":
            tree.add(left + tree.ours[3], tleft + tree.theirs[3])
        elif which == "times":
            tree.add(left.times(tree.ours[4]), tleft @ tree.theirs[4].T)
        elif which in _OF_LEAVES:
            ours, theirs = _OF_LEAVES[which]
            tree.add(ours(tree.ours[one % 3]), theirs(tree.theirs[one % 3]))
        else:
            ours, theirs = _UNARY[which]
            tree.add(ours(left), theirs(tleft))
        full.append(len(tree.ours) - 1)
    return tree, draw(st.sampled_from(full))


@given(trees())
def test_gradients_of_any_computation_are_those_of_torch(drawn: tuple[Tree, int]) -> None:
    tree, end = drawn
    result = tree.theirs[end]
    if result.requires_grad:
        (result**2).sum().backward()
    np.testing.assert_allclose(tree.ours[end].array, result.detach().numpy(), atol=1e-12)
    found = gradients_of_squares(tree.ours[end], tree.ours[:5])
    for ours, theirs in zip(found, tree.theirs[:5], strict=True):
        expected = np.zeros(theirs.shape) if theirs.grad is None else theirs.grad.numpy()
        np.testing.assert_allclose(ours, expected, rtol=1e-10, atol=1e-10)
