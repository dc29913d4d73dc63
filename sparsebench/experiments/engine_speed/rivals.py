"""A recurrent layer by the programs that a user could pick instead: by size, batch, density, pattern.

All compute the outputs of a small head after `STEPS` steps of sequences of one length, on one thread.
Dense programs multiply pruned weights as zeros. In programs by sparse rows, which are written with the
matrices of a library, the sums over inputs of all steps are one product, as in ours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from sparsebench.experiments.engine_speed.measure import Comparison, sgemm_rate
from sparsebench.parts.examples import Examples
from sparsebench.parts.methods.criteria import RandomScores
from sparsebench.parts.methods.method import Method
from sparsebench.parts.methods.patterns import Blocks
from sparsebench.parts.own_network import OwnNetwork
from sparsebench.parts.weights import initial_weights
from sparsebench.values.checks import one_of
from sparsebench.values.own_structure import OwnStructure, Stack
from sparsebench.values.seeding import stream

STEPS = 30
COMPARED = ("gru", "lstm")
"""Cell types of the table."""

HIDDEN, BATCHES = (50, 128, 256, 512), (1, 8, 32, 128)
DENSITIES = (1.0, 0.5, 0.2, 0.1, 0.05, 0.02)
PATTERNS = {"single": (1, 1), "16x1": (16, 1), "8x4": (8, 4)}
"""Rows and columns of a block, by the name of a pattern."""

DENSE, SPARSE = ("PyTorch", "ONNX Runtime"), ("PyTorch CSR", "SciPy CSR", "sparsebench")
"""Programs that multiply zeros, and those that leave them out; the last one is ours."""

FIRST_LEVEL = 32 * 1024
"""Bytes of a first-level cache: weights that fit into it are read faster than can be seen here."""

SECONDS, FEWEST, MOST = 2.0, 3, 101
"""What all rounds of a size and batch may take together; the fewest and most rounds."""

Run = Callable[[], object]


@dataclass(frozen=True)
class Time:
    """How long a program takes for a batch.

    Attributes
    ----------
    variant, hidden, batch
        The cell type; its units, as many as inputs; sequences.
    density, pattern
        The share of weights that is left, and a name in `PATTERNS`; `single` for a density of 1.
    program
        A name in `DENSE` or `SPARSE`; those in `DENSE` have a density of 1 alone. `limit`: what the
        machine takes at least, for the multiply-adds that are left at the speed of a full product, or
        to read the weights once in each step from the second-level cache, if they do not fit into the
        first.
    seconds
        The median.
    """

    variant: str
    hidden: int
    batch: int
    density: float
    pattern: str
    program: str
    seconds: float


def patterns_of_densities() -> Iterator[tuple[float, str]]:
    """Densities with their patterns; a dense layer has one."""
    for density in DENSITIES:
        for pattern in PATTERNS if density < 1 else ("single",):
            yield density, pattern


def pruned_at_random(network: OwnNetwork, density: float, pattern: str) -> OwnNetwork:
    """A network with as many of its recurrent weights as a density says, in blocks of a pattern.

    Parameters
    ----------
    network
        A dense network.
    density
        The share of weights that is left, 0-1; blocks come as near to it as they can.
    pattern
        A name in `PATTERNS`.

    Raises
    ------
    ValueError
        If the pattern is unknown.
    """
    from sparsebench.engines.own_pruning import prune_network

    one_of("pattern", pattern, PATTERNS)
    method = Method(RandomScores(), pattern=Blocks(*PATTERNS[pattern]))
    return prune_network(network, method, density)


@dataclass(frozen=True, eq=False)
class Layer:
    """One recurrent layer with a head of two outputs, and the sequences that it reads.

    Attributes
    ----------
    network
        The layer, with its masks.
    examples
        Sequences of one length, as many as the batch has.
    """

    network: OwnNetwork
    examples: Examples

    @property
    def kept(self) -> tuple[int, int]:
        """Weights that are left of those of inputs, and of those of hidden units."""
        own, recurrent = (
            int(np.count_nonzero(self.network.weights[f"layers.0.{kind}"]))
            for kind in ("i2h", "h2h")
        )
        return own, recurrent


def layer_of(variant: str, hidden: int, batch: int, density: float, pattern: str) -> Layer:
    """A layer with initial weights, pruned at random.

    Raises
    ------
    ValueError
        If the variant or pattern is unknown.
    """
    structure = OwnStructure(variant, (Stack(1, hidden),), hidden, classes=2)
    network = OwnNetwork(structure, initial_weights(structure.layout, 0))
    if density < 1:
        network = pruned_at_random(network, density, pattern)
    inputs = stream("rivals' inputs", hidden, batch).standard_normal((batch, STEPS, hidden))
    lengths = np.full(batch, STEPS, np.int64)
    examples = Examples(inputs.astype(np.float32), lengths, np.zeros(batch, np.int64))
    return Layer(network, examples)


def program(name: str, layer: Layer) -> Run:
    """Prepare a program, which returns the outputs after the last step, (B, 2), and may return more.

    Parameters
    ----------
    name
        A name in `DENSE` or `SPARSE`.
    layer
        The layer and its inputs.

    Raises
    ------
    ModuleNotFoundError
        If ONNX Runtime, or the package `onnx`, is not installed.
    """
    from sparsebench.engines.own_programs import PROGRAMS
    from sparsebench.engines.own_programs import program as of_network

    if name in PROGRAMS:
        return of_network(name, layer.network, layer.examples).batch
    return {"PyTorch CSR": _by_torch, "SciPy CSR": _by_scipy}[name](layer)


def _by_torch(layer: Layer) -> Run:
    import torch

    def rows(matrix: np.ndarray) -> Any:
        return torch.from_numpy(matrix.copy()).to_sparse_csr()

    def dense(array: np.ndarray) -> Any:
        return torch.from_numpy(array.copy())

    unrolled = _unrolled(layer, rows, dense, torch.sigmoid, torch.tanh, torch)

    def run() -> object:
        with torch.inference_mode():
            return unrolled()

    return run


def _by_scipy(layer: Layer) -> Run:
    from scipy.sparse import csr_array
    from scipy.special import expit

    return _unrolled(layer, csr_array, np.asarray, expit, np.tanh, np)


def _unrolled(
    layer: Layer,
    rows: Callable[[np.ndarray], Any],
    dense: Callable[[np.ndarray], Any],
    sigmoid: Callable[[Any], Any],
    tanh: Callable[[Any], Any],
    library: Any,
) -> Run:
    """The equations of the layer with a library's sparse matrices, sequences as columns."""
    weights, inputs = layer.network.weights, layer.examples.inputs
    batch, _, width = inputs.shape
    units, lstm = weights["readout.weight"].shape[1], layer.network.structure.variant == "lstm"
    i2h, h2h = rows(weights["layers.0.i2h"]), rows(weights["layers.0.h2h"])
    own, recurrent = (dense(weights[f"layers.0.{kind}_bias"])[:, None] for kind in ("i2h", "h2h"))
    head, bias = dense(weights["readout.weight"]), dense(weights["readout.bias"])[:, None]
    columns = dense(np.ascontiguousarray(inputs.swapaxes(0, 1).reshape(-1, width).T))

    def run() -> object:
        read = i2h @ columns + own
        state = cell = library.zeros((units, batch), dtype=library.float32)
        for step in range(STEPS):
            below = read[:, step * batch : (step + 1) * batch]
            sums = h2h @ state + recurrent
            if lstm:
                total = below + sums
                entry, forget = sigmoid(total[:units]), sigmoid(total[units : 2 * units])
                cell = forget * cell + entry * tanh(total[2 * units : 3 * units])
                state = sigmoid(total[3 * units :]) * tanh(cell)
            else:
                gates = sigmoid(below[: 2 * units] + sums[: 2 * units])
                new = tanh(below[2 * units :] + gates[:units] * sums[2 * units :])
                state = new + gates[units:] * (state - new)
        return (head @ state + bias).T

    return run


