"""Which equations a species stands for, one module for each cell.

`forward_cell` runs a block for one step. Row `source` of the unit axis is its first input, row
`target` the first unit that it adds to, row `state` of `scratch.states` the first of its hidden state
before the step; the new state follows that, and `scratch.cells` holds the LSTM's cell in the same way.
What the way back needs is kept from row `gate` of `scratch.gates` on, `hidden` rows for each gate.

`backward_cell` replaces what was kept by the gradients of the gates' sums, in the same rows.
`scratch.carried` holds what has come back from the next step for each unit, and in its second half for
each LSTM cell; it leaves there what goes on to the step before past the matrices.
"""

from __future__ import annotations

from numba.extending import overload

from sparsebench.engines.fused import gru, lstm, plain

_CELLS = {"rnn_tanh": plain, "rnn_relu": plain, "lstm": lstm, "gru": gru}


def forward_cell(species, plan, block, parameters, scratch, source, target, gate, state):
    """One step of a block."""


def backward_cell(species, block, scratch, target, gate, state):
    """The same step on the way back."""


@overload(forward_cell)
def _forward_cell(species, plan, block, parameters, scratch, source, target, gate, state):
    return _CELLS[species.variant].forward


@overload(backward_cell)
def _backward_cell(species, block, scratch, target, gate, state):
    return _CELLS[species.variant].backward
