"""Each optimiser takes the steps that PyTorch's does."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import pytest
import torch

from sparsebench.engines.batches import batch
from sparsebench.engines.fused.population import CpuPopulation
from sparsebench.engines.reference import ReferenceNetwork, train_step
from sparsebench.parts.examples import Examples
from sparsebench.parts.sparse_layout import sparse_layout
from sparsebench.parts.weights import initial_weights
from sparsebench.values.protocol import OPTIMISERS, Architecture, Training

RATE, STEPS, SIZE = 0.01, 20, 4
LAYOUT = Architecture("gru", layers=2, hidden_size=5).layout

TORCH: dict[str, Callable[[Iterable[torch.Tensor]], torch.optim.Optimizer]] = {
    "adam": lambda parameters: torch.optim.Adam(parameters, RATE),
    "nesterov": lambda parameters: torch.optim.SGD(parameters, RATE, 0.9, nesterov=True),
    "adagrad": lambda parameters: torch.optim.Adagrad(parameters, RATE),
    "rmsprop": lambda parameters: torch.optim.RMSprop(parameters, RATE),
}


@pytest.mark.parametrize("clip_norm", [0.05, 5.0])
@pytest.mark.parametrize("optimiser", OPTIMISERS)
def test_twenty_steps_are_those_of_torch(optimiser: str, clip_norm: float) -> None:
    random = np.random.RandomState(2)
    strings = Examples(
        random.randint(1, 128, (SIZE, 7)).astype(np.uint8),
        random.randint(1, 8, SIZE),
        random.randint(0, 2, SIZE),
    )
    weights, order = initial_weights(LAYOUT, 3), np.tile(np.arange(SIZE), STEPS)
    training = Training(1, SIZE, RATE, clip_norm, optimiser=optimiser)
    measured = CpuPopulation(
        [sparse_layout(LAYOUT)], [weights], "last_step", training, dtype="float64"
    )
    (epoch,) = measured.train(strings, [order])
    reference = ReferenceNetwork(LAYOUT, weights, {}, "last_step", torch.float64)
    steps = TORCH[optimiser](reference.parameters.values())
    every = batch(strings, slice(None), int(strings.lengths.max()), "cpu")
    losses = [train_step(reference, steps, *every, clip_norm) for _ in range(STEPS)]
    assert epoch is not None
    assert np.abs(epoch.losses - losses).max() < 1e-9
    for name, array in reference.arrays().items():
        assert np.abs(measured.weights(0)[name] - array).max() < 1e-8


def test_the_rate_of_a_call_takes_the_place_of_the_protocols() -> None:
    random = np.random.RandomState(2)
    strings = Examples(
        random.randint(1, 128, (SIZE, 7)).astype(np.uint8),
        np.full(SIZE, 7),
        random.randint(0, 2, SIZE),
    )
    weights = initial_weights(LAYOUT, 3)
    slow, fast = (
        CpuPopulation([sparse_layout(LAYOUT)], [weights], "last_step", Training(1, SIZE, rate))
        for rate in (0.001, 0.01)
    )
    slow.train(strings, [np.arange(SIZE)], rate=0.01)
    fast.train(strings, [np.arange(SIZE)])
    assert all(
        np.array_equal(array, fast.weights(0)[name]) for name, array in slow.weights(0).items()
    )
