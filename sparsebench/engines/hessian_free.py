"""Hessian-free optimisation of one network, on the reference engine: a remedy for long memory.

Each step minimises a quadratic model of the loss over all examples, whose curvature is the Gauss-Newton
matrix, by conjugate gradients; products with it come from torch. The damping follows how well the model
predicts the loss (Levenberg and Marquardt).

References
----------
Martens, J. (2010). Deep learning via Hessian-free optimization.
Martens, J., Sutskever, I. (2011). Learning recurrent neural networks with Hessian-free optimization.
Their structural damping is left out.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.func import jvp, vjp

from sparsebench.engines.reference import ReferenceNetwork
from sparsebench.parts.examples import CLASSES, VALUES, Examples

FIRST_DAMPING, MOST_ITERATIONS = 1.0, 100
KEPT = 0.95
"""The share of the last step's direction that conjugate gradients begin with."""

PROGRESS, FEWEST = 5e-4, 10
"""They end when the model fell by less than `PROGRESS` a step, over a tenth of them or `FEWEST`."""


@dataclass(frozen=True)
class HessianFreeStep:
    """A step of Hessian-free optimisation.

    Attributes
    ----------
    loss
        The mean loss over all examples after it.
    seconds
        Since the beginning.
    iterations
        Conjugate gradients' steps.
    damping
        After the step.
    """

    loss: float
    seconds: float
    iterations: int
    damping: float


class _Outputs(torch.nn.Module):
    """The answers of a network for some examples, as a function of its parameters."""

    def __init__(self, network: ReferenceNetwork, examples: Examples) -> None:
        super().__init__()
        self._network = network
        steps = int(examples.lengths.max())
        inputs = torch.from_numpy(examples.inputs[:, :steps]).transpose(0, 1)
        first = next(iter(network.parameters.values()))
        self._inputs = inputs.long() if network.layout.symbols else inputs.to(first.dtype)
        self._lengths = torch.from_numpy(examples.lengths)
        self._asked = examples.asked
        answers = torch.from_numpy(examples.answers)
        self.answers = answers.to(first.dtype) if self._asked == VALUES else answers
        if self._asked == CLASSES:
            there = torch.arange(steps) < self._lengths[:, None]
            asked = torch.where(there, self.answers[:, :steps], -1).T
            self._rows = asked >= 0
            self.answers = asked[self._rows]

    def forward(self, parameters: dict[str, Tensor]) -> Tensor:
        """(answers, outputs)."""
        before = self._network.parameters
        self._network.parameters = parameters
        try:
            if self._asked == CLASSES:
                return self._network.logits_at_every_step(self._inputs)[self._rows]
            return self._network.logits(self._inputs, self._lengths)
        finally:
            self._network.parameters = before

    def loss(self, outputs: Tensor) -> Tensor:
        """The mean loss of the answers."""
        if self._asked == VALUES:
            return torch.nn.functional.mse_loss(outputs, self.answers)
        return torch.nn.functional.cross_entropy(outputs, self.answers)

    def curvature(self, outputs: Tensor, change: Tensor) -> Tensor:
        """The loss's Hessian by the outputs, times a change of the outputs."""
        if self._asked == VALUES:
            return 2 * change / outputs.numel()
        shares = outputs.softmax(1)
        mean = (shares * change).sum(1, keepdim=True)
        return shares * (change - mean) / len(outputs)


