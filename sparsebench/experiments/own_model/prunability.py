"""What pruning a network of one's own costs in accuracy, and what it buys in time, in one call."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Any

import numpy as np

from sparsebench.experiments.own_model.items import METHOD_NAMES
from sparsebench.parts.examples import CLASSES, VALUES, Examples, Halves
from sparsebench.parts.methods.method import Method
from sparsebench.parts.methods.named import methods_named
from sparsebench.parts.own_export import export_network
from sparsebench.parts.own_fit import check_dense, check_padding, check_reads, check_trainable
from sparsebench.parts.own_network import OwnNetwork
from sparsebench.parts.sparse_layout import sparse_layout
from sparsebench.values.checks import (
    density_in_reason,
    instance_of,
    listed,
    whole_number,
    with_article,
)
from sparsebench.values.protocol import Training

if TYPE_CHECKING:
    from pandas import DataFrame

    from sparsebench.engines.population_training import Course

Data = Examples | tuple[Any, Any]
"""Examples, or inputs (N, T, width) or (N, T) and answers (N,), (N, T) or (N, K)."""

BATCH = 32
STEP_ROUNDS, BATCH_ROUNDS = 301, 21
"""Rounds of timing, of single steps and of batches."""

GIVEN, DENSE = "as given", "dense"


@dataclass(frozen=True)
class _Row:
    """A method at a density; the courses of its networks, one for each seed."""

    method: str
    density: float
    courses: list[Course]


def prunability(
    network: OwnNetwork,
    train: Data,
    test: Data,
    densities: Iterable[float] = (0.5, 0.2, 0.1, 0.05),
    methods: Mapping[str, Method] | Iterable[str] = METHOD_NAMES,
    epochs: int = 10,
    seeds: int = 1,
    *,
    batch_size: int = 32,
    learning_rate: float = 0.001,
) -> DataFrame:
    """Prune a trained network by several methods, fine-tune it, and compare accuracy, size and time.

    All networks fine-tune for the same epochs, the dense one too. Then all are timed in turn in one
    run, on one thread.

    Parameters
    ----------
    network
        The network, trained and not pruned.
    train, test
        What it is fine-tuned and tested on: `Examples`, or a pair of inputs, (N, T, width) numbers or
        (N, T) codes with the batch first, and answers: classes (N,) or, after every step, (N, T) with
        -1 where none is asked for; or numbers (N, K). Codes to train on leave out the padding of the
        network's embedding: pairs have no lengths, so give `Examples` of sequences that are filled
        up behind.
    densities
        Shares of the recurrent weights that are left, 0.001-1.
    methods
        Names in `METHODS`, or methods by the names that the frame shows.
    epochs, batch_size, learning_rate
        Of the fine-tuning, by Adam.
    seeds
        Fine-tunings of each network, with other orders of examples. Accuracies are their means; sizes,
        times and networks are those of the first.

    Returns
    -------
    pandas.DataFrame
        A row for each method and density, before them the network as given and the dense one,
        fine-tuned, the latter also in PyTorch and in ONNX Runtime.

        - `method`, `density`, `program`;
        - `accuracy`, 0-1, or `loss`, squared error, where numbers are asked for;
        - `kept`: recurrent weights that are left; `multiply_adds`: effective ones a step, those of
          the head included;
        - `bytes`: of the smaller of the files that `export_network` writes, as blocks or whole;
        - `step_seconds`: a step of one sequence, by the streaming engine; `batch_seconds`: a batch of
          32 test sequences, by the faster of our engines. NaN where a program is not installed;
        - `int8_accuracy` or `int8_loss`, and `int8_step_seconds`: the same of networks whose matrices
          are rounded to int8, as `compile_network(network, dtype="int8")` stores them;
        - `network`: the `OwnNetwork`, to be compiled and exported.

        `attrs` has `figure`, `steps` of a sequence, `batch`, `epochs`, `seeds` and `notes`.

    Raises
    ------
    TypeError, ValueError
        If the network cannot be fine-tuned or examples do not fit it, with what to do; if a value is
        out of bounds.
    ArithmeticError
        If a loss or gradient became infinite.
    """
    import pandas as pd

    instance_of("network", network, OwnNetwork)
    whole_number("seeds", seeds, 1)
    check_trainable(network)
    check_dense(network)
    halves = Halves(_examples("train", train, network), _examples("test", test, network))
    check_padding(network, halves.train)
    chosen = methods_named(methods, network.structure.variant)
    training = Training(epochs, batch_size, learning_rate)
    rows = _trained(network, halves, chosen, listed("densities", densities), training, seeds)
    figure = "loss" if halves.test.asked == VALUES else "accuracy"
    tuned = [_network_of(network, row.courses[0]) for row in rows]
    batch = _batch(halves.test)
    times, notes = _timed(tuned, batch)
    before = fmean(getattr(course.before, figure) for course in rows[0].courses)
    given, *rounded = _rounded(network, rows, halves.test, training, figure)
    table = [_cells(GIVEN, 1.0, before, network, times[0], given)]
    for number, (row, own) in enumerate(zip(rows, tuned, strict=True)):
        after = fmean(getattr(course.after, figure) for course in row.courses)
        table.append(_cells(row.method, row.density, after, own, times[number], rounded[number]))
        if row.method == DENSE:
            table += [
                _cells(DENSE, 1.0, after, own, seconds, program=name)
                for name, seconds in times.items()
                if isinstance(name, str)
            ]
    frame = pd.DataFrame(table).rename(columns={"figure": figure, "int8_figure": f"int8_{figure}"})
    frame.attrs |= {
        "figure": figure,
        "steps": batch.inputs.shape[1],
        "batch": len(batch),
        "epochs": epochs,
        "seeds": seeds,
        "notes": notes,
    }
    return frame


def _examples(what: str, given: Data, network: OwnNetwork) -> Examples:
    """Examples that the network can read and answer.

    Raises
    ------
    TypeError, ValueError
        With which examples, and why they do not fit.
    """
    from sparsebench.engines.populations import check_examples

    if not isinstance(given, Examples):
        if not isinstance(given, tuple | list) or len(given) != 2:
            raise TypeError(
                f"{what} is {with_article(type(given))}: give Examples, or a pair of inputs and answers"
            )
        inputs, answers = (np.asarray(each) for each in given)
        if inputs.ndim not in (2, 3) or len(inputs) != len(answers):
            raise ValueError(
                f"{what}: inputs {inputs.shape} and answers {answers.shape}: give inputs "
                "(N, T, width), or codes (N, T), with as many answers"
            )
        if (
            network.structure.symbols
            and inputs.size
            and not 0 <= inputs.min() <= inputs.max() < 256
        ):
            raise ValueError(
                f"{what}: codes go from {inputs.min()} to {inputs.max()}: give 0 to "
                f"{min(network.structure.symbols, 256) - 1}"
            )
        inputs = inputs.astype(np.uint8 if network.structure.symbols else np.float32)
        numbers = answers.dtype.kind == "f"
        answers = answers.astype(np.float32 if numbers else np.int64)
        if numbers and answers.ndim == 1:
            answers = answers[:, None]
        lengths = np.full(len(inputs), inputs.shape[1], np.int64)
        given = Examples(np.ascontiguousarray(inputs), lengths, np.ascontiguousarray(answers))
    try:
        check_examples([sparse_layout(network.layout)], given)
        check_reads(network, given)
    except ValueError as error:
        raise ValueError(f"{what}: {error}") from None
    return given


def _trained(
    network: OwnNetwork,
    halves: Halves,
    methods: Mapping[str, Method],
    densities: Sequence[float],
    training: Training,
    seeds: int,
) -> list[_Row]:
    """All networks, fine-tuned together: the dense one first."""
    from sparsebench.engines.mask_changes import Masking
    from sparsebench.engines.population_training import Start, train_population

    plan, weights = sparse_layout(network.layout), network.engine_weights
    for share in densities:
        density_in_reason(share)
    asked: list[tuple[str, float, Method | None]] = [(DENSE, 1.0, None)]
    asked += [(name, share, each) for name, each in methods.items() for share in densities]

    def start(share: float, method: Method | None, seed: int) -> Start:
        masking = None if method is None else Masking(method, float(share), "both", seed)
        return Start(plan, weights, seed, masking=masking)

    starts = [start(share, method, seed) for _, share, method in asked for seed in range(seeds)]
    courses = train_population(starts, halves, training, "last_step", "cpu")
    for course in courses:
        if course.stopped is not None:
            raise ArithmeticError(
                f"{course.stopped.reason} at step {course.stopped.step} of the fine-tuning: give a "
                f"learning_rate below {training.learning_rate:g}"
            )
    return [
        _Row(name, float(share), courses[seeds * place : seeds * (place + 1)])
        for place, (name, share, _) in enumerate(asked)
    ]


def _network_of(network: OwnNetwork, course: Course) -> OwnNetwork:
    return network.with_weights(course.weights).with_masks(course.masks)


def _rounded(
    network: OwnNetwork, rows: list[_Row], test: Examples, training: Training, figure: str
) -> list[float]:
    """The figures of the given network and of each row's, with matrices rounded to int8."""
    from sparsebench.engines.fused.population import CpuPopulation
    from sparsebench.engines.streaming.packing import network_matrices, rounded_to_int8

    given = [(sparse_layout(network.layout), network.engine_weights)]
    networks = [
        given,
        *(
            [(sparse_layout(network.layout, each.masks), each.weights) for each in row.courses]
            for row in rows
        ),
    ]
    matrices, _, _ = network_matrices(network.layout, network.engine_weights)
    every = [each for group in networks for each in group]
    population = CpuPopulation(
        [plan for plan, _ in every],
        [
            {**weights, **{name: rounded_to_int8(weights[name]) for name in matrices}}
            for _, weights in every
        ],
        "last_step",
        training,
    )
    figures = iter(
        [getattr(each, figure) for each in population.evaluate(test, training.batch_size)]
    )
    return [fmean(next(figures) for _ in group) for group in networks]


