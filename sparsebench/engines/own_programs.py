"""A network of your own as programs to be timed: our engines, PyTorch's layers and ONNX Runtime."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import Any, TypeVar

import numpy as np
import torch

from sparsebench.engines.streaming.compiled import compile_network
from sparsebench.engines.timing import sparse_forward_pass
from sparsebench.engines.torch_networks import to_torch
from sparsebench.parts.examples import Examples
from sparsebench.parts.own_network import OwnNetwork
from sparsebench.parts.own_onnx import save_onnx
from sparsebench.parts.sparse_layout import sparse_layout

Run = Callable[[], object]
Key = TypeVar("Key")
T = TypeVar("T")

_WARM_UP = 2
"""Rounds that are not counted."""

PROGRAMS = ("sparsebench", "PyTorch", "ONNX Runtime")


@dataclass(frozen=True, eq=False)
class Program:
    """A network, prepared to run.

    Attributes
    ----------
    step
        Computes one step of one sequence, with the state in and out.
    batch
        Computes all steps of a batch.
    """

    step: Run
    batch: Run


def program(name: str, network: OwnNetwork, batch: Examples) -> Program:
    """Prepare a network.

    Parameters
    ----------
    name
        A name in `PROGRAMS`. Only ours leaves out pruned weights; the others multiply zeros.
    network
        A network of one direction.
    batch
        The batch, of sequences that fill it. The first frame of its first sequence is the step's.

    Raises
    ------
    ModuleNotFoundError
        If ONNX Runtime, or the package `onnx`, is not installed.
    """
    return {PROGRAMS[0]: _ours, PROGRAMS[1]: _torch, PROGRAMS[2]: _onnx}[name](network, batch)


def installed(names: Iterable[str], prepare: Callable[[str], T]) -> tuple[dict[str, T], list[str]]:
    """Programs by name, and what is not installed, with what to do."""
    found, notes = {}, []
    for name in names:
        try:
            found[name] = prepare(name)
        except ModuleNotFoundError:
            notes.append(f"{name} is not installed: pip install 'sparsebench[onnx]'")
    return found, notes


def int8_step(network: OwnNetwork, batch: Examples) -> Run:
    """A step of one sequence by our engine, with weights as int8."""
    compiled = compile_network(network, dtype="int8")
    state, frame = compiled.start(), batch.inputs[0, 0]
    return lambda: compiled.step(frame, state)


def interleaved(programs: Mapping[Key, Run], rounds: int) -> dict[Key, float]:
    """Median seconds of programs that are run in turn, in each round twice, of which the second counts.

    The first run brings a program's weights back into the caches, where a stream of frames has them:
    without it, the first network of a round, which follows the other programs, took twice as long.

    Parameters
    ----------
    programs
        What to run, by any key.
    rounds
        Rounds that are counted.
    """
    times: dict[Key, list[float]] = {key: [] for key in programs}
    for number in range(-_WARM_UP, rounds):
        for key, run in programs.items():
            run()
            begin = time.perf_counter()
            run()
            seconds = time.perf_counter() - begin
            if number >= 0:
                times[key].append(seconds)
    return {key: median(own) for key, own in times.items()}


@contextmanager
def one_thread() -> Iterator[None]:
    """PyTorch on one thread, as the others are."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _ours(network: OwnNetwork, batch: Examples) -> Program:
    compiled = compile_network(network)
    state, frame = compiled.start(), batch.inputs[0, 0]
    plan = sparse_layout(network.layout, network.masks)
    whole = sparse_forward_pass(plan, network.engine_weights, "last_step", batch, len(batch), "cpu")
    return Program(lambda: compiled.step(frame, state), whole)


def _torch(network: OwnNetwork, batch: Examples) -> Program:
    module = to_torch(network)
    frame, sequences = (torch.from_numpy(each) for each in _on_axes(network, batch))
    state: Any = _zeros(network, 1, torch.zeros)

    def step() -> object:
        with torch.inference_mode():
            return module(frame, None, state)

    def whole() -> object:
        with torch.inference_mode():
            return module(sequences)

    return Program(step, whole)


def _onnx(network: OwnNetwork, batch: Examples) -> Program:
    onnxruntime = import_module("onnxruntime")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network.onnx"
        save_onnx(network, path)
        session = onnxruntime.InferenceSession(
            str(path), options, providers=["CPUExecutionProvider"]
        )
    frame, sequences = _on_axes(network, batch)
    fed = []
    for inputs, size in ((frame, 1), (sequences, len(batch))):
        states = {
            each.name: np.zeros((each.shape[0], size, each.shape[2]), np.float32)
            for each in session.get_inputs()[1:]
        }
        fed.append({"input": inputs, **states})
    return Program(lambda: session.run(None, fed[0]), lambda: session.run(["output"], fed[1]))


def _on_axes(network: OwnNetwork, batch: Examples) -> tuple[np.ndarray, np.ndarray]:
    """A frame of one sequence, and the whole batch, on the network's axes."""
    inputs = batch.inputs.astype(np.int64) if batch.letters else batch.inputs
    both = inputs[:1, :1], inputs
    if network.structure.batch_first:
        return both
    first, whole = (np.ascontiguousarray(each.swapaxes(0, 1)) for each in both)
    return first, whole


def _zeros(network: OwnNetwork, batch: int, make: Callable[..., Any]) -> Any:
    """The state before the first step, in PyTorch's shapes."""
    states = []
    for stack in network.structure.stacks:
        zeros = make(stack.layers, batch, stack.size)
        states.append((zeros, zeros) if network.structure.variant == "lstm" else zeros)
    return states[0] if len(states) == 1 else tuple(states)