def hessian_free(
    network: ReferenceNetwork, examples: Examples, steps: int
) -> Iterator[HessianFreeStep]:
    """Train a network in place.

    Parameters
    ----------
    network
        The network; its parameters change.
    examples
        All training examples, taken as one batch.
    steps
        Steps, with up to `MOST_ITERATIONS` products with the Gauss-Newton matrix each.

    Yields
    ------
    HessianFreeStep
        After each step.
    """
    outputs = _Outputs(network, examples)
    damping, direction = FIRST_DAMPING, None
    begin = time.perf_counter()
    for _ in range(steps):
        theta = {name: each.detach().clone() for name, each in network.parameters.items()}
        said, back, *_ = vjp(outputs, theta)
        before = float(outputs.loss(said))
        slope = torch.autograd.functional.vjp(outputs.loss, said)[1]
        (gradient,) = back(slope)

        def product(
            vector: dict[str, Tensor],
            theta: dict[str, Tensor] = theta,
            said: Tensor = said,
            back: Callable[[Tensor], tuple[dict[str, Tensor], ...]] = back,
            damping: float = damping,
        ) -> dict[str, Tensor]:
            change = jvp(outputs, (theta,), (vector,))[1]
            (found,) = back(outputs.curvature(said, change))
            return {name: found[name] + damping * vector[name] for name in found}

        start = (
            {name: torch.zeros_like(each) for name, each in theta.items()}
            if direction is None
            else {name: KEPT * each for name, each in direction.items()}
        )
        direction, iterations = _conjugate_gradients(product, gradient, start)
        model = 0.5 * _dot(direction, product(direction)) + _dot(gradient, direction)
        model -= 0.5 * damping * _dot(direction, direction)
        share, after = _line_search(outputs, theta, direction, gradient, before)
        full = float(outputs.loss(outputs(_moved(theta, direction, 1.0))))
        ratio = (full - before) / model if model else 0.0
        damping *= 2 / 3 if ratio > 0.75 else 3 / 2 if ratio < 0.25 else 1.0
        for name, each in _moved(theta, direction, share).items():
            network.parameters[name].data.copy_(each)
        yield HessianFreeStep(after, time.perf_counter() - begin, iterations, damping)


def _conjugate_gradients(
    product: Callable[[dict[str, Tensor]], dict[str, Tensor]],
    gradient: dict[str, Tensor],
    start: dict[str, Tensor],
) -> tuple[dict[str, Tensor], int]:
    """Minimise x A x / 2 + gradient x, from a start; the last x and the number of products."""
    x = start
    ahead = product(x)
    residual = {name: -gradient[name] - ahead[name] for name in x}
    conjugate, size = dict(residual), _dot(residual, residual)
    values: list[float] = []
    for done in range(1, MOST_ITERATIONS + 1):
        if size == 0:
            return x, done
        ahead = product(conjugate)
        length = size / _dot(conjugate, ahead)
        x = {name: x[name] + length * conjugate[name] for name in x}
        residual = {name: residual[name] - length * ahead[name] for name in x}
        values.append(-0.5 * (_dot(x, residual) - _dot(gradient, x)))
        apart = max(FEWEST, done // 10)
        if done > apart and values[-1] < 0:
            fell = (values[-1] - values[-1 - apart]) / values[-1]
            if fell < apart * PROGRESS:
                return x, done
        now = _dot(residual, residual)
        conjugate = {name: residual[name] + now / size * conjugate[name] for name in x}
        size = now
    return x, MOST_ITERATIONS


def _line_search(
    outputs: _Outputs,
    theta: dict[str, Tensor],
    direction: dict[str, Tensor],
    gradient: dict[str, Tensor],
    before: float,
) -> tuple[float, float]:
    """The first share of a direction, 1, 0.8, ..., that lowers the loss enough; 0 if none does."""
    share, expected = 1.0, _dot(gradient, direction)
    for _ in range(40):
        after = float(outputs.loss(outputs(_moved(theta, direction, share))))
        if after <= before + 0.01 * share * min(expected, 0.0):
            return share, after
        share *= 0.8
    return 0.0, before


def _moved(
    theta: dict[str, Tensor], direction: dict[str, Tensor], share: float
) -> dict[str, Tensor]:
    return {name: each + share * direction[name] for name, each in theta.items()}


def _dot(one: dict[str, Tensor], other: dict[str, Tensor]) -> float:
    return float(sum((one[name] * other[name]).sum() for name in one))
