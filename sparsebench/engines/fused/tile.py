"""One tile: as many sequences of a batch as a vector has lanes, through a network and back."""

from __future__ import annotations

from sparsebench.engines.fused.block import backward_block, forward_block
from sparsebench.engines.fused.readout import backward_readout, forward_readout
from sparsebench.engines.fused.simd import GROUP, any_cell, at, jit, record


@jit
def forward_tile(spec, plan, parameters, data, rows, steps, scratch):
    """Run a network on up to `lanes` sequences and leave the outputs in scratch.

    `rows` holds the numbers of the sequences in the data. Lanes without a sequence repeat the last
    one, because other values might overflow, and zero times infinity is not zero.
    """
    network = record(plan.network, 0)
    lanes, width, units = network.lanes, network.width, network.units
    if data.form[0].letters:
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
    else:
        for lane in range(lanes):
            source = rows[min(lane, len(rows) - 1)] * data.form[0].longest * width
            for t in range(steps):
                for k in range(width):
                    value = data.vectors[source + t * width + k]
                    scratch.units[(t * units + k) * lanes + lane] = value
    for number in range(network.blocks):
        forward_block(spec, plan, record(plan.blocks, number), steps, parameters, scratch)
    forward_readout(any_cell(spec), network, parameters, data, rows, steps, scratch)


@jit
def backward_tile(spec, plan, parameters, data, rows, steps, scratch, gradient):
    """The gradient of a batch's mean loss from this tile's sequences.

    Scratch must be as `forward_tile` and `loss_gradient` leave it.

    Every entry of `gradient` is written, up to the last whole group, and none is read; the caller
    sums over tiles.
    """
    network = record(plan.network, 0)
    lanes, width, units = network.lanes, network.width, network.units
    for index in range(steps * units * lanes):
        scratch.unit_gradients[index] = 0
    backward_readout(any_cell(spec), network, parameters, data, rows, steps, scratch, gradient)
    for number in range(network.blocks - 1, -1, -1):
        backward_block(spec, plan, record(plan.blocks, number), steps, scratch, gradient)
    for index in range(network.readout_bias + network.classes, network.size):
        gradient[index] = 0
    for index in range(network.holes):
        gradient[plan.holes[index]] = 0
    if data.form[0].letters:
        for index in range(network.symbols * width):
            gradient[index] = 0
        for first in range(0, len(rows), GROUP):
            _write_letters_gradient(network, first, rows, steps, scratch)
            for index in range(network.symbols * width):
                gradient[index] += scratch.embedding[index]


@jit
def _write_letters_gradient(network, first, rows, steps, scratch):
    """The embedding's gradient from one group of strings, added string by string."""
    lanes, width, units = network.lanes, network.width, network.units
    for index in range(network.symbols * width):
        scratch.embedding[index] = 0
    for lane in range(first, min(first + GROUP, len(rows))):
        for t in range(steps):
            target, source = at(scratch.letters, t * lanes + lane), t * units * lanes + lane
            for k in range(width):
                scratch.embedding[target + k] += at(scratch.unit_gradients, source + k * lanes)
