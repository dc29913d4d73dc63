"""One tile: as many strings of a batch as there are lanes, through a network and back."""

import triton
import triton.language as tl

from sparsebench.engines.gpu.block import backward_block, forward_block
from sparsebench.engines.gpu.gradients import write_embedding_gradient
from sparsebench.engines.gpu.lanes import load, store, zeros
from sparsebench.engines.gpu.records import block_record


@triton.jit
def forward_tile(
    networks, network, parameters, strings, string_count, rows, steps, scratch,
    variant: tl.constexpr, reads_last_step: tl.constexpr,
):  # fmt: skip
    """Run a network on one string in each lane and leave the logits in scratch.

    `rows` holds the numbers of the strings in the data.
    """
    width, units = network.width, network.units
    embedding = parameters + network.parameters
    for t in range(steps):
        code = tl.load(strings.codes + t * string_count + rows).to(tl.int32)
        store(scratch.codes, t, code.to(scratch.codes.dtype.element_ty))
        for k in range(width):
            store(scratch.units, t * units + k, tl.load(embedding + code * width + k))
    for number in range(network.first_block, network.first_block + network.blocks):
        block = block_record(networks.blocks, number)
        forward_block(networks, block, units, steps, parameters, scratch, variant)
    shift = read_shift(network, strings, rows, steps, scratch, reads_last_step)
    for k in range(network.classes):
        total = zeros(scratch.logits) + tl.load(parameters + network.readout_bias + k)
        weight = parameters + network.readout_weight + k * network.last_size
        for j in range(network.last_size):
            total = tl.fma(tl.load(weight + j), load(scratch.units + shift, j), total)
        store(scratch.logits, k, total)


@triton.jit
def read_shift(network, strings, rows, steps, scratch, reads_last_step: tl.constexpr):
    """Offset of each lane's readout from the start of the unit axis over time, in numbers."""
    step = tl.zeros(scratch.units.shape, tl.int32) + (steps - 1)
    if reads_last_step:
        step = tl.load(strings.lengths + rows) - 1
    return (step * network.units + network.last) * scratch.units.shape[0]


@triton.jit
def loss_and_correct(network, strings, rows, present, scratch):
    """The summed cross entropy of present strings, in nats, and the number of right answers.

    A NaN logit makes the loss NaN. Of equal logits the first counts as the highest.
    """
    highest, total = _highest_and_sum(network, scratch)
    best = tl.zeros(rows.shape, tl.int32)
    of_best = load(scratch.logits, 0)
    for k in range(1, network.classes):
        logit = load(scratch.logits, k)
        best = tl.where(logit > of_best, k, best)
        of_best = tl.where(logit > of_best, logit, of_best)
    label = tl.load(strings.labels + rows)
    own = load(scratch.logits, label).to(tl.float64)
    loss = tl.where(present, tl.log(total) + highest - own, 0.0)
    right = (best == label) & present
    return tl.sum(loss, 0), tl.sum(right.to(tl.int32), 0)


@triton.jit
def backward_tile(
    networks, network, parameters, transposed, strings, letter_count, rows, present, batch, steps,
    scratch, gradient, variant: tl.constexpr, reads_last_step: tl.constexpr,
):  # fmt: skip
    """The gradient of a batch's mean loss from this tile's strings.

    `batch` is the number of strings of the batch. Rows of the embedding are not written for letters
    that do not occur in the data.
    """
    units, last_size = network.units, network.last_size
    _loss_gradient(network, strings, rows, present, batch, scratch)
    for row in range(steps * units):
        store(scratch.unit_gradients, row, zeros(scratch.unit_gradients))
    shift = read_shift(network, strings, rows, steps, scratch, reads_last_step)
    for k in range(network.classes):
        delta = load(scratch.logits, k)
        tl.store(gradient + network.readout_bias + k, tl.sum(delta, 0))
        weight = gradient + network.readout_weight + k * last_size
        for j in range(last_size):
            tl.store(weight + j, tl.sum(delta * load(scratch.units + shift, j), 0))
    for j in range(last_size):
        total = zeros(scratch.logits)
        for k in range(network.classes):
            weight = tl.load(parameters + network.readout_weight + k * last_size + j)
            total = tl.fma(weight, load(scratch.logits, k), total)
        store(scratch.unit_gradients + shift, j, total)
    for number in range(network.blocks):
        place = network.first_block + network.blocks - 1 - number
        block = block_record(networks.blocks, place)
        backward_block(networks, block, units, steps, transposed, scratch, gradient, variant)
    write_embedding_gradient(
        steps, strings.letters, letter_count, network.width, scratch.codes,
        scratch.unit_gradients, units, gradient + network.parameters,
    )  # fmt: skip
    tl.debug_barrier()  # another thread may have written a hole's gradient
    for first in range(0, network.holes, rows.shape[0]):
        hole = first + tl.arange(0, rows.shape[0])
        inside = hole < network.holes
        place = tl.load(networks.holes + network.first_hole + hole, mask=inside, other=0)
        tl.store(gradient + place, zeros(scratch.logits), mask=inside)


@triton.jit
def _highest_and_sum(network, scratch):
    """The highest logit, and the sum of exp(logit - highest), in double precision."""
    highest = load(scratch.logits, 0)
    for k in range(1, network.classes):
        highest = tl.maximum(highest, load(scratch.logits, k))
    highest = highest.to(tl.float64)
    total = tl.zeros(highest.shape, tl.float64)
    for k in range(network.classes):
        total += tl.exp(load(scratch.logits, k).to(tl.float64) - highest)
    return highest, total


@triton.jit
def _loss_gradient(network, strings, rows, present, batch, scratch):
    """Replace each logit by the derivative of the batch's mean loss, zero in empty lanes."""
    highest, total = _highest_and_sum(network, scratch)
    label = tl.load(strings.labels + rows)
    for k in range(network.classes):
        share = tl.exp(load(scratch.logits, k).to(tl.float64) - highest) / total
        delta = (share - tl.where(label == k, 1.0, 0.0)) / batch
        delta = tl.where(present, delta, 0.0)
        store(scratch.logits, k, delta.to(scratch.logits.dtype.element_ty))
