"""Kernels that Python calls: training steps, one block's gradient, an optimiser's step, logits."""

import math

from numba import njit

from sparsebench.engines.compiled_code import warn_not_cached
from sparsebench.engines.fused.memory import BLOCK
from sparsebench.engines.fused.optimisers import update
from sparsebench.engines.fused.pointers import plan_pointers, scratch_pointers, state_pointers
from sparsebench.engines.fused.readout import count_answers, loss_gradient
from sparsebench.engines.fused.simd import GROUP, groups, jit, load, pointer, record, store
from sparsebench.engines.fused.tile import backward_tile, forward_tile
from sparsebench.engines.populations import FINISHED, GRADIENT, LOSS
from sparsebench.parts.examples import CLASSES


def entry(function):
    """Compile a kernel, and cache it on disk with everything that it calls, if there is a folder."""
    try:
        return njit(nogil=True, error_model="numpy", cache=True)(function)
    except RuntimeError:  # Numba finds no folder that it can write to
        warn_not_cached("Numba", "NUMBA_CACHE_DIR")
        return njit(nogil=True, error_model="numpy")(function)


@jit
def prepare(plan, parameters, scratch):
    """Compute what is constant within a step: weights by column, sums of biases."""
    network = record(plan.network, 0)
    if network.keeps_gates:  # a backward pass follows
        for index in range(network.kept):
            scratch.transposed[index] = parameters[plan.back_entries[index]]
    for number in range(network.blocks):
        block = record(plan.blocks, number)
        for row in range(block.rows):
            own = parameters[block.i2h_bias + row]
            recurrent = parameters[block.h2h_bias + row]
            if row < block.shared:
                scratch.biases[block.gates + row] = own + recurrent
            else:
                scratch.biases[block.gates + row] = own
                scratch.biases[block.gates + row + block.rows - block.shared] = recurrent


@jit
def batch_steps(data, batch):
    """The padded length of a batch."""
    longest = 0
    for row in batch:
        longest = max(longest, data.lengths[row])
    return longest


@jit
def add_rows(spec, network, total, values):
    """Add one vector of the network's size to another."""
    for row in range(network.size // GROUP):
        store(spec, total, row, load(spec, total, row) + load(spec, values, row))


@jit
def gradient_of_block(
    spec, plan, parameters, data, batch, block, steps, answers, scratch, gradient
):  # fmt: skip
    """Forward and backward pass of one block of a batch; returns its summed loss and right answers.

    `batch` holds the numbers of its strings in the data, `answers` the number of their answers. A
    block is one tile, or two if a vector holds one group: on every processor, its gradient is the
    sum of those of its groups.
    """
    network = record(plan.network, 0)
    strings = batch[block * BLOCK : (block + 1) * BLOCK]
    loss, correct = 0.0, 0
    for first in range(0, len(strings), network.lanes):
        rows = strings[first : first + network.lanes]
        forward_tile(spec, plan, parameters, data, rows, steps, scratch)
        lost, right = loss_gradient(network, data, rows, steps, answers, scratch)
        loss += lost
        correct += right
        own = gradient if first == 0 else scratch.tile_gradient
        backward_tile(spec, plan, parameters, data, rows, steps, scratch, own)
        if first:
            add_rows(groups(spec), network, gradient, own)
    return loss, correct


@entry
def train(
    spec, plan, state, data, order, training, first_step, losses, correct, answers, scratch
):  # fmt: skip
    """Train one network on batches taken in order; the last one may be smaller.

    The summed loss, right answers and all answers of each batch are written to `losses`, `correct`
    and `answers`. If the loss or the gradient is not finite, the step is not done, and training
    ends. Returns the number of steps done and the reason for the end.
    """
    plan, state, scratch = plan_pointers(plan), state_pointers(state), scratch_pointers(scratch)
    network, size = record(plan.network, 0), training[0].batch_size
    done = 0
    for start in range(0, len(order), size):
        batch = order[start : start + size]
        steps = batch_steps(data, batch)
        prepare(plan, state.parameters, scratch)
        losses[done], correct[done] = 0.0, 0
        answers[done] = count_answers(network, data, batch)
        for index in range(network.size):
            scratch.gradient[index] = 0
        for block in range((len(batch) + BLOCK - 1) // BLOCK):
            loss, right = gradient_of_block(
                spec, plan, state.parameters, data, batch, block, steps, answers[done],
                scratch, scratch.block_gradient,
            )  # fmt: skip
            losses[done] += loss
            correct[done] += right
            add_rows(groups(spec), network, scratch.gradient, scratch.block_gradient)
        if not math.isfinite(losses[done]):
            return done, LOSS
        if not update(groups(spec), plan, state, scratch.gradient, first_step + done, training):
            return done, GRADIENT
        done += 1
    return done, FINISHED


@entry
def block_gradient(spec, plan, parameters, data, batch, block, scratch, gradient):
    """One block's share of the gradient of a batch's mean loss, for threads that share a batch.

    Returns its summed loss, its right answers, and the number of answers of the whole batch.
    """
    plan, scratch = plan_pointers(plan), scratch_pointers(scratch)
    parameters, gradient = pointer(parameters), pointer(gradient)
    prepare(plan, parameters, scratch)
    steps = batch_steps(data, batch)
    answers = count_answers(record(plan.network, 0), data, batch)
    loss, correct = gradient_of_block(
        spec, plan, parameters, data, batch, block, steps, answers, scratch, gradient
    )
    return loss, correct, answers


@entry
def apply(spec, plan, state, gradient, step, training):
    """Do an optimiser's step with a gradient summed over blocks; False if that is not finite."""
    return update(
        groups(spec),
        plan_pointers(plan),
        state_pointers(state),
        pointer(gradient),
        step,
        training,
    )


@entry
def classify(spec, plan, parameters, data, batch, scratch, logits):
    """Outputs for one batch: (len(batch), classes), or (len(batch), T * classes) for every step.

    Nothing is written for steps after the end of the batch's longest sequence.
    """
    plan, parameters, scratch = plan_pointers(plan), pointer(parameters), scratch_pointers(scratch)
    network = record(plan.network, 0)
    prepare(plan, parameters, scratch)
    steps = batch_steps(data, batch)
    said = network.classes * (steps if data.form[0].asked == CLASSES else 1)
    for start in range(0, len(batch), network.lanes):
        rows = batch[start : start + network.lanes]
        forward_tile(spec, plan, parameters, data, rows, steps, scratch)
        for lane in range(len(rows)):
            for k in range(said):
                logits[start + lane, k] = scratch.logits[k * network.lanes + lane]
