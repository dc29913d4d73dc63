"""What a network of your own computes: PyTorch's equations in NumPy, with double precision.

Equations and the order of gates are those of `torch.nn.RNN`, `torch.nn.LSTM` and `torch.nn.GRU`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from sparsebench.values.own_structure import Direction

if TYPE_CHECKING:
    from sparsebench.parts.own_network import OwnNetwork

States = np.ndarray | tuple[np.ndarray, np.ndarray]
"""h, or h and c of an LSTM, of one stack: each (layers * directions, B, size) float32."""

State = States | tuple[States, ...]
"""The state of a network: that of its stack or, if there are several, of each."""


def forward(
    network: OwnNetwork, inputs: np.ndarray, lengths: np.ndarray | None, state: State | None
) -> tuple[np.ndarray, State]:
    """See `OwnNetwork.forward`."""
    with np.errstate(over="ignore", invalid="ignore"):  # as in PyTorch, without a warning
        return _forward(network, inputs, lengths, state)


def _forward(
    network: OwnNetwork, inputs: np.ndarray, lengths: np.ndarray | None, state: State | None
) -> tuple[np.ndarray, State]:
    values = _read(network, np.asarray(inputs))  # (T, B, width)
    steps, batch = values.shape[:2]
    counts = _checked_lengths(lengths, steps, batch)
    before = _checked_state(network, state, batch)
    after: list[tuple[np.ndarray, np.ndarray]] = []
    every, place = network.structure.directions, 0
    for stack in network.structure.stacks:
        for _ in range(stack.layers):
            sides = []
            for direction in every[place : place + 1 + stack.bidirectional]:
                side, last = _direction(network, direction, values, counts, *before[place])
                sides.append(side)
                after.append(last)
                place += 1
            values = np.concatenate(sides, axis=2)
    said = _said(network, values, counts, after)
    if network.structure.reads == "every_step" and network.structure.batch_first:
        said = said.swapaxes(0, 1)
    return np.ascontiguousarray(said, np.float32), _as_state(network, after)


def _read(network: OwnNetwork, inputs: np.ndarray) -> np.ndarray:
    """The numbers that the first layer reads, (T, B, width)."""
    structure = network.structure
    axes = ("batch", "steps") if structure.batch_first else ("steps", "batch")
    if structure.symbols:
        if inputs.ndim != 2 or inputs.dtype.kind not in "iu" or not inputs.size:
            raise ValueError(
                f"inputs are {inputs.dtype} {inputs.shape}: give whole numbers ({', '.join(axes)}), "
                "the rows of the embedding"
            )
        if inputs.min() < 0 or inputs.max() >= structure.symbols:
            raise ValueError(
                f"inputs go from {inputs.min()} to {inputs.max()}: give 0 to {structure.symbols - 1}"
            )
        inputs = network.weights["embedding"][inputs]
    elif (
        inputs.ndim != 3
        or inputs.shape[2] != structure.width
        or inputs.dtype.kind not in "fiu"
        or not inputs.size
    ):
        raise ValueError(
            f"inputs are {inputs.dtype} {inputs.shape}: give numbers "
            f"({', '.join(axes)}, {structure.width}); a frame alone is (1, 1, {structure.width})"
        )
    return (inputs.swapaxes(0, 1) if structure.batch_first else inputs).astype(np.float64)


def _checked_lengths(lengths: np.ndarray | None, steps: int, batch: int) -> np.ndarray:
    if lengths is None:
        return np.full(batch, steps)
    counts = np.asarray(lengths)
    whole = counts.dtype.kind in "iu" and counts.shape == (batch,)
    if not whole or counts.min() < 1 or counts.max() > steps:
        raise ValueError(
            f"lengths are {counts.dtype} {counts.shape}: give {batch} whole numbers from 1 to {steps}, "
            "one for each sequence"
        )
    return counts.astype(np.int64)


def _checked_state(
    network: OwnNetwork, state: State | None, batch: int
) -> list[tuple[np.ndarray, np.ndarray]]:
    """(h, c), each (B, size), of every direction; c is unused zeros unless there are LSTM cells."""
    if state is None:
        zeros = [np.zeros((batch, each.size)) for each in network.structure.directions]
        return [(each, each) for each in zeros]
    stacks = (state,) if len(network.structure.stacks) == 1 else state
    parts = 2 if network.structure.variant == "lstm" else 1
    result = []
    if len(stacks) != len(network.structure.stacks):
        raise ValueError(
            f"a state of {len(stacks)} stacks: give one for each of {len(network.structure.stacks)}"
        )
    for stack, given in zip(network.structure.stacks, stacks, strict=True):
        each = given if isinstance(given, tuple) else (given,)
        arrays = [np.asarray(part) for part in each]
        shape = (stack.layers * (1 + stack.bidirectional), batch, stack.size)
        if [array.shape for array in arrays] != [shape] * parts:
            wanted = f"(h, c), each {shape}" if parts == 2 else f"h {shape}"
            raise ValueError(
                f"a state of shapes {', '.join(str(array.shape) for array in arrays)}: give {wanted}, "
                "as a forward pass returns it"
            )
        arrays = [array.astype(np.float64) for array in arrays]
        result += [(h, c) for h, c in zip(arrays[0], arrays[-1], strict=True)]
    return result


def _as_state(network: OwnNetwork, after: list[tuple[np.ndarray, np.ndarray]]) -> State:
    """The state of all directions as PyTorch returns it, float32."""
    result: list[States] = []
    place = 0
    for stack in network.structure.stacks:
        count = stack.layers * (1 + stack.bidirectional)
        h, c = (
            np.stack([pair[part] for pair in after[place : place + count]]).astype(np.float32)
            for part in (0, 1)
        )
        result.append((h, c) if network.structure.variant == "lstm" else h)
        place += count
    return result[0] if len(result) == 1 else tuple(result)


def _direction(
    network: OwnNetwork,
    direction: Direction,
    values: np.ndarray,
    counts: np.ndarray,
    h: np.ndarray,
    c: np.ndarray,
) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray]]:
    """Outputs (T, B, size) of a direction, zero after a sequence's end, and its last state."""
    steps, batch = values.shape[:2]
    order = np.arange(steps)[:, None] + np.zeros(batch, np.int64)  # (T, B): the step read at each
    there = order < counts
    if direction.reverse:
        order = np.where(there, counts - 1 - order, order)
    columns = np.arange(batch)
    weights = {
        kind: network.weights[f"{direction.name}.{kind}"].astype(np.float64)
        for kind in ("i2h", "h2h", "i2h_bias", "h2h_bias")
        if direction.bias or not kind.endswith("_bias")
    }
    from_inputs = values[order, columns] @ weights["i2h"].T + weights.get("i2h_bias", 0.0)
    step = _STEPS[network.structure.variant]
    outputs = np.zeros((steps, batch, direction.size))
    for place in range(steps):
        from_hidden = h @ weights["h2h"].T + weights.get("h2h_bias", 0.0)
        next_h, next_c = step(from_inputs[place], from_hidden, h, c)
        now = there[place][:, None]
        h, c = np.where(now, next_h, h), np.where(now, next_c, c)
        outputs[order[place], columns] = np.where(now, h, 0.0)
    return outputs, (h, c)


