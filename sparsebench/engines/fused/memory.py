"""Arrays for compiled code: a sparse layout's, the data's, a network's state, scratch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import DTypeLike

from sparsebench.engines.fused.simd import GROUP
from sparsebench.engines.populations import OPTIMISER_NUMBERS
from sparsebench.parts.examples import VALUES, Examples
from sparsebench.parts.sparse_layout import SparseLayout
from sparsebench.values.protocol import Training

ALIGNMENT = 64
"""Bytes of a cache line, and of the widest vector of x86."""

BLOCK = 2 * GROUP
"""Strings whose gradients are summed before they are added to those of the batch: two groups."""

NETWORK = np.dtype(
    [
        (name, np.int64)
        for name in (
            "lanes", "width", "units", "symbols", "classes", "last", "last_size",
            "readout_weight", "readout_bias", "reads_last_step", "keeps_gates", "blocks", "kept",
            "holes", "size",
        )
    ]
)  # fmt: skip
TRAINING = np.dtype(
    [
        ("batch_size", np.int64),
        ("learning_rate", np.float64),
        ("clip_norm", np.float64),
        ("optimiser", np.int64),
        ("follows_movement", np.int64),
    ]
)
FORM = np.dtype([(name, np.int64) for name in ("letters", "asked", "longest")])
"""Form of the data: letters (otherwise vectors), what is asked for, number of steps."""


class PlanArrays(NamedTuple):
    """A sparse layout for compiled code."""

    network: np.ndarray
    blocks: np.ndarray
    starts: np.ndarray
    columns: np.ndarray
    back_starts: np.ndarray
    back_rows: np.ndarray
    back_entries: np.ndarray
    holes: np.ndarray


class Data(NamedTuple):
    """Examples for compiled code; arrays that do not apply are empty.

    Codes are (N, T) uint8, vectors flat float32, lengths (N,) int64; labels are flat int64, one for
    each sequence or step; targets are flat float32. Weights of classes are float64.
    """

    form: np.ndarray
    codes: np.ndarray
    vectors: np.ndarray
    lengths: np.ndarray
    labels: np.ndarray
    targets: np.ndarray
    class_weights: np.ndarray


class State(NamedTuple):
    """A network's parameters, the optimiser's two moments, and movements, padded to whole groups.

    A weight's movement is the sum over steps of -(clipped gradient) * weight; there are none (a
    length of 0) unless a pruning criterion asks for them.
    """

    parameters: np.ndarray
    means: np.ndarray
    squares: np.ndarray
    movements: np.ndarray


class Scratch(NamedTuple):
    """Working memory with which one thread can process any network of a population."""

    units: np.ndarray
    unit_gradients: np.ndarray
    gates: np.ndarray
    states: np.ndarray
    cells: np.ndarray
    carried: np.ndarray
    letters: np.ndarray
    read: np.ndarray
    logits: np.ndarray
    transposed: np.ndarray
    biases: np.ndarray
    gradient: np.ndarray
    block_gradient: np.ndarray
    tile_gradient: np.ndarray
    embedding: np.ndarray


def aligned_zeros(size: int, dtype: DTypeLike) -> np.ndarray:
    """Zeros that start at a multiple of `ALIGNMENT` bytes."""
    kind = np.dtype(dtype)
    memory = np.zeros(size * kind.itemsize + ALIGNMENT, np.uint8)
    skipped = -memory.ctypes.data % ALIGNMENT
    return memory[skipped : skipped + size * kind.itemsize].view(kind)


def plan_arrays(
    plan: SparseLayout, readout: str, lanes: int, keeps_gates: bool = True
) -> PlanArrays:
    """A sparse layout's arrays for one vector width and readout; only training stores the gates."""
    layout = plan.layout
    network = np.zeros(1, NETWORK)
    network[0] = (
        lanes, layout.width, plan.units, layout.symbols, layout.classes,
        plan.units - layout.sizes[-1], layout.sizes[-1], plan.readout_weight, plan.readout_bias,
        readout == "last_step", keeps_gates, len(plan.blocks), plan.kept, len(plan.holes),
        padded(plan.size, GROUP),
    )  # fmt: skip
    return PlanArrays(
        network, plan.blocks, plan.starts, plan.columns,
        plan.back_starts, plan.back_rows, plan.back_entries, plan.holes,
    )  # fmt: skip


