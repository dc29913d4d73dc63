"""Populations on a CPU, trained by compiled loops."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from queue import Empty, SimpleQueue
from typing import TypeVar

import numpy as np

from sparsebench.engines.fused import kernels, memory
from sparsebench.engines.fused.first_use import make_ready
from sparsebench.engines.fused.loop_spec import LoopSpec, lanes_for
from sparsebench.engines.populations import FINISHED, GRADIENT, LOSS, Population, Steps
from sparsebench.parts.examples import CLASSES, Examples
from sparsebench.parts.sparse_layout import SparseLayout
from sparsebench.values.checks import whole_number
from sparsebench.values.masks import Weights
from sparsebench.values.protocol import Training

Piece = TypeVar("Piece")

_BATCHES = 16
"""Batches that a thread classifies at a time."""

_WORK = 1_000_000_000
"""Weights times strings times steps that a thread trains at a time, about a tenth of a second, before
it calls `between_steps`; a call of the loop costs as much as a batch of the smallest networks."""


class CpuPopulation(Population):
    """Networks on a CPU.

    Figures are the same bit for bit on every processor and for any number of threads
    (docs/reference/numerics.md).

    Parameters
    ----------
    plans, weights, readout, training
        See `sparsebench.engines.populations.Population`.
    threads
        Threads that share the networks, or the blocks of a batch if more threads have work then;
        for evaluation, they share batches.
    dtype
        `float32`, or `float64` to check gradients.
    progress
        Called with a sentence when a loop is first needed, and compiled or loaded from disk.

    Raises
    ------
    ValueError
        If there is no network, variants or numbers of classes differ, or weights do not fit their
        sparse layout.
    """

    def __init__(
        self,
        plans: Sequence[SparseLayout],
        weights: Sequence[Weights],
        readout: str,
        training: Training,
        threads: int = 1,
        dtype: str = "float32",
        progress: Callable[[str], None] = lambda message: None,
    ) -> None:
        super().__init__(plans, weights, readout, training)
        whole_number("threads", threads, 1)
        self._threads, self._dtype, self._progress = threads, np.dtype(dtype), progress
        self._spec = LoopSpec(self._variant, dtype, lanes_for(training.batch_size))
        lanes = self._spec.lanes
        self._states = [
            self._state(plan.pack(one, self._dtype))
            for plan, one in zip(plans, weights, strict=True)
        ]
        self._arrays = [memory.plan_arrays(plan, readout, lanes) for plan in plans]
        self._scratches: dict[tuple[LoopSpec, int], tuple[tuple[int, ...], memory.Scratch]] = {}

    def _state(self, flat: np.ndarray) -> memory.State:
        """The state of a network before its first step."""
        return memory.state(flat)

    def _protocol(self, rate: float) -> np.ndarray:
        return memory.protocol_arrays(self._training, rate)

    def _parameters(self, number: int) -> np.ndarray:
        return self._states[number].parameters[: self.plans[number].size]

    def _take_steps(
        self, examples: Examples, orders: list[np.ndarray], running: list[int], rate: float
    ) -> dict[int, Steps]:
        data, room = memory.data_arrays(examples), room_for(examples)
        protocol = self._protocol(rate)
        blocks = -(-self._training.batch_size // memory.BLOCK)
        if min(self._threads, blocks) > len(running):
            self._announce(self._spec, "training by blocks")
            self._ready_by_blocks(data, orders[0], protocol, room)
            return {
                number: self._train_by_blocks(number, data, orders[number], protocol, room)
                for number in running
            }
        self._announce(self._spec, "training")
        make_ready(
            kernels.train,
            self._spec,
            self._arrays[0],
            self._states[0],
            data,
            orders[0],
            protocol,
            1,
            *self._empty(orders[0]),
            self._scratch(0, self._spec, room),
        )
        taken: dict[int, Steps] = {}

        def work(number: int, scratch: memory.Scratch) -> None:
            taken[number] = self._train_one(number, data, orders[number], protocol, scratch)

        self._share(work, self._heaviest_first(running), self._spec, room)
        return taken

    def _say(self, examples: Examples, batch_size: int) -> np.ndarray:
        data = memory.data_arrays(examples)
        spec = LoopSpec(self._variant, self._dtype.name, lanes_for(batch_size))
        said = examples.outputs(self.plans[0].layout.classes)
        results = np.zeros((len(self.plans), len(examples), said), self._dtype)
        rows = np.arange(len(examples))
        arrays = [
            memory.plan_arrays(plan, self._readout, spec.lanes, keeps_gates=False)
            for plan in self.plans
        ]
        self._announce(spec, "classifying")
        make_ready(
            kernels.classify,
            spec,
            arrays[0],
            self._states[0].parameters,
            data,
            rows[:1],
            self._scratch(0, spec, room_for(examples)),
            results[0, :1],
        )

        def work(piece: tuple[int, int], scratch: memory.Scratch) -> None:
            self.between_steps()
            number, begin = piece
            parameters = self._states[number].parameters
            for start in range(begin, min(begin + size, len(rows)), batch_size):
                part = slice(start, start + batch_size)
                kernels.classify(
                    spec,
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
        self._share(work, pieces, spec, room_for(examples))
        return results

    def _train_one(
        self,
        number: int,
        data: memory.Data,
        order: np.ndarray,
        protocol: np.ndarray,
        scratch: memory.Scratch,
    ) -> Steps:
        losses, correct, answers = self._empty(order)
        done, reason = 0, FINISHED
        size = self._training.batch_size
        work = size * self.plans[number].size * int(data.lengths.max())
        size *= max(1, _WORK // work)
        for start in range(0, len(order), size):
            self.between_steps()
            more, reason = kernels.train(
                self._spec,
                self._arrays[number],
                self._states[number],
                data,
                order[start : start + size],
                protocol,
                self._steps[number] + 1 + done,
                losses[done:],
                correct[done:],
                answers[done:],
                scratch,
            )
            done += more
            if reason != FINISHED:
                break
        return Steps(reason, losses[:done], correct[:done], answers[:done])

    def _train_by_blocks(
        self,
        number: int,
        data: memory.Data,
        order: np.ndarray,
        protocol: np.ndarray,
        room: tuple[int, bool],
    ) -> Steps:
        """The same steps as `_train_one`, with the blocks of each batch divided among threads."""
        size, plan = self._training.batch_size, self._arrays[number]
        state, blocks = self._states[number], -(-size // memory.BLOCK)
        losses, correct, answers = self._empty(order)
        scratches = [self._scratch(block, self._spec, room) for block in range(blocks)]
        done, reason = 0, FINISHED
        with ThreadPoolExecutor(self._threads) as pool:
            for start in range(0, len(order), size):
                self.between_steps()
                batch = order[start : start + size]

                def share(block: int, batch: np.ndarray = batch) -> tuple[float, int, int]:
                    own = scratches[block]
                    return kernels.block_gradient(
                        self._spec, plan, state.parameters, data, batch, block, own,
                        own.block_gradient,
                    )  # fmt: skip

                used = range(-(-len(batch) // memory.BLOCK))
                gradient = np.zeros_like(state.parameters)
                for block, shared in zip(used, pool.map(share, used), strict=True):
                    losses[done] += shared[0]
                    correct[done] += shared[1]
                    answers[done] = shared[2]
                    gradient += scratches[block].block_gradient[: len(gradient)]
                step = self._steps[number] + 1 + done
                if not np.isfinite(losses[done]):
                    reason = LOSS
                elif not kernels.apply(self._spec, plan, state, gradient, step, protocol):
                    reason = GRADIENT
                if reason != FINISHED:
                    break
                done += 1
        return Steps(reason, losses[:done], correct[:done], answers[:done])

    def _ready_by_blocks(
        self,
        data: memory.Data,
        order: np.ndarray,
        protocol: np.ndarray,
        room: tuple[int, bool],
    ) -> None:
        """Compile or load the kernels of `_train_by_blocks`."""
        plan, state = self._arrays[0], self._states[0]
        self._ready_for_blocks(0, data, order, self._scratch(0, self._spec, room))
        make_ready(kernels.apply, self._spec, plan, state, state.parameters, 1, protocol)

    def _ready_for_blocks(
        self, number: int, data: memory.Data, rows: np.ndarray, scratch: memory.Scratch
    ) -> None:
        """Compile or load the kernel of one block's gradient."""
        make_ready(
            kernels.block_gradient,
            self._spec,
            self._arrays[number],
            self._states[number].parameters,
            data,
            rows,
            0,
            scratch,
            scratch.block_gradient,
        )

    def _empty(self, order: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Arrays for the losses, right answers and all answers of each batch."""
        batches = -(-len(order) // self._training.batch_size) + 1
        return np.zeros(batches), np.zeros(batches, np.int64), np.zeros(batches, np.int64)

    def _heaviest_first(self, numbers: Sequence[int]) -> list[int]:
        """The order in which threads take networks: large ones first, so none is left to the end."""
        return sorted(numbers, key=lambda number: -self.plans[number].kept)

    def _share(
        self,
        work: Callable[[Piece, memory.Scratch], None],
        pieces: Sequence[Piece],
        spec: LoopSpec,
        room: tuple[int, bool],
    ) -> None:
        """Process every piece of work, each thread with its own scratch."""
        waiting: SimpleQueue[Piece] = SimpleQueue()
        for piece in pieces:
            waiting.put(piece)

        def run(thread: int) -> None:
            scratch = self._scratch(thread, spec, room)
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

    def _announce(self, spec: LoopSpec, loop: str) -> None:
        """Announce a loop that this process needs for the first time, to be compiled or loaded."""
        if (spec, loop) not in _announced:
            _announced.add((spec, loop))
            self._progress(
                f"preparing the fused {spec.variant} loop for {loop}, {spec.lanes} strings at "
                "a time (compiled once on a machine, about 10 s; then loaded from disk)"
            )

    def _scratch(self, thread: int, spec: LoopSpec, room: tuple[int, bool]) -> memory.Scratch:
        """A thread's scratch, large enough for every network; reused, because pages cost time.

        `room` is what the examples need, see `room_for`.
        """
        sizes = max(plan.kept for plan in self.plans), max(plan.size for plan in self.plans)
        needed = (*room, *sizes)
        made_for, made = self._scratches.get((spec, thread), ((0,) * len(needed), None))
        if made is None or any(has < need for has, need in zip(made_for, needed, strict=True)):
            steps, every_step = max(made_for[0], room[0]), max(made_for[1], room[1])
            made = memory.scratch(self.plans, steps, bool(every_step), spec.lanes, spec.dtype)
            self._scratches[spec, thread] = (steps, every_step, *sizes), made
        return made


def room_for(examples: Examples) -> tuple[int, bool]:
    """The number of steps that scratch must hold, and whether outputs of all steps are stored."""
    return examples.inputs.shape[1], examples.asked == CLASSES


_announced: set[tuple[LoopSpec, str]] = set()
