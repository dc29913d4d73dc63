"""Populations: independent networks, trained and evaluated together on the fused engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from queue import Empty, SimpleQueue
from typing import TypeVar

import numpy as np

from sparsebench.engines.evaluation import Evaluation
from sparsebench.engines.fused import kernels, memory
from sparsebench.engines.fused.denormals import without_denormals
from sparsebench.engines.fused.species import Species, lanes_for
from sparsebench.engines.populations import (
    FINISHED,
    GRADIENT,
    LOSS,
    Epoch,
    Progress,
    Stopped,
    check_alike,
    check_examples,
    check_orders,
    judged_examples,
)
from sparsebench.parts.plan import Plan
from sparsebench.parts.sequences import CLASSES, Examples, asked, outputs
from sparsebench.values.checks import one_of, whole_number
from sparsebench.values.masks import Weights
from sparsebench.values.protocol import Training
from sparsebench.values.semantics import CHOICES

Piece = TypeVar("Piece")

_BATCHES = 16
"""Batches that a thread classifies at a time."""


class Population:
    """Networks of one variant and any structure, each with its own weights and optimiser.

    A network's figures are the same bit for bit whichever others are with it and however many
    threads share the work: each has its own order of strings, its own clipping norm and its own Adam
    state, and sums are taken in one order. Between machines with other vectors they differ by
    rounding. Its methods are not to be called from two threads at once.

    Parameters
    ----------
    plans
        The structure of each network.
    weights
        The named arrays of each.
    readout
        `padded` or `last_step`, see `sparsebench.values.semantics.Semantics`.
    training
        Batch size, optimiser, learning rate and clipping norm.
    threads
        Threads that share the networks, or the tiles of a batch where those give more of them work;
        to classify, they share batches.
    dtype
        `float32`, or `float64` to check gradients with.
    progress
        Told when a loop is first needed: it is compiled if this machine has not seen it, else loaded.

    Raises
    ------
    ValueError
        If there is no network, variants or numbers of classes differ, or weights do not fit their
        plan.
    """

    def __init__(
        self,
        plans: Sequence[Plan],
        weights: Sequence[Weights],
        readout: str,
        training: Training,
        threads: int = 1,
        dtype: str = "float32",
        progress: Callable[[str], None] = lambda message: None,
    ) -> None:
        variant = check_alike(plans, len(weights))
        one_of("semantics switch readout", readout, CHOICES["readout"])
        whole_number("threads", threads, 1)
        self.plans = list(plans)
        self._done = Progress(len(plans))
        self._readout, self._training, self._threads = readout, training, threads
        self._dtype, self._progress = np.dtype(dtype), progress
        self._species = Species(variant, dtype, lanes_for(training.batch_size))
        lanes = self._species.lanes
        self._states = [
            memory.state(plan.pack(one, self._dtype), lanes)
            for plan, one in zip(plans, weights, strict=True)
        ]
        self._arrays = [memory.plan_arrays(plan, readout, lanes) for plan in plans]
        self._scratches: dict[tuple[Species, int], tuple[tuple[int, bool], memory.Scratch]] = {}

    @property
    def stopped(self) -> dict[int, Stopped]:
        """Number of a network -> why it is no longer trained."""
        return self._done.stopped

    def weights(self, number: int, pruned: Weights | None = None) -> dict[str, np.ndarray]:
        """A network's named arrays; see `Plan.unpack` for `pruned`."""
        plan = self.plans[number]
        return plan.unpack(self._states[number].parameters[: plan.size], pruned)

    def train(
        self, examples: Examples, orders: Sequence[np.ndarray], rate: float | None = None
    ) -> list[Epoch | None]:
        """Train every network on batches of examples, each in an order of its own.

        Parameters
        ----------
        examples
            What there is to train on.
        orders
            For each network the numbers of the examples to take, batch after batch.
        rate
            The learning rate; None: that of the first epoch.

        Returns
        -------
        list
            What each network did; None for those that were stopped before.

        Raises
        ------
        ValueError
            If an order names an example that is not there, or an example has something that the
            networks do not know.
        """
        orders = check_orders(orders, len(self.plans), examples)
        data, steps = self._data(examples), (examples.inputs.shape[1], asked(examples) == CLASSES)
        protocol = memory.protocol_arrays(
            self._training, self._training.learning_rate if rate is None else rate
        )
        results: list[Epoch | None] = [None] * len(self.plans)
        running = self._done.running()
        tiles = -(-self._training.batch_size // self._species.lanes)
        if min(self._threads, tiles) > len(running):
            self._announce(self._species, "training by tiles")
            for number in running:
                results[number] = self._train_by_tiles(
                    number, data, orders[number], protocol, steps
                )
            return results
        self._announce(self._species, "training")

        def work(number: int, scratch: memory.Scratch) -> None:
            results[number] = self._train_one(number, data, orders[number], protocol, scratch)

        self._share(work, self._heaviest_first(running), self._species, steps)
        return results

    def logits(self, examples: Examples, batch_size: int) -> np.ndarray:
        """What every network says of some examples, in batches of `batch_size` taken in order.

        Returns
        -------
        numpy.ndarray
            (networks, N, classes), or (networks, N, T * classes) where each step has an answer; what
            would be said after a batch's end is zero.

        Raises
        ------
        ValueError
            If an example has something that the networks do not know.
        """
        whole_number("batch_size", batch_size, 1)
        data = self._data(examples)
        species = Species(self._species.variant, self._dtype.name, lanes_for(batch_size))
        said = outputs(examples, self.plans[0].layout.classes)
        results = np.zeros((len(self.plans), len(examples), said), self._dtype)
        rows = np.arange(len(examples))
        arrays = [
            memory.plan_arrays(plan, self._readout, species.lanes, keeps_gates=False)
            for plan in self.plans
        ]
        self._announce(species, "classifying")

        def work(piece: tuple[int, int], scratch: memory.Scratch) -> None:
            number, begin = piece
            parameters = self._states[number].parameters
            for start in range(begin, min(begin + size, len(rows)), batch_size):
                part = slice(start, start + batch_size)
                kernels.classify(
                    species,
                    arrays[number],
                    parameters,
                    data,
                    rows[part],
                    scratch,
                    results[number, part],
                )

        size = _BATCHES * batch_size
        pieces = [
            (number, begin)
            for number in self._heaviest_first(range(len(self.plans)))
            for begin in range(0, len(rows), size)
        ]
        steps = examples.inputs.shape[1], asked(examples) == CLASSES
        self._share(work, pieces, species, steps)
        return results

    def evaluate(self, examples: Examples, batch_size: int) -> list[Evaluation]:
        """Accuracy and mean loss of every network; a loss is NaN or infinite where a logit is."""
        return [judged_examples(said, examples) for said in self.logits(examples, batch_size)]

    def _train_one(
        self,
        number: int,
        data: memory.Data,
        order: np.ndarray,
        protocol: np.ndarray,
        scratch: memory.Scratch,
    ) -> Epoch:
        losses, correct, answers = self._room(order)
        done, reason = kernels.train(
            self._species,
            self._arrays[number],
            self._states[number],
            data,
            order,
            protocol,
            self._done.steps[number] + 1,
            losses,
            correct,
            answers,
            scratch,
        )
        return self._done.note(number, reason, losses[:done], correct[:done], answers[:done])

    def _train_by_tiles(
        self,
        number: int,
        data: memory.Data,
        order: np.ndarray,
        protocol: np.ndarray,
        steps: tuple[int, bool],
    ) -> Epoch:
        """The same steps as `_train_one`, with the tiles of each batch shared out over threads."""
        size, lanes, plan = self._training.batch_size, self._species.lanes, self._arrays[number]
        state, tiles = self._states[number], -(-size // lanes)
        losses, correct, answers = self._room(order)
        scratches = [self._scratch(tile, self._species, steps) for tile in range(tiles)]
        done, reason = 0, FINISHED
        with ThreadPoolExecutor(self._threads) as pool, without_denormals():
            for start in range(0, len(order), size):
                batch = order[start : start + size]

                def share(tile: int, batch: np.ndarray = batch) -> tuple[float, int, int]:
                    own = scratches[tile]
                    with without_denormals():
                        return kernels.tile_gradient(
                            self._species, plan, state.parameters, data, batch, tile, own,
                            own.tile_gradient,
                        )  # fmt: skip

                used = range(-(-len(batch) // lanes))
                gradient = np.zeros_like(state.parameters)
                for tile, shared in zip(used, pool.map(share, used), strict=True):
                    losses[done] += shared[0]
                    correct[done] += shared[1]
                    answers[done] = shared[2]
                    gradient += scratches[tile].tile_gradient[: len(gradient)]
                step = self._done.steps[number] + 1 + done
                if not np.isfinite(losses[done]):
                    reason = LOSS
                elif not kernels.apply(self._species, plan, state, gradient, step, protocol):
                    reason = GRADIENT
                if reason != FINISHED:
                    break
                done += 1
        return self._done.note(number, reason, losses[:done], correct[:done], answers[:done])

    def _room(self, order: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Where the losses, right answers and all answers of each batch go."""
        batches = -(-len(order) // self._training.batch_size) + 1
        return np.zeros(batches), np.zeros(batches, np.int64), np.zeros(batches, np.int64)

    def _heaviest_first(self, numbers: Sequence[int]) -> list[int]:
        """The order in which threads take networks, so that none is left with a long one at the end."""
        return sorted(numbers, key=lambda number: -self.plans[number].kept)

    def _share(
        self,
        work: Callable[[Piece, memory.Scratch], None],
        pieces: Sequence[Piece],
        species: Species,
        steps: tuple[int, bool],
    ) -> None:
        """Do every piece of some work, each thread with scratch of its own."""
        waiting: SimpleQueue[Piece] = SimpleQueue()
        for piece in pieces:
            waiting.put(piece)

        def run(thread: int) -> None:
            scratch = self._scratch(thread, species, steps)
            with without_denormals():
                while True:
                    try:
                        piece = waiting.get_nowait()
                    except Empty:
                        return
                    work(piece, scratch)

        threads = min(self._threads, len(pieces))
        if threads <= 1:
            run(0)
            return
        with ThreadPoolExecutor(threads) as pool:
            for done in [pool.submit(run, thread) for thread in range(threads)]:
                done.result()

    def _announce(self, species: Species, loop: str) -> None:
        """Say that a loop will be compiled or loaded, when this process first needs it."""
        if (species, loop) not in _announced:
            _announced.add((species, loop))
            self._progress(
                f"preparing the fused {species.variant} loop for {loop}, {species.lanes} strings at "
                "a time (compiled once on a machine, about 10 s; then loaded from disk)"
            )

    def _scratch(self, thread: int, species: Species, steps: tuple[int, bool]) -> memory.Scratch:
        """A thread's scratch, large enough for every network; made once, because pages cost time.

        `steps` says of how many steps, and whether what is said after each of them is kept.
        """
        room, made = self._scratches.get((species, thread), ((0, False), None))
        if made is None or room[0] < steps[0] or room[1] < steps[1]:
            room = max(room[0], steps[0]), room[1] or steps[1]
            made = memory.scratch(self.plans, *room, species.lanes, species.dtype)
            self._scratches[species, thread] = room, made
        return made

    def _data(self, examples: Examples) -> memory.Data:
        check_examples(self.plans, examples)
        return memory.data_arrays(examples)


_announced: set[tuple[Species, str]] = set()