def padded(size: int, lanes: int) -> int:
    """A size rounded up to a multiple of `lanes`."""
    return -(-size // lanes) * lanes


def state(flat: np.ndarray, movements: bool = False) -> State:
    """A fresh optimiser state with parameters, and with movements if these are asked for."""
    size = padded(len(flat), GROUP)
    sizes = size, size, size, size if movements else 0
    arrays = State(*(aligned_zeros(each, flat.dtype) for each in sizes))
    arrays.parameters[: len(flat)] = flat
    return arrays


def data_arrays(examples: Examples) -> Data:
    """Examples for compiled code."""
    inputs, answers = examples.inputs, examples.answers
    letters, asked = examples.letters, examples.asked
    form = np.zeros(1, FORM)
    form[0] = (letters, asked, inputs.shape[1])
    return Data(
        form,
        np.ascontiguousarray(inputs if letters else np.zeros((0, 0)), np.uint8),
        np.ascontiguousarray([] if letters else inputs.reshape(-1), np.float32),
        np.ascontiguousarray(examples.lengths, np.int64),
        np.ascontiguousarray([] if asked == VALUES else answers.reshape(-1), np.int64),
        np.ascontiguousarray(answers.reshape(-1) if asked == VALUES else [], np.float32),
        np.ascontiguousarray(_class_weights(examples), np.float64),
    )


def _class_weights(examples: Examples) -> np.ndarray:
    """The weight of each class that is asked for, 1 where none is given."""
    if examples.class_weights is not None:
        return examples.class_weights
    return np.ones(0 if examples.asked == VALUES else int(examples.answers.max(initial=0)) + 1)


def protocol_arrays(training: Training, rate: float, movements: bool = False) -> np.ndarray:
    """A training protocol for compiled code, with one learning rate."""
    protocol = np.zeros(1, TRAINING)
    optimiser = OPTIMISER_NUMBERS[training.optimiser or "adam"]
    protocol[0] = (training.batch_size, rate, training.clip_norm, optimiser, movements)
    return protocol


def scratch(
    plans: Sequence[SparseLayout], steps: int, every_step: bool, lanes: int, dtype: str
) -> Scratch:
    """Working memory for any of some sparse layouts, and sequences of up to `steps` steps.

    With `every_step`, there is room for the outputs of all steps, not only of the last one.
    """
    read = steps if every_step else 1

    def rows(count: Callable[[SparseLayout], int]) -> np.ndarray:
        return aligned_zeros(max(count(plan) for plan in plans) * lanes, dtype)

    def values(count: Callable[[SparseLayout], int]) -> np.ndarray:
        return aligned_zeros(padded(max(count(plan) for plan in plans), GROUP), dtype)

    return Scratch(
        units=rows(lambda plan: plan.units * steps),
        unit_gradients=rows(lambda plan: plan.units * steps),
        gates=rows(lambda plan: int(plan.blocks["stored"].sum()) * steps),
        states=rows(lambda plan: int(plan.blocks["hidden"].sum()) * (steps + 1)),
        cells=rows(lambda plan: int(plan.blocks["hidden"].sum()) * (steps + 1)),
        carried=rows(lambda plan: 2 * max(plan.layout.sizes)),
        letters=aligned_zeros(steps * lanes, np.int32),
        read=rows(lambda plan: plan.layout.sizes[-1]),
        logits=rows(lambda plan: plan.layout.classes * read),
        transposed=values(lambda plan: plan.kept),
        biases=values(lambda plan: int(plan.blocks["stored"].sum())),
        gradient=values(lambda plan: plan.size),
        block_gradient=values(lambda plan: plan.size),
        tile_gradient=values(lambda plan: plan.size),
        embedding=values(lambda plan: plan.layout.symbols * plan.layout.width),
    )
