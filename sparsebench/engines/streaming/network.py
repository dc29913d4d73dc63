"""Networks compiled for one sequence: a step, or all steps, with the state in and out."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from statistics import median
from typing import Any

import numba
import numpy as np

from sparsebench.engines.fused.first_use import make_ready
from sparsebench.engines.fused.loop_spec import LoopSpec
from sparsebench.engines.fused.memory import aligned_zeros, padded
from sparsebench.engines.streaming import kernels
from sparsebench.engines.streaming.packing import (
    BLOCK,
    DTYPES,
    FORMATS,
    LANES,
    ROWS,
    Packed,
    network_matrices,
    pack,
    panels_of,
    vector_by_panels,
)
from sparsebench.engines.streaming.torch_states import blocks_of, torch_state_of
from sparsebench.parts.own_forward import State as TorchState
from sparsebench.parts.sparse_layout import SHARED
from sparsebench.parts.weights import check_shapes
from sparsebench.values.checks import instance_of, one_of
from sparsebench.values.layout import GATES, Layout
from sparsebench.values.masks import Masks, Weights, masked
from sparsebench.values.protocol import CELL_TYPES

_VECTORS, _ROUNDS = 15_000, 5
"""Vectors of weights in a round, some 15 microseconds, and rounds, by which a format is chosen."""


class State:
    """What a network remembers between two steps; `StreamingNetwork.state` makes one from arrays.

    Parameters
    ----------
    hidden, cells
        All blocks one after the other, each padded to whole vectors.
    places
        Where each block's units lie.
    """

    __slots__ = ("_cells", "_hidden", "_places")

    def __init__(self, hidden: np.ndarray, cells: np.ndarray, places: tuple[slice, ...]) -> None:
        self._hidden, self._cells, self._places = hidden, cells, places

    @property
    def hidden(self) -> tuple[np.ndarray, ...]:
        """(units,) float32 of each block."""
        return tuple(self._hidden[place].copy() for place in self._places)

    @property
    def cells(self) -> tuple[np.ndarray, ...]:
        """(units,) float32 of each block; zeros but for LSTM."""
        return tuple(self._cells[place].copy() for place in self._places)


class StreamingNetwork:
    """A network, packed for one sequence at a time. Not for use by two threads at once.

    Parameters
    ----------
    layout
        The network: one block for each layer.
    weights
        Its named arrays.
    masks
        Which weights it has; arrays without a mask are complete.
    formats
        For some matrices, a name in `FORMATS`; for the others, the format that a product takes least
        time in on this machine.
    dtype
        How the weights of matrices are stored, a name in `DTYPES`. Biases and an embedding are float32.
    stacks
        The units of each layer, by stack, as a state in PyTorch's shapes is divided; None: layers of
        equal sizes that follow each other are one stack.

    Attributes
    ----------
    formats : dict
        The format of each matrix.
    dtype : str
        How weights are stored.

    Raises
    ------
    ValueError
        If arrays do not fit, or a matrix, a format or the dtype is unknown.
    """

    def __init__(
        self,
        layout: Layout,
        weights: Weights,
        masks: Masks | None = None,
        formats: Mapping[str, str] | None = None,
        stacks: Sequence[Sequence[int]] | None = None,
        dtype: str = "float32",
    ) -> None:
        one_of("dtype", dtype, DTYPES)
        check_shapes(weights, layout, "the given weights")
        self.layout, self.dtype = layout, dtype
        sizes = [layout.sizes[block.target] for block in layout.blocks]
        self._stacks = stacks or [list(own) for _, own in groupby(sizes)]
        weights = masked(weights, masks or {})
        names, matrices, gates = network_matrices(layout, weights)
        chosen = dict(formats or {})
        for name in chosen:
            one_of("matrix", name, names)
            one_of("format", chosen[name], FORMATS)
        self.formats = {
            name: chosen.get(name) or fastest_format(matrix, count, dtype)
            for name, matrix, count in zip(names, matrices, gates, strict=True)
        }
        self._packed = pack(matrices, [*self.formats.values()], gates, dtype)
        self._embedding = weights.get("embedding")
        self._prepare(weights)

    @property
    def weight_bytes(self) -> int:
        """The size of all packed matrices: weights, their columns in blocks, scales of int8."""
        packed = self._packed
        scales = packed.scales.nbytes if self.dtype == "int8" else 0
        return packed.weights.nbytes + packed.starts.nbytes + packed.columns.nbytes + scales

    def start(self) -> State:
        """The state before the first step: zeros."""
        size = self._vectors * LANES
        return State(np.zeros(size, np.float32), np.zeros(size, np.float32), self._places)

    def state(
        self, hidden: Sequence[np.ndarray], cells: Sequence[np.ndarray] | None = None
    ) -> State:
        """A state from arrays.

        Parameters
        ----------
        hidden, cells
            (units,) numbers for each block; cells are for LSTM alone.

        Raises
        ------
        ValueError
            If the arrays are not those of the blocks.
        """
        made = self.start()
        for own, given in ((made._hidden, hidden), (made._cells, cells or [])):
            if len(given) != len(self._places) and (given is hidden or len(given)):
                raise ValueError(
                    f"{len(given)} arrays for {len(self._places)} blocks: give one for each"
                )
            for place, values in zip(self._places, given, strict=False):
                if np.shape(values) != (place.stop - place.start,):
                    raise ValueError(
                        f"an array {np.shape(values)} for a block of {place.stop - place.start} units"
                    )
                own[place] = values
        return made

    def state_from_torch(self, state: Any) -> State:
        """A state from one in PyTorch's shapes, of a batch of one.

        Parameters
        ----------
        state
            h, or (h, c) of an LSTM, each (layers, 1, units); for several stacks, a tuple of these.

        Raises
        ------
        ValueError
            If shapes do not fit.
        """
        return self.state(*blocks_of(state, self._stacks, self.layout.variant == "lstm"))

    def state_for_torch(self, state: State) -> TorchState:
        """A state in PyTorch's shapes, as `OwnNetwork.forward` takes and returns it."""
        lstm = self.layout.variant == "lstm"
        return torch_state_of(state.hidden, state.cells, self._stacks, lstm)

    def step(self, frame: np.ndarray | int, state: State) -> tuple[np.ndarray, State]:
        """One step.

        Parameters
        ----------
        frame
            (width,) numbers, or the code of a letter if the network has an embedding.
        state
            The state before the step; it stays as it is.

        Returns
        -------
        tuple
            (classes,) outputs, and the state after the step.

        Raises
        ------
        TypeError, ValueError
            If the frame or the state does not fit the network: `start`, `state` and `state_from_torch`
            make one.
        """
        room = self._room(1)
        if self._embedding is None:
            if np.shape(frame) != (self.layout.width,):
                raise ValueError(f"a frame {np.shape(frame)}: give {self.layout.width} numbers")
            room.first[:] = frame
        else:
            room.first[:] = self._read(np.asarray(frame)[None])[0]
        after = self._copied(state)
        self._loop(*self._arguments(room, 1, 1, after))
        return room.outputs[0, : self.layout.classes].copy(), after

    def run(self, sequence: np.ndarray, state: State | None = None) -> tuple[np.ndarray, State]:
        """All steps of a sequence.

        Parameters
        ----------
        sequence
            (steps, width) numbers, or (steps,) codes of letters.
        state
            The state before the first step, which stays as it is; None: zeros.

        Returns
        -------
        tuple
            (steps, classes) outputs after every step, and the state after the last.

        Raises
        ------
        ValueError
            If the sequence or the state does not fit the network.
        """
        inputs = self._read(np.asarray(sequence))
        steps = len(inputs)
        room = self._room(steps)
        room.x[0, :steps, : inputs.shape[1]] = inputs
        after = self.start() if state is None else self._copied(state)
        self._loop(*self._arguments(room, steps, 1, after))
        return room.outputs[:steps, : self.layout.classes].copy(), after

    def run_batch(self, sequences: np.ndarray) -> np.ndarray:
        """All steps of some sequences of one length, from states of zeros.

        It is meant for a few sequences: of many, a population evaluates more in the same time.

        Parameters
        ----------
        sequences
            (sequences, steps, width) numbers, or (sequences, steps) codes of letters.

        Returns
        -------
        numpy.ndarray
            (sequences, steps, classes) outputs after every step.

        Raises
        ------
        ValueError
            If the sequences do not fit the network.
        """
        given = np.asarray(sequences)
        frame = () if self._embedding is not None else (self.layout.width,)
        if given.shape[2:] != frame or given.ndim != 2 + len(frame) or not given.size:
            wanted = ", ".join(map(str, ("sequences", "steps", *frame)))
            raise ValueError(f"sequences of shape {given.shape}: give ({wanted}), one at least")
        batch = len(given)
        inputs = self._read(given.swapaxes(0, 1).reshape(-1, *frame))
        room = self._room(len(inputs), batch)
        room.x[0, : len(inputs), : inputs.shape[1]] = inputs
        size = batch * self._vectors * LANES
        states = State(np.zeros(size, np.float32), np.zeros(size, np.float32), self._places)
        self._loop(*self._arguments(room, len(inputs), batch, states))
        said = room.outputs[: len(inputs), : self.layout.classes]
        return said.reshape(-1, batch, said.shape[1]).swapaxes(0, 1).copy()

    def _copied(self, state: State) -> State:
        instance_of("state", state, State)
        if state._places is not self._places and state._places != self._places:
            raise ValueError(
                f"a state of {len(state._places)} blocks of another network: use start() or state(...)"
            )
        return State(state._hidden.copy(), state._cells.copy(), self._places)

    def _arguments(self, room: _Room, rows: int, batch: int, state: State) -> tuple[object, ...]:
        packed = self._packed
        return (
            _SPEC, _EIGHTS, self._cell, self._blocks, packed.matrices, packed.weights, packed.starts,
            packed.columns, packed.scales, self._biases, room.x, rows, batch, state._hidden,
            state._cells, room.sums, room.recurrent, room.outputs,
        )  # fmt: skip

    def _read(self, sequence: np.ndarray) -> np.ndarray:
        """What the first layer reads at each step."""
        layout = self.layout
        if self._embedding is not None:
            if sequence.ndim != 1 or sequence.dtype.kind not in "iu" or not len(sequence):
                raise ValueError(
                    f"a sequence of {sequence.dtype} {sequence.shape}: give codes of letters, (steps,)"
                )
            if sequence.min() < 0 or sequence.max() >= layout.symbols:
                raise ValueError(f"letters are numbered from 0 to {layout.symbols - 1}")
            return self._embedding[sequence]
        if sequence.ndim != 2 or sequence.shape[1] != layout.width or not len(sequence):
            raise ValueError(
                f"a sequence of {sequence.dtype} {sequence.shape}: give numbers, "
                f"(steps, {layout.width})"
            )
        return sequence.astype(np.float32, copy=False)

    def _prepare(self, weights: Weights) -> None:
        """Blocks and biases for the kernel."""
        layout = self.layout
        gates = GATES[layout.variant]
        apart = SHARED[layout.variant] < gates
        biases, state, bias = [], 0, 0
        self._blocks = np.zeros(len(layout.blocks) + 1, BLOCK)
        for record, block in zip(self._blocks, layout.blocks, strict=False):
            size = layout.sizes[block.target]
            units = padded(size, LANES) // LANES
            record["units"], record["state"], record["bias"] = units, state, bias
            record["source"], record["target"] = block.source + 1, block.target + 1
            record["adds"] = block.skips
            own = vector_by_panels(weights[f"{block.name}.i2h_bias"], gates)
            recurrent = vector_by_panels(weights[f"{block.name}.h2h_bias"], gates)
            biases += [own, recurrent] if apart else [own + recurrent]
            state += units
            bias += panels_of(layout, size) * (2 if apart else 1)
        self._blocks[-1]["bias"], self._blocks[-1]["source"] = bias, len(layout.sizes)
        biases.append(vector_by_panels(weights["readout.bias"], 1))
        flat = np.concatenate(biases)
        self._biases = aligned_zeros(flat.size, np.float32)
        self._biases[:] = flat
        self._vectors = state
        firsts = [int(record["state"]) * LANES for record in self._blocks[:-1]]
        self._places = tuple(
            slice(first, first + layout.sizes[block.target])
            for first, block in zip(firsts, layout.blocks, strict=True)
        )
        self._made = self._new_room(1)
        self._loop = _compiled(kernels.run, *self._arguments(self._made, 1, 1, self.start()))

    def _room(self, rows: int, batch: int = 1) -> _Room:
        if len(self._made.outputs) < rows or self._made.batch < batch:
            made = self._made
            self._made = self._new_room(max(rows, len(made.outputs)), max(batch, made.batch))
        return self._made

    def _new_room(self, rows: int, batch: int = 1) -> _Room:
        layout = self.layout
        width = padded(max(layout.width, *layout.sizes), LANES)
        panels = max(panels_of(layout, units) for units in layout.sizes)
        said = padded(layout.classes, LANES)
        x = aligned_zeros((1 + len(layout.sizes)) * rows * width, np.float32)
        x = x.reshape(-1, rows, width)
        return _Room(
            batch,
            x,
            x[0, 0, : layout.width],
            aligned_zeros(rows * panels * LANES, np.float32),
            aligned_zeros(batch * panels * LANES, np.float32),
            aligned_zeros(rows * said, np.float32).reshape(rows, said),
        )

    @cached_property
    def _cell(self) -> int:
        return CELL_TYPES.index(self.layout.variant)


