"""Each optimiser takes the steps that PyTorch's does, but where they are too small to move a weight."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction

import numpy as np
import pytest
import torch

from sparsebench.engines.batches import batch
from sparsebench.engines.fused import kernels, memory
from sparsebench.engines.fused.loop_spec import LoopSpec
from sparsebench.engines.fused.optimisers import LEAST_MOMENT, _power
from sparsebench.engines.fused.population import CpuPopulation
from sparsebench.engines.fused.simd import LEAST_GRADIENT
from sparsebench.engines.populations import ADAGRAD_EPSILON, BETA2, EPSILON
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


@pytest.mark.usefixtures("one_width")
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


# What is too small to move a weight

PLAN = sparse_layout(Architecture("rnn_relu", layers=1, hidden_size=4).layout)
SPECIES = LoopSpec("rnn_relu", "float32", 16)


@kernels.entry
def power(base, exponent):
    """A whole power, as Python may call it."""
    return _power(base, exponent)


def applied(
    optimiser: str, gradient: np.ndarray, before: memory.State, step: int = 1
) -> memory.State:
    """The state after one step with a gradient."""
    after = memory.State(*(array.copy() for array in before))
    training = memory.protocol_arrays(Training(1, SIZE, RATE, optimiser=optimiser), RATE)
    plan = memory.plan_arrays(PLAN, "padded", SPECIES.lanes)
    assert kernels.apply(SPECIES, plan, after, gradient, step, training)
    return after


def fresh() -> memory.State:
    return memory.state(PLAN.pack(initial_weights(PLAN.layout, 0)))


@pytest.mark.parametrize("optimiser", OPTIMISERS)
def test_a_derivative_that_is_too_small_to_move_a_weight_is_zero(optimiser: str) -> None:
    before = fresh()
    below = np.nextafter(np.float32(LEAST_GRADIENT), np.float32(0))
    for tiny in (below, -below, np.float32(1e-40), np.float32(0)):
        after = applied(optimiser, np.full_like(before.parameters, tiny), before)
        for old, new in zip(before, after, strict=True):
            assert old.tobytes() == new.tobytes()
    after = applied(optimiser, np.full_like(before.parameters, LEAST_GRADIENT), before)
    moments = np.concatenate([after.means, after.squares])
    assert (np.abs(moments[moments != 0]) >= LEAST_MOMENT).all()
    assert moments.any()


@pytest.mark.parametrize("optimiser", OPTIMISERS)
def test_moments_that_fade_away_end_at_zero(optimiser: str) -> None:
    """And never among the numbers below the least normal one, over which processors take long."""
    state = fresh()
    state.means[:] = 2 * LEAST_MOMENT
    state.squares[:] = 2 * LEAST_MOMENT
    gradient = np.zeros_like(state.parameters)
    moments = {"adam": 2, "nesterov": 1, "adagrad": 0, "rmsprop": 1}[optimiser]
    for step in range(1, 1000):
        state = applied(optimiser, gradient, state, step)
        for array in (state.means, state.squares):
            assert (np.abs(array[array != 0]) >= LEAST_MOMENT).all()
    assert sum(not array.any() for array in (state.means, state.squares)) == moments


@pytest.mark.parametrize("bound", [LEAST_GRADIENT, LEAST_MOMENT])
def test_what_counts_as_zero_is_a_normal_number(bound: float) -> None:
    assert bound > np.finfo(np.float32).smallest_normal
    assert np.float32(bound) == bound


@pytest.mark.parametrize(
    ("epsilon", "factor"), [(EPSILON, (1 - BETA2) ** -0.5), (ADAGRAD_EPSILON, 1.0)]
)
def test_the_root_of_what_counts_as_zero_is_lost_beside_an_epsilon(
    epsilon: float, factor: float
) -> None:
    """`factor`: the largest by which Adam makes up for its first steps."""
    root = np.float32(factor * LEAST_MOMENT**0.5)
    assert np.float32(epsilon) + root == np.float32(epsilon)


@pytest.mark.parametrize("base", [0.9, 0.999])
def test_whole_powers_are_exact_to_rounding(base: float) -> None:
    for exponent in (*range(200), 1023, 1024, 6000):
        exact = Fraction(base) ** exponent
        measured = power(base, exponent)
        assert abs(Fraction(measured) - exact) <= exact * Fraction(exponent, 2**53)
        assert measured == _power.py_func(base, exponent)