def compare(
    variant: str, hidden: int, batch: int, seconds: float = SECONDS
) -> tuple[list[Time], list[str]]:
    """Time all programs for a layer of every density and pattern, all in turn in each round.

    Parameters
    ----------
    variant, hidden, batch
        The cell type; its units; sequences.
    seconds
        What all rounds may take together, if more than `FEWEST` fit.

    Returns
    -------
    tuple
        The times, and what was left out, with the reason.
    """
    from sparsebench.engines.own_programs import installed, one_thread

    runs: dict[tuple[float, str, str], Run] = {}
    layers: dict[tuple[float, str], Layer] = {}
    notes: list[str] = []
    for density, pattern in patterns_of_densities():
        layer = layers[density, pattern] = layer_of(variant, hidden, batch, density, pattern)
        names = (*DENSE, *SPARSE) if density == 1 else SPARSE
        found, missing = installed(names, partial(program, layer=layer))
        runs |= {(density, pattern, name): run for name, run in found.items()}
        notes += missing
    with one_thread():
        times = {**_medians(runs, seconds), **_limits(layers)}
    return [Time(variant, hidden, batch, *key, value) for key, value in times.items()], notes


TABLE_HEAD = (
    "| layer | PyTorch | ONNX Runtime | dense | "
    + " | ".join(f"{100 * each:g} %" for each in DENSITIES[1:])
    + " | CSR 10 % | CSR 2 % | limit | limit, 10 % |",
    "|---|" + "---:|" * (len(DENSITIES) + 6),
)
"""The head of a table of `table_row`."""