@dataclass(frozen=True, eq=False)
class _Room:
    """Room for some steps of some sequences: inputs and outputs of layers, the first of them, sums,
    what is said."""

    batch: int
    x: np.ndarray
    first: np.ndarray
    sums: np.ndarray
    recurrent: np.ndarray
    outputs: np.ndarray


_SPEC = LoopSpec("rnn_tanh", lanes=LANES)
_EIGHTS = LoopSpec("rnn_tanh", lanes=ROWS["8x1"])
"""The vectors of the loops, and shorter ones; the cell is an argument of theirs."""


def fastest_format(matrix: np.ndarray, gates: int, dtype: str = "float32") -> str:
    """The format in which a product with a matrix takes least time on this machine."""
    ready = [_timed(matrix, gates, form, dtype) for form in FORMATS]
    times: list[list[float]] = [[] for _ in FORMATS]
    for _ in range(_ROUNDS):
        for own, run in zip(times, ready, strict=True):
            own.append(run())
    return min(zip(times, FORMATS, strict=True), key=lambda pair: median(pair[0]))[1]


def _timed(matrix: np.ndarray, gates: int, form: str, dtype: str) -> Callable[[], float]:
    packed: Packed = pack([matrix], [form], [gates], dtype)
    x = aligned_zeros(padded(matrix.shape[1], LANES), np.float32)
    y = aligned_zeros(int(packed.matrices[0]["panels"]) * LANES, np.float32)
    arguments = (
        _SPEC, _EIGHTS, packed.matrices, packed.weights, packed.starts, packed.columns, packed.scales,
        x, y,
    )  # fmt: skip
    product = _compiled(kernels.product, *arguments, 1)
    times = 1 + _VECTORS // (matrix.size // LANES + 1)

    def run() -> float:
        begin = time.perf_counter()
        product(*arguments, times)
        return time.perf_counter() - begin

    return run


def _compiled(loop: Any, *arguments: object) -> Callable[..., object]:
    """A loop, compiled for some arguments, and to be called with arguments of their types alone.

    Numba's choice by types is left out, because it takes as long as a step of a small network.
    """
    make_ready(loop, _SPEC, *arguments[1:])
    entry: Callable[..., object] = loop.overloads[tuple(map(numba.typeof, arguments))].entry_point
    return entry
