"""A tape of operations on arrays, to take the gradient of a number by arrays that it follows from.

Sums are taken in a written order and elementary functions are our own, so gradients are the same bit
for bit on every processor. It is for small computations; networks are trained by the engines.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from sparsebench.parts.elementary import exp


class Value:
    """An array, and how the gradient by it is passed on to what it follows from.

    Parameters
    ----------
    array
        float64.
    sources
        Pairs of a value that it follows from, and a function that takes the gradient by this array to
        a summand of the gradient by that one.
    """

    def __init__(
        self,
        array: np.ndarray,
        sources: Sequence[tuple[Value, Callable[[np.ndarray], np.ndarray]]] = (),
    ) -> None:
        self.array, self.sources = array, sources

    def __add__(self, other: Value) -> Value:
        return Value(
            self.array + other.array,
            [(self, _unchanged), (other, lambda gradient: _summed(gradient, other.array.shape))],
        )

    def __mul__(self, other: Value) -> Value:
        return Value(
            self.array * other.array,
            [
                (self, lambda gradient: gradient * other.array),
                (other, lambda gradient: gradient * self.array),
            ],
        )

    def minus_from_one(self) -> Value:
        """1 minus the array."""
        return Value(1 - self.array, [(self, lambda gradient: -gradient)])

    def times(self, matrix: Value) -> Value:
        """(N, K) times a matrix (M, K), transposed: (N, M)."""
        return Value(
            product(self.array, matrix.array),
            [
                (self, lambda gradient: product(gradient, matrix.array.T)),
                (matrix, lambda gradient: product(gradient.T, self.array.T)),
            ],
        )

    def columns(self, begin: int, end: int) -> Value:
        """Some columns."""

        def back(gradient: np.ndarray) -> np.ndarray:
            whole = np.zeros(self.array.shape)
            whole[:, begin:end] = gradient
            return whole

        return Value(self.array[:, begin:end], [(self, back)])

    def logistic(self) -> Value:
        """1 / (1 + exp(-x))."""
        out = 1 / (1 + exp(-self.array))
        return Value(out, [(self, lambda gradient: gradient * out * (1 - out))])

    def tanh(self) -> Value:
        """The hyperbolic tangent."""
        out = 2 / (1 + exp(-2 * self.array)) - 1
        return Value(out, [(self, lambda gradient: gradient * (1 - out * out))])

    def relu(self) -> Value:
        """The positive part."""
        there = (self.array > 0).astype(np.float64)
        return Value(self.array * there, [(self, lambda gradient: gradient * there)])

    def positive(self) -> Value:
        """1 where the array is positive, otherwise 0; a constant."""
        return Value((self.array > 0).astype(np.float64))


def product(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """(N, K) times (M, K) transposed, summed over K in order."""
    total = np.zeros((len(left), len(right)))
    for one, other in zip(left.T, right.T, strict=True):
        total += one[:, None] * other
    return total


def ordered_sum(values: np.ndarray) -> float:
    """The sum of a list of numbers, in order; 0 for none."""
    return float(np.cumsum(values)[-1]) if len(values) else 0.0


def gradients_of_squares(result: Value, by: Sequence[Value]) -> list[np.ndarray]:
    """The gradients of the sum of squares of a value by some values that it follows from."""
    found: dict[int, np.ndarray] = {id(result): 2 * result.array}
    for value in _backwards(result):
        gradient = found.get(id(value))
        if gradient is None:
            continue
        for source, back in value.sources:
            share = back(gradient)
            found[id(source)] = found[id(source)] + share if id(source) in found else share
    return [found.get(id(value), np.zeros(value.array.shape)) for value in by]


def _backwards(result: Value) -> list[Value]:
    """All values that a result follows from, each before those that it follows from itself."""
    order: list[Value] = []
    seen: set[int] = set()
    waiting = [(result, False)]
    while waiting:
        value, done = waiting.pop()
        if done:
            order.append(value)
        elif id(value) not in seen:
            seen.add(id(value))
            waiting.append((value, True))
            waiting += [(source, False) for source, _ in value.sources]
    return order[::-1]


def _unchanged(gradient: np.ndarray) -> np.ndarray:
    return gradient


def _summed(gradient: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """The gradient by a vector that was added to every row."""
    if gradient.shape == shape:
        return gradient
    total = np.zeros(shape)
    for row in gradient:
        total += row
    return total
