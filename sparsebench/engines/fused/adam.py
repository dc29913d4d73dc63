"""The optimiser's step: clipping by the network's own norm, then Adam (Kingma and Ba, 2015)."""

import math

from sparsebench.engines.fused.simd import (
    fma,
    jit,
    load,
    record,
    splat,
    square_root,
    store,
    sum_lanes,
)
from sparsebench.engines.populations import BETA1, BETA2, EPSILON


@jit
def update(species, plan, state, gradient, step, training):
    """Clip a gradient and take step number `step`, from 1; False, and no step, if it is not finite.

    The vectors are longer than the plan's by the zeros that fill the last row of lanes.
    """
    network = record(plan.network, 0)
    rows = network.size // network.lanes
    squares = splat(species, 0.0)
    for row in range(rows):
        value = load(species, gradient, row)
        squares = fma(value, value, squares)
    norm = math.sqrt(float(sum_lanes(squares)))
    if not math.isfinite(norm):
        return False
    clip = min(1.0, training[0].clip_norm / (norm + 1e-6))
    rate = training[0].learning_rate / (1.0 - math.pow(BETA1, step))
    scale = 1.0 / math.sqrt(1.0 - math.pow(BETA2, step))
    for row in range(rows):
        value = load(species, gradient, row) * clip
        mean, square = load(species, state.means, row), load(species, state.squares, row)
        mean = fma(value - mean, 1.0 - BETA1, mean)
        square = fma(value * (1.0 - BETA2), value, square * BETA2)
        store(species, state.means, row, mean)
        store(species, state.squares, row, square)
        change = mean / fma(square_root(square), scale, splat(species, EPSILON))
        before = load(species, state.parameters, row)
        store(species, state.parameters, row, fma(change, -rate, before))
    return True