def _said(
    network: OwnNetwork,
    values: np.ndarray,
    counts: np.ndarray,
    after: list[tuple[np.ndarray, np.ndarray]],
) -> np.ndarray:
    """What the head makes of the last layer's outputs (T, B, units)."""
    if network.structure.reads == "last_step":
        values = values[counts - 1, np.arange(len(counts))]
    elif network.structure.reads == "last_state":
        sides = 1 + network.structure.stacks[-1].bidirectional
        values = np.concatenate([h for h, _ in after[-sides:]], axis=1)
    elif network.structure.reads == "mean":
        values = values.sum(0) / counts[:, None]
    if not network.structure.classes:
        return values
    bias = network.weights["readout.bias"] if network.structure.head_bias else 0.0
    return values @ network.weights["readout.weight"].astype(np.float64).T + bias


def _sigmoid(values: np.ndarray) -> np.ndarray:
    return 0.5 * (1 + np.tanh(0.5 * values))


def _rnn_tanh(
    from_input: np.ndarray, from_hidden: np.ndarray, h: np.ndarray, c: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    return np.tanh(from_input + from_hidden), c


def _rnn_relu(
    from_input: np.ndarray, from_hidden: np.ndarray, h: np.ndarray, c: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    return np.maximum(from_input + from_hidden, 0), c


def _lstm(
    from_input: np.ndarray, from_hidden: np.ndarray, h: np.ndarray, c: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    entry, forget, candidate, exit_ = np.split(from_input + from_hidden, 4, axis=1)
    c = _sigmoid(forget) * c + _sigmoid(entry) * np.tanh(candidate)
    return _sigmoid(exit_) * np.tanh(c), c


def _gru(
    from_input: np.ndarray, from_hidden: np.ndarray, h: np.ndarray, c: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    input_reset, input_update, input_new = np.split(from_input, 3, axis=1)
    hidden_reset, hidden_update, hidden_new = np.split(from_hidden, 3, axis=1)
    update = _sigmoid(input_update + hidden_update)
    new = np.tanh(input_new + _sigmoid(input_reset + hidden_reset) * hidden_new)
    return (1 - update) * new + update * h, c


_Step = Callable[[np.ndarray, np.ndarray, np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]

_STEPS: dict[str, _Step] = {
    "rnn_tanh": _rnn_tanh,
    "rnn_relu": _rnn_relu,
    "lstm": _lstm,
    "gru": _gru,
}
