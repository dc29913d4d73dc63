"""Optimisers: clipping by the network's own norm, then one of four rules, as in PyTorch.

Adam (Kingma and Ba, 2015) is the thesis's; stochastic gradient descent with Nesterov momentum,
Adagrad and RMSprop are compared with it (report on capacity, section V).
"""

import math

from sparsebench.engines.fused.simd import (
    GROUP,
    LEAST_GRADIENT,
    fma,
    jit,
    load,
    outlined,
    record,
    splat,
    square_root,
    store,
    sum_lanes,
    without_tiny,
)
from sparsebench.engines.populations import (
    ADAGRAD,
    ADAGRAD_EPSILON,
    BETA1,
    BETA2,
    EPSILON,
    MOMENTUM,
    NESTEROV,
    RMSPROP,
    RMSPROP_DECAY,
)

LEAST_MOMENT = 2.0**-120
"""Smaller moments are set to zero: such a first moment moves no weight, and the root of such a
second moment, below 2^-60, is negligible beside every epsilon."""


@jit
def update(spec, plan, state, gradient, step, training):
    """Clip a gradient and do step number `step`, from 1; False, and no step, if it is not finite.

    The vectors are padded with zeros to whole groups. Numbers too small to move a weight are set to
    zero: some processors take a hundred times as long for subnormal numbers, which the second
    moments of a network that has learned everything would become.
    """
    rows = record(plan.network, 0).size // GROUP
    squares = splat(spec, 0.0)
    for row in range(rows):
        value = load(spec, gradient, row)
        squares = fma(value, value, squares)
    norm = math.sqrt(float(sum_lanes(squares)))
    if not math.isfinite(norm):
        return False
    clip = min(1.0, training[0].clip_norm / (norm + 1e-6))
    if training[0].follows_movement:
        _follow(spec, state, gradient, rows, clip)
    if training[0].optimiser == NESTEROV:
        _nesterov(spec, state, gradient, rows, clip, training[0].learning_rate)
    elif training[0].optimiser == ADAGRAD:
        _adagrad(spec, state, gradient, rows, clip, training[0].learning_rate)
    elif training[0].optimiser == RMSPROP:
        _rmsprop(spec, state, gradient, rows, clip, training[0].learning_rate)
    else:
        _adam(spec, state, gradient, rows, clip, step, training)
    return True


@jit
def _power(base, exponent):
    """A whole power, by squaring."""
    result = 1.0
    while exponent:
        if exponent & 1:
            result *= base
        base *= base
        exponent >>= 1
    return result


@jit
def _clipped(spec, gradient, row, clip):
    """A row of the clipped gradient, with zeros for what is too small to move a weight."""
    return without_tiny(load(spec, gradient, row) * clip, LEAST_GRADIENT)


@jit
def _store_moment(spec, moments, row, value):
    """Store a moment for the next step, or zero if it is too small to matter."""
    store(spec, moments, row, without_tiny(value, LEAST_MOMENT))


@outlined
def _follow(spec, state, gradient, rows, clip):
    """Add to each weight's movement what this step's gradient says of it, before the step."""
    for row in range(rows):
        value = _clipped(spec, gradient, row, clip)
        before = load(spec, state.parameters, row)
        moved = fma(value * -1.0, before, load(spec, state.movements, row))
        store(spec, state.movements, row, moved)


@jit
def _adam(spec, state, gradient, rows, clip, step, training):
    rate = training[0].learning_rate / (1.0 - _power(BETA1, step))
    scale = 1.0 / math.sqrt(1.0 - _power(BETA2, step))
    for row in range(rows):
        value = _clipped(spec, gradient, row, clip)
        mean, square = load(spec, state.means, row), load(spec, state.squares, row)
        mean = fma(value - mean, 1.0 - BETA1, mean)
        square = fma(value * (1.0 - BETA2), value, square * BETA2)
        _store_moment(spec, state.means, row, mean)
        _store_moment(spec, state.squares, row, square)
        change = mean / fma(square_root(square), scale, splat(spec, EPSILON))
        before = load(spec, state.parameters, row)
        store(spec, state.parameters, row, fma(change, -rate, before))


@outlined
def _nesterov(spec, state, gradient, rows, clip, rate):
    for row in range(rows):
        value = _clipped(spec, gradient, row, clip)
        velocity = fma(load(spec, state.means, row), MOMENTUM, value)
        _store_moment(spec, state.means, row, velocity)
        before = load(spec, state.parameters, row)
        store(spec, state.parameters, row, fma(fma(velocity, MOMENTUM, value), -rate, before))


@outlined
def _adagrad(spec, state, gradient, rows, clip, rate):
    for row in range(rows):
        value = _clipped(spec, gradient, row, clip)
        square = fma(value, value, load(spec, state.squares, row))
        _store_moment(spec, state.squares, row, square)
        change = value / (square_root(square) + splat(spec, ADAGRAD_EPSILON))
        before = load(spec, state.parameters, row)
        store(spec, state.parameters, row, fma(change, -rate, before))


@outlined
def _rmsprop(spec, state, gradient, rows, clip, rate):
    for row in range(rows):
        value = _clipped(spec, gradient, row, clip)
        square = load(spec, state.squares, row) * RMSPROP_DECAY
        square = fma(value * (1.0 - RMSPROP_DECAY), value, square)
        _store_moment(spec, state.squares, row, square)
        change = value / (square_root(square) + splat(spec, EPSILON))
        before = load(spec, state.parameters, row)
        store(spec, state.parameters, row, fma(change, -rate, before))
