"""A network of your own as an ONNX model, with its state in and out; needs the package `onnx`."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from sparsebench.parts.files import FilePath, write_atomically
from sparsebench.parts.own_forward import State
from sparsebench.parts.own_network import OwnNetwork
from sparsebench.values.own_structure import Direction, OwnStructure
from sparsebench.values.seeding import stream

OPSET, IR = 17, 8
"""Versions of ONNX's operators and format, which runtimes since 2022 read."""

_GATES = {"lstm": (0, 3, 1, 2), "gru": (1, 0, 2), "rnn_tanh": (0,), "rnn_relu": (0,)}
"""Where ONNX's gates stand in PyTorch: LSTM i, o, f, c; GRU z, r, h."""

AGREEMENT = 1e-4
"""Largest difference from the network in ONNX Runtime, relative to the largest number, or to 1. It
covers the rounding of single precision: with weights ten times PyTorch's initial ones, layers of 256
units were within 1.4e-6."""

_STEPS, _BATCH = 3, 2
"""Steps and sequences of the inputs on which a model is checked."""

_ERRORS = 3
"""ONNX Runtime's level of messages that leaves out warnings."""

_OPERATORS = {"lstm": "LSTM", "gru": "GRU", "rnn_tanh": "RNN", "rnn_relu": "RNN"}


def save_onnx(network: OwnNetwork, path: Path) -> None:
    """Write a network as an ONNX model of one recurrent operator for each layer.

    Its inputs are `input`, and `h0`, and `c0` of an LSTM, for each stack; its outputs `output`,
    `hn` and `cn`, numbered by stack if there are several. Shapes are those of `OwnNetwork.forward`
    without lengths; batch and steps are free. Pruned weights are zeros.

    Raises
    ------
    ModuleNotFoundError
        Without the package `onnx`.
    """
    onnx = _onnx()
    model = _Model(onnx, network).made()
    onnx.checker.check_model(model)
    write_atomically(path, model.SerializeToString())


def weights_in_onnx(path: FilePath, structure: OwnStructure) -> dict[str, np.ndarray]:
    """The weights in an ONNX model that `save_onnx` wrote, by their names in the network."""
    onnx = _onnx()
    read = {
        each.name: onnx.numpy_helper.to_array(each)
        for each in onnx.load(str(path)).graph.initializer
    }
    result, back = {}, _back(structure.variant)
    for each in structure.directions:
        start, side = f"layers.{each.layer}", int(each.reverse)
        for kind in ("i2h", "h2h"):
            result[f"{each.name}.{kind}"] = _regated(read[f"{start}.{kind}"][side], back)
        if each.bias:
            both = np.split(read[f"{start}.bias"][side], 2)
            for kind, stored in zip(("i2h_bias", "h2h_bias"), both, strict=True):
                result[f"{each.name}.{kind}"] = _regated(stored, back)
    for name in structure.shapes().keys() - result.keys():
        result[name] = read[name].T if name == "readout.weight" else read[name]
    return result


def check_in_runtime(network: OwnNetwork, path: Path) -> None:
    """Run an ONNX model in ONNX Runtime, if that is installed, and compare it with its network.

    Raises
    ------
    ArithmeticError
        If it computes something else, with the largest difference.
    """
    try:
        runtime = import_module("onnxruntime")
    except ModuleNotFoundError as error:
        if error.name != "onnxruntime":
            raise
        return
    options = runtime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = _ERRORS
    session = runtime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    names = [each.name for each in session.get_inputs()[1:]]
    state: State | None = None
    for number in range(2):
        inputs = _inputs(network, number)
        expected, after = network.forward(inputs, None, state)
        before = [np.zeros_like(each) for each in _flat(after)] if state is None else _flat(state)
        given = dict(zip(names, before, strict=True))
        said = session.run(None, {"input": inputs, **given})
        for what, ours, theirs in zip(
            ["output", *names], [expected, *_flat(after)], said, strict=True
        ):
            largest = max(1.0, float(np.abs(ours).max()))
            apart = float(np.abs(ours - theirs).max()) / largest
            if not apart <= AGREEMENT:
                what = "its outputs are" if what == "output" else f"its states of {what} are"
                raise ArithmeticError(
                    f"{path}: in ONNX Runtime, {what} off the network's by {apart:.2g} of the largest, "
                    f"and {AGREEMENT} is allowed: use another version of ONNX Runtime, or report this "
                    "as a bug"
                )
        state = after


