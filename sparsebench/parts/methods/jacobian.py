"""Scores of weights by the Jacobian of a network's states (Zhang and Stadie 2019)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sparsebench.parts.methods.context import Context
from sparsebench.parts.methods.criteria import OfExamples, Scores
from sparsebench.parts.methods.tape import Value, gradients_of_squares, ordered_sum, product
from sparsebench.values.checks import whole_number
from sparsebench.values.kinds import kind

State = tuple[Value, Value]
"""Hidden units and cells of a block, (N, units) each; without cells, the second stays as it is."""


@kind("JacobianScores")
@dataclass(frozen=True)
class JacobianScores(OfExamples):
    """What a weight does to the Jacobian of the states, the product of those of the last steps.

    For each block J is the derivative of its last state by that `steps` steps before, f the sum over
    examples of the squares of J times a vector of ones. The score is the absolute value of w * df/dw,
    divided by the mean absolute value of df/dw over the weights of its gate in its matrix, so that
    gates compete on equal terms. Weights of a gate that has no effect on J, such as those of RNN-ReLU's
    inputs, have their size, divided by its mean over the gate. All examples are run to the end of the
    longest; the blocks below are constants.

    Attributes
    ----------
    examples
        Training examples.
    steps
        Steps of the Jacobian; fewer if examples are shorter.
    """

    examples: int = 64
    steps: int = 4

    def __post_init__(self) -> None:
        super().__post_init__()
        whole_number("steps", self.steps, 1)

    def scores(self, context: Context) -> Scores:
        """See the class; float64."""
        gradients = self._gradients(context)
        scores = {}
        for name in context.names:
            own, sizes = np.abs(gradients[name]), np.abs(context.weights[name]).astype(np.float64)
            scores[name] = own * sizes
            for rows in context.gates(name):
                if own[rows].any():
                    scores[name][rows] /= _mean(own[rows])
                elif sizes[rows].any():
                    scores[name][rows] = sizes[rows] / _mean(sizes[rows])
        return scores

    def _gradients(self, context: Context) -> dict[str, np.ndarray]:
        """The gradient of f by each matrix."""
        layout = context.layout
        weights = {name: array.astype(np.float64) for name, array in context.weights.items()}
        read = _inputs(context, weights, self.examples)
        outputs: list[list[np.ndarray]] = []  # of each layer, by step
        found = {}
        for block in layout.blocks:
            matrices = [Value(weights[f"{block.name}.{kind}"]) for kind in ("i2h", "h2h")]
            biases = [Value(weights[f"{block.name}.{kind}_bias"]) for kind in ("i2h", "h2h")]
            below = read if block.source < 0 else outputs[block.source]
            own, tangent = _run(layout.variant, matrices, biases, below, self.steps)
            by = gradients_of_squares(tangent, matrices)
            found[f"{block.name}.i2h"], found[f"{block.name}.h2h"] = by
            if block.target == len(outputs):
                outputs.append(own)
            else:
                outputs[block.target] = [
                    one + other for one, other in zip(outputs[block.target], own, strict=True)
                ]
        return found


def _mean(values: np.ndarray) -> float:
    return ordered_sum(values.ravel()) / values.size


def _inputs(context: Context, weights: dict[str, np.ndarray], examples: int) -> list[np.ndarray]:
    """What the first layer reads at each step, (N, width)."""
    taken = context.derivatives.sample(examples)
    steps = range(int(taken.lengths.max()))
    if taken.letters:
        return [weights["embedding"][taken.inputs[:, step]] for step in steps]
    return [taken.inputs[:, step].astype(np.float64) for step in steps]


def _run(
    variant: str, matrices: list[Value], biases: list[Value], read: list[np.ndarray], last: int
) -> tuple[list[np.ndarray], Value]:
    """The outputs of a block at every step, and J times a vector of ones at the end."""
    i2h, h2h = matrices
    units = h2h.array.shape[1]
    zeros, ones = np.zeros((len(read[0]), units)), np.ones((len(read[0]), units))
    state, change = (Value(zeros), Value(zeros)), (Value(zeros), Value(zeros))
    outputs = []
    for step, values in enumerate(read):
        if step == max(0, len(read) - last):  # what came before is constant
            state = Value(state[0].array), Value(state[1].array)
            change = Value(ones), Value(ones if variant == "lstm" else zeros)
        if step >= len(read) - last:
            from_input = Value(values).times(i2h) + biases[0]
            from_hidden = state[0].times(h2h) + biases[1]
            state, change = _STEPS[variant](
                from_input, from_hidden, change[0].times(h2h), state, change
            )
        else:
            from_input = Value(product(values, i2h.array) + biases[0].array)
            from_hidden = Value(product(state[0].array, h2h.array) + biases[1].array)
            none = Value(np.zeros(from_input.array.shape))
            state, _ = _STEPS[variant](from_input, from_hidden, none, state, change)
            state = Value(state[0].array), Value(state[1].array)
        outputs.append(state[0].array)
    return outputs, change[0]


Step = Callable[[Value, Value, Value, State, State], tuple[State, State]]
"""Sums from the input and from the hidden units, the change of the latter, the state, and its change:
the next state, and its change."""


def _rnn_tanh(
    from_input: Value, from_hidden: Value, moved: Value, state: State, change: State
) -> tuple[State, State]:
    hidden = (from_input + from_hidden).tanh()
    return (hidden, state[1]), ((hidden * hidden).minus_from_one() * moved, change[1])


def _rnn_relu(
    from_input: Value, from_hidden: Value, moved: Value, state: State, change: State
) -> tuple[State, State]:
    sums = from_input + from_hidden
    return (sums.relu(), state[1]), (sums.positive() * moved, change[1])


def _lstm(
    from_input: Value, from_hidden: Value, moved: Value, state: State, change: State
) -> tuple[State, State]:
    entry, forget, candidate, leave = _parts(from_input + from_hidden, 4)
    d_entry, d_forget, d_candidate, d_leave = _parts(moved, 4)
    entry, d_entry = _gate(entry, d_entry)
    forget, d_forget = _gate(forget, d_forget)
    leave, d_leave = _gate(leave, d_leave)
    candidate = candidate.tanh()
    d_candidate = (candidate * candidate).minus_from_one() * d_candidate
    cell = forget * state[1] + entry * candidate
    d_cell = d_forget * state[1] + forget * change[1] + d_entry * candidate + entry * d_candidate
    out = cell.tanh()
    d_out = (out * out).minus_from_one() * d_cell
    return (leave * out, cell), (d_leave * out + leave * d_out, d_cell)


def _gru(
    from_input: Value, from_hidden: Value, moved: Value, state: State, change: State
) -> tuple[State, State]:
    i_reset, i_update, i_new = _parts(from_input, 3)
    h_reset, h_update, h_new = _parts(from_hidden, 3)
    d_reset, d_update, d_new = _parts(moved, 3)
    reset, d_reset = _gate(i_reset + h_reset, d_reset)
    update, d_update = _gate(i_update + h_update, d_update)
    new = (i_new + reset * h_new).tanh()
    d_new = (new * new).minus_from_one() * (d_reset * h_new + reset * d_new)
    rest = update.minus_from_one()
    hidden = rest * new + update * state[0]
    minus = Value(np.full(d_update.array.shape, -1.0))
    d_hidden = rest * d_new + minus * d_update * new + d_update * state[0] + update * change[0]
    return (hidden, state[1]), (d_hidden, change[1])


def _mgu(
    from_input: Value, from_hidden: Value, moved: Value, state: State, change: State
) -> tuple[State, State]:
    i_forget, i_new = _parts(from_input, 2)
    h_forget, h_new = _parts(from_hidden, 2)
    d_forget, d_new = _parts(moved, 2)
    forget, d_forget = _gate(i_forget + h_forget, d_forget)
    new = (i_new + forget * h_new).tanh()
    d_new = (new * new).minus_from_one() * (d_forget * h_new + forget * d_new)
    rest = forget.minus_from_one()
    hidden = rest * state[0] + forget * new
    minus = Value(np.full(d_forget.array.shape, -1.0))
    d_hidden = rest * change[0] + minus * d_forget * state[0] + d_forget * new + forget * d_new
    return (hidden, state[1]), (d_hidden, change[1])


def _parts(sums: Value, gates: int) -> list[Value]:
    units = sums.array.shape[1] // gates
    return [sums.columns(gate * units, (gate + 1) * units) for gate in range(gates)]


def _gate(sums: Value, moved: Value) -> tuple[Value, Value]:
    """A gate, and its change."""
    gate = sums.logistic()
    return gate, gate * gate.minus_from_one() * moved


_STEPS: dict[str, Step] = {
    "rnn_tanh": _rnn_tanh,
    "rnn_relu": _rnn_relu,
    "lstm": _lstm,
    "gru": _gru,
    "mgu": _mgu,
}
