"""The elementwise half of each cell: from sums of products to the new state, and back.

`forward_cell` finds the sums of a step's gates in `gates`, `hidden` rows for each gate in PyTorch's
order, and leaves there what `backward_cell` needs. Row `state` of `states` is the first of the
hidden state before the step; the new one follows it. `cells` holds the LSTM's cell in the same way.

`backward_cell` overwrites the gates with the gradients of their sums. Rows from 0 of `carried` come
in as the gradient of the new hidden state and go out as what reaches the old one past the matrices;
LSTM carries its cell's in the rows after them.
"""

from __future__ import annotations

from collections.abc import Callable

from numba.extending import overload

from sparsebench.engines.fused.activations import logistic, tanh
from sparsebench.engines.fused.simd import fma, load, store, where_positive


def forward_cell(species, hidden, gates, gate, states, state, cells):
    """One step of `hidden` units of a cell."""


def backward_cell(species, hidden, gates, gate, states, state, cells, carried):
    """The same step on the way back."""


def _tanh_forward(species, hidden, gates, gate, states, state, cells):
    for j in range(hidden):
        store(species, states, state + hidden + j, tanh(load(species, gates, gate + j)))


def _tanh_backward(species, hidden, gates, gate, states, state, cells, carried):
    for j in range(hidden):
        new = load(species, states, state + hidden + j)
        store(species, gates, gate + j, load(species, carried, j) * (1.0 - new * new))
        store(species, carried, j, 0.0)


def _relu_forward(species, hidden, gates, gate, states, state, cells):
    for j in range(hidden):
        total = load(species, gates, gate + j)
        store(species, states, state + hidden + j, where_positive(total, total))


def _relu_backward(species, hidden, gates, gate, states, state, cells, carried):
    for j in range(hidden):
        new = load(species, states, state + hidden + j)
        store(species, gates, gate + j, where_positive(new, load(species, carried, j)))
        store(species, carried, j, 0.0)


def _lstm_forward(species, hidden, gates, gate, states, state, cells):
    for j in range(hidden):
        entry = logistic(load(species, gates, gate + j))
        forget = logistic(load(species, gates, gate + hidden + j))
        candidate = tanh(load(species, gates, gate + 2 * hidden + j))
        leave = logistic(load(species, gates, gate + 3 * hidden + j))
        cell = fma(forget, load(species, cells, state + j), entry * candidate)
        shown = tanh(cell)
        store(species, gates, gate + j, entry)
        store(species, gates, gate + hidden + j, forget)
        store(species, gates, gate + 2 * hidden + j, candidate)
        store(species, gates, gate + 3 * hidden + j, leave)
        store(species, gates, gate + 4 * hidden + j, shown)
        store(species, cells, state + hidden + j, cell)
        store(species, states, state + hidden + j, leave * shown)


def _lstm_backward(species, hidden, gates, gate, states, state, cells, carried):
    for j in range(hidden):
        entry = load(species, gates, gate + j)
        forget = load(species, gates, gate + hidden + j)
        candidate = load(species, gates, gate + 2 * hidden + j)
        leave = load(species, gates, gate + 3 * hidden + j)
        shown = load(species, gates, gate + 4 * hidden + j)
        delta = load(species, carried, j)
        cell = fma(delta * leave, 1.0 - shown * shown, load(species, carried, hidden + j))
        store(species, gates, gate + j, cell * candidate * entry * (1.0 - entry))
        old = load(species, cells, state + j)
        store(species, gates, gate + hidden + j, cell * old * forget * (1.0 - forget))
        store(species, gates, gate + 2 * hidden + j, cell * entry * (1.0 - candidate * candidate))
        store(species, gates, gate + 3 * hidden + j, delta * shown * leave * (1.0 - leave))
        store(species, carried, hidden + j, cell * forget)
        store(species, carried, j, 0.0)


def _gru_forward(species, hidden, gates, gate, states, state, cells):
    for j in range(hidden):
        reset = logistic(load(species, gates, gate + j))
        update = logistic(load(species, gates, gate + hidden + j))
        recurrent = load(species, gates, gate + 3 * hidden + j)
        new = tanh(fma(reset, recurrent, load(species, gates, gate + 2 * hidden + j)))
        store(species, gates, gate + j, reset)
        store(species, gates, gate + hidden + j, update)
        store(species, gates, gate + 2 * hidden + j, new)
        blended = fma(update, load(species, states, state + j) - new, new)
        store(species, states, state + hidden + j, blended)


def _gru_backward(species, hidden, gates, gate, states, state, cells, carried):
    for j in range(hidden):
        reset = load(species, gates, gate + j)
        update = load(species, gates, gate + hidden + j)
        new = load(species, gates, gate + 2 * hidden + j)
        recurrent = load(species, gates, gate + 3 * hidden + j)
        old = load(species, states, state + j)
        delta = load(species, carried, j)
        candidate = delta * (1.0 - update) * (1.0 - new * new)
        store(species, gates, gate + j, candidate * recurrent * reset * (1.0 - reset))
        store(species, gates, gate + hidden + j, delta * (old - new) * update * (1.0 - update))
        store(species, gates, gate + 2 * hidden + j, candidate)
        store(species, gates, gate + 3 * hidden + j, candidate * reset)
        store(species, carried, j, delta * update)


_FORWARD: dict[str, Callable[..., None]] = {
    "rnn_tanh": _tanh_forward,
    "rnn_relu": _relu_forward,
    "lstm": _lstm_forward,
    "gru": _gru_forward,
}
_BACKWARD: dict[str, Callable[..., None]] = {
    "rnn_tanh": _tanh_backward,
    "rnn_relu": _relu_backward,
    "lstm": _lstm_backward,
    "gru": _gru_backward,
}


@overload(forward_cell)
def _forward_cell(species, hidden, gates, gate, states, state, cells):
    return _FORWARD[species.variant]


@overload(backward_cell)
def _backward_cell(species, hidden, gates, gate, states, state, cells, carried):
    return _BACKWARD[species.variant]