def _inputs(network: OwnNetwork, number: int) -> np.ndarray:
    """Seeded inputs of a few sequences, on the network's axes."""
    structure, random = network.structure, stream("inputs of an ONNX model's check", number)
    shape = (_BATCH, _STEPS) if structure.batch_first else (_STEPS, _BATCH)
    if structure.symbols:
        return random.randint(0, structure.symbols, shape).astype(np.int64)
    return random.standard_normal((*shape, structure.width)).astype(np.float32)


def _flat(state: State) -> list[np.ndarray]:
    """The arrays of a state, in the order of a model's inputs."""
    return [each for part in state for each in _flat(part)] if isinstance(state, tuple) else [state]


def _onnx() -> ModuleType:
    try:
        import onnx
        import onnx.numpy_helper
    except ModuleNotFoundError as error:
        if error.name != "onnx":
            raise
        raise ModuleNotFoundError(
            "ONNX models need the package onnx: pip install 'sparsebench[onnx]'", name="onnx"
        ) from None
    return onnx


class _Model:
    """The parts of a model, collected from input to output."""

    def __init__(self, onnx: ModuleType, network: OwnNetwork) -> None:
        self._onnx, self._network, self._structure = onnx, network, network.structure
        self._nodes: list[Any] = []
        self._arrays: list[Any] = []
        self._inputs: list[Any] = []
        self._outputs: list[Any] = []

    def made(self) -> Any:
        """The model."""
        helper, kinds = self._onnx.helper, self._onnx.TensorProto
        structure = self._structure
        axes: list[Any] = ["batch", "steps"] if structure.batch_first else ["steps", "batch"]
        frames = axes if structure.symbols else [*axes, structure.width]
        kind = kinds.INT64 if structure.symbols else kinds.FLOAT
        self._inputs.append(helper.make_tensor_value_info("input", kind, frames))
        said, last = self._layers(self._read("input"))
        said = self._head(self._chosen(said, last))
        every = structure.reads == "every_step"
        if every and structure.batch_first:
            said = self._node("Transpose", [said], perm=[1, 0, 2])
        self._node("Identity", [said], "output")
        shape = [*(axes if every else ["batch"]), structure.outputs]
        output = helper.make_tensor_value_info("output", kinds.FLOAT, shape)
        graph = helper.make_graph(
            self._nodes, "network", self._inputs, [output, *self._outputs], self._arrays
        )
        opset = helper.make_opsetid("", OPSET)
        return helper.make_model(
            graph, opset_imports=[opset], ir_version=IR, producer_name="sparsebench"
        )

    def _read(self, values: str) -> str:
        """What the first layer reads, (T, B, width)."""
        structure = self._structure
        if structure.symbols:
            rows = self._array("embedding", self._network.weights["embedding"])
            values = self._node("Gather", [rows, values])
        return (
            self._node("Transpose", [values], perm=[1, 0, 2]) if structure.batch_first else values
        )

    def _layers(self, values: str) -> tuple[str, list[str]]:
        """The last layer's outputs (T, B, units), and its last states, (1, B, size) each."""
        structure, directions = self._structure, self._structure.directions
        lstm, place, last = structure.variant == "lstm", 0, [""]
        for number, stack in enumerate(structure.stacks):
            mark = str(number) if len(structure.stacks) > 1 else ""
            sides = 1 + stack.bidirectional
            count = stack.layers * sides
            parts = ["h", "c"] if lstm else ["h"]
            given = [self._states(f"{part}0{mark}", count, stack.size, sides) for part in parts]
            after: list[list[str]] = [[] for _ in parts]
            for layer in range(stack.layers):
                own = directions[place : place + sides]
                place += sides
                begin = [states[layer] for states in given]
                values, ends = self._layer(own, values, begin)
                for states, end in zip(after, ends, strict=True):
                    states.append(end)
                last = [after[0][-1]]
            for part, states in zip(parts, after, strict=True):
                self._node("Concat", states, f"{part}n{mark}", axis=0)
                self._state_info(self._outputs, f"{part}n{mark}", count, stack.size)
        return values, last

    def _states(self, name: str, count: int, size: int, sides: int) -> list[str]:
        """An input with the state of a stack, cut up by layers."""
        self._state_info(self._inputs, name, count, size)
        layers = count // sides
        if layers == 1:
            return [name]
        names = [f"{name}.{layer}" for layer in range(layers)]
        sizes = self._array(f"{name}.sizes", np.full(layers, sides, np.int64))
        self._nodes.append(self._onnx.helper.make_node("Split", [name, sizes], names, axis=0))
        return names

    def _state_info(self, where: list[Any], name: str, count: int, size: int) -> None:
        kind = self._onnx.TensorProto.FLOAT
        where.append(self._onnx.helper.make_tensor_value_info(name, kind, [count, "batch", size]))

    def _layer(self, own: list[Direction], values: str, begin: list[str]) -> tuple[str, list[str]]:
        """One layer of one or two directions: outputs (T, B, units), and its last states."""
        structure, weights = self._structure, self._network.weights
        name, order = f"layers.{own[0].layer}", _GATES[structure.variant]
        arrays = [
            np.stack([_regated(weights[f"{each.name}.{kind}"], order) for each in own])
            for kind in ("i2h", "h2h")
        ]
        bias = ""
        if own[0].bias:
            both = [
                np.concatenate(
                    [
                        _regated(weights[f"{each.name}.{kind}"], order)
                        for kind in ("i2h_bias", "h2h_bias")
                    ]
                )
                for each in own
            ]
            bias = self._array(f"{name}.bias", np.stack(both))
        i2h, h2h = (
            self._array(f"{name}.{kind}", array)
            for kind, array in zip(("i2h", "h2h"), arrays, strict=True)
        )
        options: dict[str, Any] = {
            "hidden_size": own[0].size,
            "direction": "bidirectional" if len(own) == 2 else "forward",
        }
        if structure.variant == "gru":
            options["linear_before_reset"] = 1
        if structure.variant.startswith("rnn_"):
            kind = structure.variant.removeprefix("rnn_").capitalize()
            options["activations"] = [kind] * len(own)
        ends = [f"{name}.{part}n" for part in ("h", "c")[: len(begin)]]
        node = self._onnx.helper.make_node(
            _OPERATORS[structure.variant],
            [values, i2h, h2h, bias, "", *begin],
            [f"{name}.y", *ends],
            name,
            **options,
        )
        self._nodes.append(node)
        # (T, directions, B, size) -> (T, B, directions * size)
        sides = self._node("Transpose", [f"{name}.y"], perm=[0, 2, 1, 3])
        shape = self._array(f"{name}.shape", np.array([0, 0, -1], np.int64))
        return self._node("Reshape", [sides, shape]), ends

    def _chosen(self, values: str, last: list[str]) -> str:
        """What the head reads of the outputs (T, B, units)."""
        reads = self._structure.reads
        if reads == "every_step":
            return values
        if reads == "mean":
            return self._node("ReduceMean", [values], axes=[0], keepdims=0)
        if reads == "last_step":
            place = self._array("last", np.array(-1, np.int64))
            return self._node("Gather", [values, place], axis=0)
        sides = self._node("Transpose", last, perm=[1, 0, 2])
        shape = self._array("side by side", np.array([0, -1], np.int64))
        return self._node("Reshape", [sides, shape])

    def _head(self, values: str) -> str:
        structure, weights = self._structure, self._network.weights
        if not structure.classes:
            return values
        matrix = self._array("readout.weight", np.ascontiguousarray(weights["readout.weight"].T))
        said = self._node("MatMul", [values, matrix])
        if not structure.head_bias:
            return said
        return self._node("Add", [said, self._array("readout.bias", weights["readout.bias"])])

    def _array(self, name: str, array: np.ndarray) -> str:
        self._arrays.append(self._onnx.numpy_helper.from_array(array, name))
        return name

    def _node(self, operator: str, inputs: list[str], output: str = "", **options: Any) -> str:
        output = output or f"{operator.lower()}.{len(self._nodes)}"
        self._nodes.append(self._onnx.helper.make_node(operator, inputs, [output], **options))
        return output


def _regated(array: np.ndarray, order: tuple[int, ...]) -> np.ndarray:
    """An array with its gates, blocks of rows, in another order."""
    gates = np.split(array, len(order))
    return np.concatenate([gates[place] for place in order])


def _back(variant: str) -> tuple[int, ...]:
    """The order that brings ONNX's gates back to PyTorch's."""
    return tuple(int(place) for place in np.argsort(_GATES[variant]))
