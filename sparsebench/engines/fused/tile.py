"""One tile: as many strings of a batch as a vector has lanes, through a whole network and back."""

from __future__ import annotations

import math

from sparsebench.engines.fused.block import backward_block, forward_block
from sparsebench.engines.fused.simd import at, fma, jit, load, record, splat, store, sum_lanes


@jit
def forward_tile(species, plan, parameters, data, rows, steps, scratch):
    """Run a network on up to `lanes` strings and leave the logits in scratch.

    `rows` says which strings of the data. Lanes without a string repeat the last one: whatever they
    ran on instead might overflow, and zero times infinity is no zero.
    """
    network = record(plan.network, 0)
    lanes, width, units = network.lanes, network.width, network.units
    for lane in range(lanes):
        for t in range(steps):
            row = rows[min(lane, len(rows) - 1)]
            scratch.letters[t * lanes + lane] = data.codes[row, t] * width
    for t in range(steps):
        for k in range(width):
            target = (t * units + k) * lanes
            for lane in range(lanes):
                letter = at(scratch.letters, t * lanes + lane)
                scratch.units[target + lane] = at(parameters, letter + k)
    for number in range(network.blocks):
        forward_block(species, plan, record(plan.blocks, number), steps, parameters, scratch)
    for lane in range(lanes):
        t = _read_step(network, data, rows, lane, steps)
        source = (t * units + network.last) * lanes + lane
        for k in range(network.last_size):
            scratch.read[k * lanes + lane] = scratch.units[source + k * lanes]
    for k in range(network.classes):
        total = splat(species, parameters[network.readout_bias + k])
        weight = network.readout_weight + k * network.last_size
        for j in range(network.last_size):
            total = fma(at(parameters, weight + j), load(species, scratch.read, j), total)
        store(species, scratch.logits, k, total)


@jit
def loss_gradient(network, data, rows, batch, scratch):
    """Replace each logit by the derivative of the batch's mean loss; empty lanes have none.

    Returns the summed cross entropy of the tile's strings, in nats, and how many have their class's
    logit as the highest. A NaN logit makes the loss NaN; of equal logits the first is the highest.
    """
    lanes, classes = network.lanes, network.classes
    loss, correct = 0.0, 0
    for lane in range(len(rows)):
        label = data.labels[rows[lane]]
        highest, best = scratch.logits[lane], 0
        for k in range(1, classes):
            if scratch.logits[k * lanes + lane] > highest:
                highest, best = scratch.logits[k * lanes + lane], k
        total = 0.0
        for k in range(classes):
            total += math.exp(float(scratch.logits[k * lanes + lane]) - float(highest))
        loss += math.log(total) + float(highest) - float(scratch.logits[label * lanes + lane])
        correct += best == label
        for k in range(classes):
            index = k * lanes + lane
            share = math.exp(float(scratch.logits[index]) - float(highest)) / total
            scratch.logits[index] = (share - (1.0 if k == label else 0.0)) / batch
    for lane in range(len(rows), lanes):
        for k in range(classes):
            scratch.logits[k * lanes + lane] = 0
    return loss, correct


@jit
def backward_tile(species, plan, parameters, data, rows, steps, scratch, gradient):
    """The gradient of a batch's mean loss that comes from this tile's strings.

    Scratch is as `forward_tile` and `loss_gradient` leave it.

    Every entry of `gradient` is written, up to the last whole row of lanes, and none is read: sums
    over tiles are the caller's.
    """
    network = record(plan.network, 0)
    lanes, width, units = network.lanes, network.width, network.units
    for index in range(steps * units * lanes):
        scratch.unit_gradients[index] = 0
    for k in range(network.classes):
        delta = load(species, scratch.logits, k)
        gradient[network.readout_bias + k] = sum_lanes(delta)
        weight = network.readout_weight + k * network.last_size
        for j in range(network.last_size):
            gradient[weight + j] = sum_lanes(delta * load(species, scratch.read, j))
    for j in range(network.last_size):
        total = splat(species, 0.0)
        for k in range(network.classes):
            weight = at(parameters, network.readout_weight + k * network.last_size + j)
            total = fma(weight, load(species, scratch.logits, k), total)
        store(species, scratch.read, j, total)
    for lane in range(lanes):
        t = _read_step(network, data, rows, lane, steps)
        target = (t * units + network.last) * lanes + lane
        for k in range(network.last_size):
            scratch.unit_gradients[target + k * lanes] = scratch.read[k * lanes + lane]
    for number in range(network.blocks - 1, -1, -1):
        backward_block(species, plan, record(plan.blocks, number), steps, scratch, gradient)
    for index in range(network.readout_bias + network.classes, network.size):
        gradient[index] = 0
    for index in range(network.holes):
        gradient[plan.holes[index]] = 0
    for index in range(network.symbols * width):
        gradient[index] = 0
    for lane in range(len(rows)):
        for t in range(steps):
            target, source = at(scratch.letters, t * lanes + lane), t * units * lanes + lane
            for k in range(width):
                gradient[target + k] += at(scratch.unit_gradients, source + k * lanes)


@jit
def _read_step(network, data, rows, lane, steps):
    """The step at which a string is read out."""
    if network.reads_last_step:
        return data.lengths[rows[min(lane, len(rows) - 1)]] - 1
    return steps - 1
