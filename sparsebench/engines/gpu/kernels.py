"""Kernels that Python launches: the gradients of a step, the optimiser's step, logits.

A tile's program has one warp for every 32 lanes, so that each thread has one lane (see `lanes`).
One kernel's results need no barrier before the next one reads them, because launches on a stream
run in order. No program adds to what another has written, so results depend neither on timing nor
on the other networks.

Whole warps read rows of scratch in one piece; weights and indices are read once for all lanes. A
warp mostly waits for memory, so a GPU is busy only with hundreds of programs at a time.
"""

import triton
import triton.language as tl

from sparsebench.engines.gpu.adam import sum_tiles, update
from sparsebench.engines.gpu.lanes import load
from sparsebench.engines.gpu.records import lay_out, network_record
from sparsebench.engines.gpu.tile import backward_tile, forward_tile, loss_and_correct

_LOSS, _GRADIENT = tl.constexpr(1), tl.constexpr(2)
"""Why training of a network stopped, as in `population`; 0 if it did not."""

_INFINITY = tl.constexpr(float("inf"))

_SIZES = [
    "string_count", "letter_count", "total", "rows_of_scratch", "batches", "step", "batch_size",
    "tiles", "first_piece", "piece_count",
]  # fmt: skip
"""Numbers for whose values a kernel is not compiled again."""


@triton.jit(do_not_specialize=_SIZES)
def tile_gradients(
    networks, state, strings, orders, results, numbers, transposed, gradients, memory,
    string_count, letter_count, total, rows_of_scratch, batches, step, batch_size, tiles,
    variant: tl.constexpr, reads_last_step: tl.constexpr, lanes: tl.constexpr,
):  # fmt: skip
    """Forward and backward pass of batch `step` of some networks; program p has tile p % tiles.

    Writes the tile's gradient to its slice of `gradients` (tiles, total), and its summed loss and
    right answers to `results`. Networks that have stopped or have no examples left do nothing.
    """
    program = tl.program_id(0)
    number, tile = tl.load(numbers + program // tiles), program % tiles
    first = tl.load(orders.firsts + number) + step * batch_size
    batch = tl.minimum(tl.load(orders.firsts + number + 1) - first, batch_size)
    if (tl.load(results.stopped + number) == 0) & (batch > tile * lanes):
        lane = tile * lanes + tl.arange(0, lanes)
        present = lane < batch
        # an empty lane repeats the last string, whose values are finite if the loss is
        rows = tl.load(orders.strings + first + tl.minimum(lane, batch - 1))
        steps = tl.load(orders.steps + number * batches + step)
        network = network_record(networks.records, number)
        own = memory + program.to(tl.int64) * rows_of_scratch * lanes
        scratch = lay_out(own, network, steps, lanes)
        forward_tile(
            networks, network, state.parameters, strings, string_count, rows, steps, scratch,
            variant, reads_last_step,
        )  # fmt: skip
        loss, correct = loss_and_correct(network, strings, rows, present, scratch)
        tl.store(results.tile_losses + number * tiles + tile, loss)
        tl.store(results.tile_correct + number * tiles + tile, correct)
        backward_tile(
            networks, network, state.parameters, transposed, strings, letter_count, rows, present,
            batch, steps, scratch, gradients + tile.to(tl.int64) * total, variant, reads_last_step,
        )  # fmt: skip


@triton.jit(do_not_specialize=_SIZES)
def apply(
    networks, state, orders, results, numbers, protocol, gradients, total, batches, step,
    batch_size, tiles, lanes: tl.constexpr, block: tl.constexpr,
):  # fmt: skip
    """Sum each network's tiles and do the optimiser's step, or stop the network.

    There is one program for each network. Its steps are counted from `orders.taken`, those of
    earlier calls.
    """
    number = tl.load(numbers + tl.program_id(0))
    first = tl.load(orders.firsts + number) + step * batch_size
    batch = tl.minimum(tl.load(orders.firsts + number + 1) - first, batch_size)
    stopped = tl.load(results.stopped + number)
    if (stopped == 0) & (batch > 0):
        used = (batch + lanes - 1) // lanes
        network = network_record(networks.records, number)
        loss = tl.load(results.tile_losses + number * tiles)
        correct = tl.load(results.tile_correct + number * tiles)
        for tile in range(1, used):
            loss += tl.load(results.tile_losses + number * tiles + tile)
            correct += tl.load(results.tile_correct + number * tiles + tile)
        gradient = gradients + network.parameters
        norm = sum_tiles(gradient, network.size, used, total, block)
        # the summed gradient may be read by other threads than wrote it; `stopped` was read by all
        tl.debug_barrier()
        tl.store(results.losses + number * batches + step, loss)
        tl.store(results.correct + number * batches + step, correct)
        if tl.abs(loss) < _INFINITY:
            if norm < _INFINITY:
                update(
                    state.parameters + network.parameters, state.means + network.parameters,
                    state.squares + network.parameters, gradient, network.size, norm,
                    tl.load(orders.taken + number) + step + 1, tl.load(protocol),
                    tl.load(protocol + 1), block,
                )  # fmt: skip
                tl.store(results.done + number, step + 1)
            else:
                tl.store(results.stopped + number, _GRADIENT)
        else:
            tl.store(results.stopped + number, _LOSS)


@triton.jit(do_not_specialize=_SIZES)
def classify(
    networks, parameters, strings, pieces, logits, memory, string_count, rows_of_scratch,
    first_piece, piece_count,
    variant: tl.constexpr, reads_last_step: tl.constexpr, lanes: tl.constexpr,
):  # fmt: skip
    """The logits (networks, N, classes) of some pieces: tiles of batches taken in order."""
    program = tl.program_id(0)
    number, piece = program // piece_count, first_piece + program % piece_count
    first, count = tl.load(pieces.firsts + piece), tl.load(pieces.counts + piece)
    steps = tl.load(pieces.steps + piece)
    lane = tl.arange(0, lanes)
    rows = first + tl.minimum(lane, count - 1)
    network = network_record(networks.records, number)
    own = memory + program.to(tl.int64) * rows_of_scratch * lanes
    scratch = lay_out(own, network, steps, lanes)
    forward_tile(
        networks, network, parameters, strings, string_count, rows, steps, scratch,
        variant, reads_last_step,
    )  # fmt: skip
    target = logits + (number.to(tl.int64) * string_count + rows) * network.classes
    for k in range(network.classes):
        tl.store(target + k, load(scratch.logits, k), mask=lane < count)