def _batch(test: Examples) -> Examples:
    """A batch of test sequences of one length, repeated if there are too few."""
    steps = int(test.lengths.max())
    longest = np.flatnonzero(test.lengths == steps)
    part = test.chosen(np.resize(longest, BATCH))
    answers = part.answers[:, :steps] if part.asked == CLASSES else part.answers
    return Examples(
        np.ascontiguousarray(part.inputs[:, :steps]), part.lengths, np.ascontiguousarray(answers)
    )


Times = dict[int | str, tuple[float, float, float]]
"""Seconds of a step, of a batch and of a step with weights as int8, of our networks by number, and of
others by program."""


def _timed(networks: list[OwnNetwork], batch: Examples) -> tuple[Times, list[str]]:
    """Times of all networks, and of the first, the dense one, in other programs."""
    from sparsebench.engines.own_programs import (
        PROGRAMS,
        installed,
        int8_step,
        interleaved,
        one_thread,
        program,
    )

    ours, *others = PROGRAMS
    prepared: dict[int | str, Any] = {
        number: program(ours, each, batch) for number, each in enumerate(networks)
    }
    found, notes = installed(others, lambda name: program(name, networks[0], batch))
    prepared.update(found)
    programs: dict[Any, Any] = {key: each.step for key, each in prepared.items()}
    programs |= {("int8", key): int8_step(each, batch) for key, each in enumerate(networks)}
    with one_thread():
        steps = interleaved(programs, STEP_ROUNDS)
        batches = interleaved({key: each.batch for key, each in prepared.items()}, BATCH_ROUNDS)
    times: Times = dict.fromkeys(others, (math.nan, math.nan, math.nan))
    for key in prepared:
        times[key] = steps[key], batches[key], steps.get(("int8", key), math.nan)
    return times, notes


def _cells(
    method: str,
    density: float,
    figure: float,
    network: OwnNetwork,
    seconds: tuple[float, float, float],
    rounded: float = math.nan,
    program: str = "sparsebench",
) -> dict[str, Any]:
    kept, _ = network.kept
    return {
        "method": method,
        "density": density,
        "program": program,
        "figure": figure,
        "kept": kept,
        "multiply_adds": kept + int(np.count_nonzero(network.weights["readout.weight"])),
        "bytes": _bytes(network),
        "step_seconds": seconds[0],
        "batch_seconds": seconds[1],
        "int8_figure": rounded,
        "int8_step_seconds": seconds[2],
        "network": network,
    }


def _bytes(network: OwnNetwork) -> int:
    """The size of the smaller of the exported files."""
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / f"network{ending}" for ending in (".npz", ".safetensors")]
        return min(export_network(network, path).bytes for path in files)
