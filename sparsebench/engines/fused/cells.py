"""The equations of each cell type, in one module each.

`forward_cell` runs a block for one step. Row `source` of the unit axis is its first input, row
`target` the first unit that it adds to, row `state` of `scratch.states` the first of its hidden
state before the step; the new state follows it. `scratch.cells` holds the LSTM's cell in the same
way. What the backward pass needs is stored from row `gate` of `scratch.gates` on, in `hidden` rows
for each gate.

`backward_cell` overwrites these rows with the gradients of the gates' sums. In `scratch.carried` it
finds the gradient from the next step for each unit, followed by that for each LSTM cell; it leaves
there what the previous step receives past the matrices.
"""

from __future__ import annotations

from numba.extending import overload

from sparsebench.engines.fused import gru, lstm, mgu, plain

_CELLS = {"rnn_tanh": plain, "rnn_relu": plain, "lstm": lstm, "gru": gru, "mgu": mgu}


def forward_cell(spec, plan, block, parameters, scratch, source, target, gate, state):
    """One forward step of a block."""


def backward_cell(spec, block, scratch, target, gate, state):
    """One backward step of a block."""


@overload(forward_cell)
def _forward_cell(spec, plan, block, parameters, scratch, source, target, gate, state):
    return _CELLS[spec.variant].forward


@overload(backward_cell)
def _backward_cell(spec, block, scratch, target, gate, state):
    return _CELLS[spec.variant].backward
