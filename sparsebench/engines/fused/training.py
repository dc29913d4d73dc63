"""Entry points of the compiled engine: training steps, a tile's gradient, logits."""

from __future__ import annotations

import math

from numba import njit

from sparsebench.engines.fused.simd import fma, jit, load, splat, square_root, store, sum_lanes
from sparsebench.engines.fused.tile import backward_tile, forward_tile, lane_loss

entry = njit(nogil=True, error_model="numpy", cache=True)
"""How functions that Python calls are compiled: kept on disk, with everything that they inline."""

FINISHED, LOSS, GRADIENT = -1, 0, 1
"""Why `train` came back: all steps done, a loss that is not finite, a gradient that is not."""


@jit
def prepare(plan, parameters, scratch):
    """What follows from the parameters and stays for a step: weights by column, sums of biases."""
    for index in range(len(plan.back_entries)):
        scratch.transposed[index] = parameters[plan.back_entries[index]]
    for number in range(len(plan.blocks)):
        block = plan.blocks[number]
        for row in range(block.rows):
            own = parameters[block.i2h_bias + row]
            recurrent = parameters[block.h2h_bias + row]
            if row < block.shared:
                scratch.biases[block.gates + row] = own + recurrent
            else:
                scratch.biases[block.gates + row] = own
                scratch.biases[block.gates + row + block.rows - block.shared] = recurrent


@jit
def gradient_of_tile(
    species,
    plan,
    parameters,
    data,
    batch,
    tile,
    steps,
    scratch,
    gradient,
):
    """Forward and backward of one tile of a batch; its summed loss and how many were right.

    `batch` holds the numbers of its strings in the data.
    """
    network = plan.network[0]
    rows = batch[tile * network.lanes : (tile + 1) * network.lanes]
    forward_tile(species, plan, parameters, data, rows, steps, scratch)
    loss, correct = 0.0, 0
    for lane in range(len(rows)):
        own, right = lane_loss(network, data, rows, lane, scratch)
        loss += own
        correct += right
    backward_tile(species, plan, parameters, data, rows, len(batch), steps, scratch, gradient)
    return loss, correct


@jit
def batch_steps(data, batch):
    """The padded length of a batch."""
    longest = 0
    for row in batch:
        longest = max(longest, data.lengths[row])
    return longest


@jit
def update(species, plan, state, gradient, step, training):
    """Clip a gradient by its norm and take Adam's step number `step`; False if it is not finite.

    The vectors are longer than the plan's `size` by the zeros that fill the last row of lanes.
    """
    lanes = plan.network[0].lanes
    rows = len(state.parameters) // lanes
    squares = splat(species, 0.0)
    for row in range(rows):
        value = load(species, gradient, row)
        squares = fma(value, value, squares)
    norm = math.sqrt(float(sum_lanes(squares)))
    if not math.isfinite(norm):
        return False
    clip = min(1.0, training[0].clip_norm / (norm + 1e-6))
    rate = training[0].learning_rate / (1.0 - math.pow(0.9, step))
    scale = 1.0 / math.sqrt(1.0 - math.pow(0.999, step))
    for row in range(rows):
        value = load(species, gradient, row) * clip
        mean = load(species, state.means, row)
        mean = fma(value - mean, 1.0 - 0.9, mean)
        square = load(species, state.squares, row) * 0.999
        square = fma(value * (1.0 - 0.999), value, square)
        store(species, state.means, row, mean)
        store(species, state.squares, row, square)
        change = mean / fma(square_root(square), scale, splat(species, 1e-8))
        store(
            species, state.parameters, row, fma(change, -rate, load(species, state.parameters, row))
        )
    return True


@entry
def train(
    species,
    plan,
    state,
    data,
    order,
    training,
    first_step,
    losses,
    correct,
    scratch,
):
    """Train one network on batches taken in order, the last of them short if need be.

    The summed loss and the correct strings of each batch go to `losses` and `correct`, up to the
    number of steps that they have room for. Returns the steps done and why it ended.
    """
    size = training[0].batch_size
    lanes = plan.network[0].lanes
    done = 0
    for start in range(0, len(order), size):
        batch = order[start : start + size]
        steps = batch_steps(data, batch)
        prepare(plan, state.parameters, scratch)
        losses[done], correct[done] = 0.0, 0
        scratch.gradient[:] = 0
        for tile in range((len(batch) + lanes - 1) // lanes):
            loss, right = gradient_of_tile(
                species, plan, state.parameters, data, batch, tile, steps, scratch,
                scratch.tile_gradient,
            )  # fmt: skip
            losses[done] += loss
            correct[done] += right
            for row in range(len(scratch.gradient) // lanes):
                total = load(species, scratch.gradient, row) + load(
                    species, scratch.tile_gradient, row
                )
                store(species, scratch.gradient, row, total)
        if not math.isfinite(losses[done]):
            return done, LOSS
        if not update(species, plan, state, scratch.gradient, first_step + done, training):
            return done, GRADIENT
        done += 1
    return done, FINISHED


@entry
def tile_gradient(
    species,
    plan,
    parameters,
    data,
    batch,
    tile,
    scratch,
    gradient,
):
    """The gradient of a batch's mean loss that one of its tiles gives, for threads that share a batch."""
    prepare(plan, parameters, scratch)
    steps = batch_steps(data, batch)
    return gradient_of_tile(species, plan, parameters, data, batch, tile, steps, scratch, gradient)


@entry
def apply(species, plan, state, gradient, step, training):
    """`update`, for a gradient whose tiles were shared out."""
    return update(species, plan, state, gradient, step, training)


@entry
def classify(species, plan, parameters, data, batch, scratch, logits):
    """The logits of one batch, (len(batch), classes)."""
    network = plan.network[0]
    lanes = network.lanes
    prepare(plan, parameters, scratch)
    steps = batch_steps(data, batch)
    for start in range(0, len(batch), lanes):
        rows = batch[start : start + lanes]
        forward_tile(species, plan, parameters, data, rows, steps, scratch)
        for lane in range(len(rows)):
            for k in range(network.classes):
                logits[start + lane, k] = scratch.logits[k * lanes + lane]