def table_row(times: list[Time]) -> str:
    """A row of a Markdown table, of what `compare` found for one cell type, size and batch.

    Times of dense programs and limits are in microseconds. The other columns say how many times as fast
    as the faster dense program ours are, by density, for single weights and for blocks of 16 x 1 and
    of 8 x 4; and the faster of those with sparse matrices of a library, for single weights.
    """
    seconds = {(each.density, each.pattern, each.program): each.seconds for each in times}
    dense = [seconds.get((1.0, "single", name)) for name in DENSE]
    best = min(each for each in dense if each is not None)

    def ours(density: float) -> str:
        names = PATTERNS if density < 1 else ("single",)
        return " / ".join(f"{best / seconds[density, name, SPARSE[-1]]:.2f}" for name in names)

    def of_libraries(density: float) -> str:
        return f"{best / min(seconds[density, 'single', name] for name in SPARSE[:-1]):.2f}"

    first = times[0]
    cells = [
        f"{first.variant} {first.hidden}, batch {first.batch}",
        *("" if each is None else f"{1e6 * each:.0f}" for each in dense),
        *map(ours, DENSITIES),
        *map(of_libraries, (0.1, 0.02)),
        *(f"{1e6 * seconds[density, 'single', 'limit']:.0f}" for density in (1.0, 0.1)),
    ]
    return "| " + " | ".join(cells) + " |"


def against_dense(times: list[Time], density: float, pattern: str) -> Comparison:
    """Our layer, compared with the faster dense program.

    Parameters
    ----------
    times
        What `compare` found.
    density, pattern
        Of our layer.
    """
    (ours,) = (
        each.seconds
        for each in times
        if (each.density, each.pattern, each.program) == (density, pattern, SPARSE[-1])
    )
    return Comparison(ours, min(each.seconds for each in times if each.program in DENSE))


def _medians(
    runs: dict[tuple[float, str, str], Run], seconds: float
) -> dict[tuple[float, str, str], float]:
    """Medians of as many rounds as there is time for."""
    from sparsebench.engines.own_programs import interleaved

    once = 2 * sum(interleaved(runs, 1).values())
    return interleaved(runs, int(min(MOST, max(FEWEST, seconds / once))))


def _limits(
    layers: dict[tuple[float, str], Layer],
) -> dict[tuple[float, str, str], float]:
    """What the machine takes at least for each layer."""
    adding, reading = sgemm_rate(), _reading_rate()
    found = {}
    for (density, pattern), layer in layers.items():
        own, recurrent = layer.kept
        added = (own + recurrent) * STEPS * len(layer.examples) / adding
        read = 4 * (own + STEPS * recurrent) / reading if 4 * recurrent > FIRST_LEVEL else 0.0
        found[density, pattern, "limit"] = max(added, read)
    return found


def _reading_rate() -> float:
    """Bytes per second that one thread reads from the second-level cache: a product with itself."""
    from sparsebench.engines.own_programs import interleaved

    values = np.ones(2**16, np.float32)
    return values.nbytes / interleaved({"dot": lambda: values @ values}, MOST)["dot"]
