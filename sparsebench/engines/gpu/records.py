"""Records by name of what a program reads of its network, and its share of the scratch."""

from typing import Any, NamedTuple

import triton
import triton.language as tl

from sparsebench.engines.gpu.networks import BLOCK_FIELDS, NETWORK_FIELDS

_NETWORK_FIELDS = tl.constexpr(len(NETWORK_FIELDS))
_BLOCK_FIELDS = tl.constexpr(len(BLOCK_FIELDS))


class Network(NamedTuple):
    """A network, see `networks.NETWORK_FIELDS`."""

    parameters: Any
    size: Any
    width: Any
    classes: Any
    units: Any
    last: Any
    last_size: Any
    readout_weight: Any
    readout_bias: Any
    first_block: Any
    blocks: Any
    stored: Any
    hidden: Any
    widest: Any
    first_hole: Any
    holes: Any


class Block(NamedTuple):
    """A block, see `sparsebench.parts.sparse_layout.BLOCK`."""

    hidden: Any
    inputs: Any
    source: Any
    target: Any
    adds: Any
    rows: Any
    shared: Any
    stored: Any
    i2h: Any
    h2h: Any
    i2h_back: Any
    h2h_back: Any
    i2h_bias: Any
    h2h_bias: Any
    i2h_full: Any
    h2h_full: Any
    gates: Any
    states: Any


class Scratch(NamedTuple):
    """Bases of the kinds of rows in a program's scratch.

    Attributes
    ----------
    codes
        (steps,) the letters, as numbers of the computation's type.
    units, unit_gradients
        (steps, units) outputs on the unit axis, and derivatives of the loss by them.
    gates
        Block by block (steps, stored): values for the backward pass, then the gates' gradients.
    states, cells
        Block by block (steps + 1, hidden): hidden states, and the LSTM's cells, starting with
        zeros.
    carried
        (2 * widest,) gradients from the next step, for each unit and for each LSTM cell.
    logits
        (classes,) logits, then derivatives of the loss by them.
    """

    codes: Any
    units: Any
    unit_gradients: Any
    gates: Any
    states: Any
    cells: Any
    carried: Any
    logits: Any


@triton.jit
def network_record(records, number):
    """Read the record of a network."""
    at = records + number * _NETWORK_FIELDS
    return Network(
        parameters=tl.load(at + 0),
        size=tl.load(at + 1),
        width=tl.load(at + 2),
        classes=tl.load(at + 3),
        units=tl.load(at + 4),
        last=tl.load(at + 5),
        last_size=tl.load(at + 6),
        readout_weight=tl.load(at + 7),
        readout_bias=tl.load(at + 8),
        first_block=tl.load(at + 9),
        blocks=tl.load(at + 10),
        stored=tl.load(at + 11),
        hidden=tl.load(at + 12),
        widest=tl.load(at + 13),
        first_hole=tl.load(at + 14),
        holes=tl.load(at + 15),
    )


@triton.jit
def block_record(blocks, number):
    """Read the record of a block."""
    at = blocks + number * _BLOCK_FIELDS
    return Block(
        hidden=tl.load(at + 0),
        inputs=tl.load(at + 1),
        source=tl.load(at + 2),
        target=tl.load(at + 3),
        adds=tl.load(at + 4),
        rows=tl.load(at + 5),
        shared=tl.load(at + 6),
        stored=tl.load(at + 7),
        i2h=tl.load(at + 8),
        h2h=tl.load(at + 9),
        i2h_back=tl.load(at + 10),
        h2h_back=tl.load(at + 11),
        i2h_bias=tl.load(at + 12),
        h2h_bias=tl.load(at + 13),
        i2h_full=tl.load(at + 14),
        h2h_full=tl.load(at + 15),
        gates=tl.load(at + 16),
        states=tl.load(at + 17),
    )


@triton.jit
def lay_out(memory, network, steps, lanes: tl.constexpr):
    """Divide up a program's scratch: `networks.scratch_rows` rows from `memory` on."""
    codes = memory + tl.arange(0, lanes)
    units = codes + steps * lanes
    unit_gradients = units + steps * network.units * lanes
    gates = unit_gradients + steps * network.units * lanes
    states = gates + steps * network.stored * lanes
    cells = states + (steps + 1) * network.hidden * lanes
    carried = cells + (steps + 1) * network.hidden * lanes
    logits = carried + 2 * network.widest * lanes
    return Scratch(codes, units, unit_gradients, gates, states, cells, carried, logits)
