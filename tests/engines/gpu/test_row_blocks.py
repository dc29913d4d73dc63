"""The dense matrices hold every weight of a network, in the place that their columns name."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparsebench.engines.gpu.row_blocks import BLOCK_ROWS, COLUMNS, RowBlocks, row_blocks
from sparsebench.parts.sparse_layout import SHARED, SparseLayout, sparse_layout
from sparsebench.parts.weights import initial_weights
from sparsebench.values.layout import GATES, Block, Layout
from sparsebench.values.masks import Weights
from sparsebench.values.protocol import CELL_TYPES


def pruned(variant: str, hidden: int, layers: int, density: float, seed: int):
    """A stack and its weights, zero where a mask removes them."""
    blocks = tuple(Block(layer - 1, layer) for layer in range(layers))
    layout = Layout(variant, (hidden,) * layers, blocks, 3, 5, 2)
    random = np.random.RandomState(seed)
    masks = {
        name: random.random_sample(shape) < density
        for name, shape in layout.shapes().items()
        if name.endswith((".i2h", ".h2h"))
    }
    plan = sparse_layout(layout, masks)
    return plan, plan.unpack(plan.pack(initial_weights(layout, seed)))


def sums_of(variant: str) -> list[tuple[int, bool, bool]]:
    """The gate of each sum, and whether it has an inputs' and a recurrent part."""
    joint, gates = SHARED[variant], GATES[variant]
    apart = [(gate, below, not below) for gate in range(joint, gates) for below in (True, False)]
    return [(gate, True, True) for gate in range(joint)] + apart


def unpacked(blocks: RowBlocks, hidden: int, layers: int, sums: int) -> np.ndarray:
    """The weights, (layers, sums, units, 2 * hidden), with the layer below's units first."""
    found = np.zeros(
        (layers, sums, blocks.groups, blocks.together, blocks.values.shape[2], 2 * hidden + 1)
    )
    for number, place in enumerate(np.ndindex(layers, sums, blocks.groups)):
        for matrix in range(blocks.starts[number], blocks.starts[number + 1]):
            block = found[place][(matrix - blocks.starts[number]) % blocks.together]
            for column, values in zip(blocks.columns[matrix], blocks.values[matrix], strict=True):
                assert column or not values.any()
                block[:, column] += values
    return found.reshape(layers, sums, -1, 2 * hidden + 1)[:, :, :, 1:]


@given(
    st.sampled_from(CELL_TYPES),
    st.integers(1, 40),
    st.integers(1, 3),
    st.floats(0, 1),
    st.sampled_from(BLOCK_ROWS),
    st.integers(0, 1000),
)
def test_every_weight_is_where_its_column_says(variant, hidden, layers, density, rows, seed):
    plan, weights = pruned(variant, hidden, layers, density, seed)
    blocks = row_blocks(plan, weights, rows)
    places = sums_of(variant)
    found = unpacked(blocks, hidden, layers, len(places))
    assert not found[:, :, hidden:].any()
    for layer in range(layers):
        arrays = _by_gate(weights, layer, variant)
        for number, (gate, below, own) in enumerate(places):
            expected = np.zeros((hidden, 2 * hidden))
            bias = np.zeros(hidden, np.float32)
            if below:
                expected[:, :hidden] = arrays["i2h"][gate] if layer else 0
                bias += arrays["i2h_bias"][gate]
            if own:
                expected[:, hidden:] = arrays["h2h"][gate]
                bias += arrays["h2h_bias"][gate]
            np.testing.assert_array_equal(found[layer, number, :hidden], expected)
            np.testing.assert_array_equal(blocks.biases[layer, number], bias)


def _by_gate(weights: Weights, layer: int, variant: str) -> dict[str, np.ndarray]:
    kinds = ("i2h", "h2h", "i2h_bias", "h2h_bias")
    return {kind: np.split(weights[f"layers.{layer}.{kind}"], GATES[variant]) for kind in kinds}


@pytest.mark.parametrize(("rows", "columns"), [(16, 1), (8, 4)])
def test_a_mask_of_blocks_leaves_no_zeros_but_the_last_of_a_row(rows: int, columns: int) -> None:
    """Of 64 columns in 64 rows a quarter is kept, which fills whole matrices."""
    layout = Layout("gru", (64,), (Block(-1, 0),), 3, 5, 2)
    pattern = np.kron(
        np.tile(np.arange(64 // columns) % 4 == 0, (192 // rows, 1)), np.ones((rows, columns), bool)
    )
    plan: SparseLayout = sparse_layout(layout, {"layers.0.h2h": pattern})
    weights = plan.unpack(plan.pack(initial_weights(layout, 0)))
    blocks = row_blocks(plan, weights, rows)
    recurrent = blocks.values[blocks.columns.any(1)]
    assert len(recurrent) == 192 // rows * 64 // 4 // COLUMNS
    assert recurrent.all()
