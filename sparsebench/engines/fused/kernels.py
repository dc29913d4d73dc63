"""What Python calls: training steps, one tile's gradient, an optimiser's step, logits."""

import math

from numba import njit

from sparsebench.engines.compiled_code import say_not_kept
from sparsebench.engines.fused.optimisers import update
from sparsebench.engines.fused.pointers import plan_pointers, scratch_pointers, state_pointers
from sparsebench.engines.fused.readout import count_answers, loss_gradient
from sparsebench.engines.fused.simd import jit, load, pointer, record, store
from sparsebench.engines.fused.tile import backward_tile, forward_tile
from sparsebench.engines.populations import FINISHED, GRADIENT, LOSS
from sparsebench.parts.examples import CLASSES


def entry(function):
    """Compile one of them: kept on disk, with everything that it calls, if there is a place for it."""
    try:
        return njit(nogil=True, error_model="numpy", cache=True)(function)
    except RuntimeError:  # Numba finds no folder that it can write
        say_not_kept("Numba", "NUMBA_CACHE_DIR")
        return njit(nogil=True, error_model="numpy")(function)


@jit
def prepare(plan, parameters, scratch):
    """What follows from the parameters and stays for a step: weights by column, sums of biases."""
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
def gradient_of_tile(
    species, plan, parameters, data, batch, tile, steps, answers, scratch, gradient
):  # fmt: skip
    """Forward and backward of one tile of a batch; its summed loss and how many answers were right.

    `batch` holds the numbers of its sequences in the data, `answers` how many answers they have.
    """
    network = record(plan.network, 0)
    rows = batch[tile * network.lanes : (tile + 1) * network.lanes]
    forward_tile(species, plan, parameters, data, rows, steps, scratch)
    loss, correct = loss_gradient(network, data, rows, steps, answers, scratch)
    backward_tile(species, plan, parameters, data, rows, steps, scratch, gradient)
    return loss, correct


@entry
def train(
    species, plan, state, data, order, training, first_step, losses, correct, answers, scratch
):  # fmt: skip
    """Train one network on batches taken in order, the last of them short if need be.

    The summed loss, the correct answers and all answers of each batch go to `losses`, `correct` and
    `answers`. A step whose loss or gradient is not finite is not taken, and training ends there.
    Returns the steps taken and why it ended.
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
        for tile in range((len(batch) + network.lanes - 1) // network.lanes):
            loss, right = gradient_of_tile(
                species, plan, state.parameters, data, batch, tile, steps, answers[done],
                scratch, scratch.tile_gradient,
            )  # fmt: skip
            losses[done] += loss
            correct[done] += right
            for row in range(network.size // network.lanes):
                total = load(species, scratch.gradient, row)
                total += load(species, scratch.tile_gradient, row)
                store(species, scratch.gradient, row, total)
        if not math.isfinite(losses[done]):
            return done, LOSS
        if not update(species, plan, state, scratch.gradient, first_step + done, training):
            return done, GRADIENT
        done += 1
    return done, FINISHED


@entry
def tile_gradient(species, plan, parameters, data, batch, tile, scratch, gradient):
    """One tile's share of the gradient of a batch's mean loss, for threads that share a batch.

    Returns its summed loss, how many answers were right, and how many the whole batch has.
    """
    plan, scratch = plan_pointers(plan), scratch_pointers(scratch)
    parameters, gradient = pointer(parameters), pointer(gradient)
    prepare(plan, parameters, scratch)
    steps = batch_steps(data, batch)
    answers = count_answers(record(plan.network, 0), data, batch)
    loss, correct = gradient_of_tile(
        species, plan, parameters, data, batch, tile, steps, answers, scratch, gradient
    )
    return loss, correct, answers


@entry
def apply(species, plan, state, gradient, step, training):
    """Take an optimiser's step with a gradient whose tiles were shared out; False if not finite."""
    return update(
        species, plan_pointers(plan), state_pointers(state), pointer(gradient), step, training
    )


@entry
def classify(species, plan, parameters, data, batch, scratch, logits):
    """What is said of one batch: (len(batch), classes), or (len(batch), T * classes) at every step.

    Nothing is written for steps after the end of the batch's longest sequence.
    """
    plan, parameters, scratch = plan_pointers(plan), pointer(parameters), scratch_pointers(scratch)
    network = record(plan.network, 0)
    prepare(plan, parameters, scratch)
    steps = batch_steps(data, batch)
    said = network.classes * (steps if data.form[0].asked == CLASSES else 1)
    for start in range(0, len(batch), network.lanes):
        rows = batch[start : start + network.lanes]
        forward_tile(species, plan, parameters, data, rows, steps, scratch)
        for lane in range(len(rows)):
            for k in range(said):
                logits[start + lane, k] = scratch.logits[k * network.lanes + lane]
