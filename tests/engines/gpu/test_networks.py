"""Joined plans: every network is found again at its offsets."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparsebench.engines.gpu.networks import BLOCK_FIELDS, NETWORK_FIELDS, Networks, join
from sparsebench.parts.sparse_layout import SparseLayout, sparse_layout
from sparsebench.values.protocol import Architecture
from tests.network_strategies import sparse_networks

PLANS = st.lists(
    sparse_networks.map(lambda drawn: sparse_layout(drawn.layout, drawn.masks)),
    min_size=1,
    max_size=4,
)


def field(networks: Networks, number: int, name: str) -> int:
    return int(networks.records[number, NETWORK_FIELDS.index(name)])


def block_field(networks: Networks, number: int, name: str) -> int:
    return int(networks.blocks[number, BLOCK_FIELDS.index(name)])


@given(PLANS)
def test_every_entry_of_every_matrix_is_where_the_block_says(plans: list[SparseLayout]) -> None:
    joined, parameters, entries = join(plans), 0, 0
    for number, made in enumerate(plans):
        assert field(joined, number, "parameters") == parameters
        assert field(joined, number, "size") == made.size
        for place, own in enumerate(made.blocks):
            block = field(joined, number, "first_block") + place
            for kind, columns in (("i2h", int(own["inputs"])), ("h2h", int(own["hidden"]))):
                there, here = block_field(joined, block, kind), int(own[kind])
                for row in range(int(own["rows"]) + 1):
                    assert joined.starts[there + row] == made.starts[here + row] + parameters
                there = block_field(joined, block, f"{kind}_back")
                here = int(own[f"{kind}_back"])
                for column in range(columns + 1):
                    start = made.back_starts[here + column]
                    assert joined.back_starts[there + column] == start + entries
                bias = int(own[f"{kind}_bias"])
                assert block_field(joined, block, f"{kind}_bias") == bias + parameters
            for name in (
                "hidden",
                "inputs",
                "source",
                "target",
                "adds",
                "rows",
                "shared",
                "stored",
            ):
                assert block_field(joined, block, name) == own[name]
            for name in ("gates", "states"):
                assert block_field(joined, block, name) == own[name]
        part = slice(parameters, parameters + made.size)
        assert np.array_equal(joined.columns[part], made.columns)
        part = slice(entries, entries + made.kept)
        assert np.array_equal(joined.back_rows[part], made.back_rows)
        assert np.array_equal(joined.back_entries[part], made.back_entries + parameters)
        first = field(joined, number, "first_hole")
        holes = joined.holes[first : first + field(joined, number, "holes")]
        assert np.array_equal(holes, made.holes + parameters)
        parameters, entries = parameters + made.size, entries + made.kept
    assert (len(joined.columns), len(joined.back_rows)) == (parameters, entries)


@given(PLANS)
def test_records_say_where_the_readout_reads_and_lies(plans: list[SparseLayout]) -> None:
    joined = join(plans)
    for number, made in enumerate(plans):
        first = field(joined, number, "parameters")
        assert field(joined, number, "readout_weight") == first + made.readout_weight
        assert field(joined, number, "readout_bias") == first + made.readout_bias
        assert field(joined, number, "last_size") == made.layout.sizes[-1]
        assert field(joined, number, "last") + made.layout.sizes[-1] == made.units
        assert field(joined, number, "blocks") == len(made.layout.blocks)


def test_an_index_fits_into_32_bits() -> None:
    made = sparse_layout(Architecture("rnn_tanh", layers=1, hidden_size=100).layout)
    with pytest.raises(ValueError, match="split the population"):
        join([made] * (2**31 // made.size + 1))
