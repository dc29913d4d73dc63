from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given

from sparsebench.parts.sparse_layout import sparse_layout
from sparsebench.parts.wired import wired_layout, wired_masks
from sparsebench.values.layout import GATES, INPUT, Block
from sparsebench.values.wiring import Wiring
from tests import network_strategies, strategies

LADDER = Wiring((2, 1, 1, 1), ((0, 2), (0, 4), (1, 3), (2, 3), (2, 4), (3, 4)))


def test_the_block_from_right_below_comes_first_then_the_others_by_source() -> None:
    layout = wired_layout(LADDER, "gru")
    assert [block.name for block in layout.blocks] == [
        "layers.0",
        "layers.1",
        "layers.2",
        "skips.0.2",
        "layers.3",
        "skips.0.3",
        "skips.1.3",
    ]
    assert (layout.variant, layout.sizes, layout.width) == ("gru", (2, 1, 1, 1), 2)
    assert (layout.symbols, layout.classes) == (128, 2)


@given(wiring=network_strategies.wirings, variant=strategies.variants)
def test_there_is_a_block_between_neighbours_and_wherever_edges_skip(
    wiring: Wiring, variant: str
) -> None:
    layout = wired_layout(wiring, variant)
    layers = range(len(wiring.sizes))
    skips = {
        Block(source, target)
        for target in layers
        for source in range(target - 1)
        if wiring.between(source, target).any()
    }
    assert set(layout.blocks) == {Block(layer - 1, layer) for layer in layers} | skips
    assert layout.width == wiring.sizes[0]


@given(wiring=network_strategies.wirings, variant=strategies.variants)
def test_masks_cover_the_inputs_of_every_block_but_the_first(wiring: Wiring, variant: str) -> None:
    layout = wired_layout(wiring, variant)
    shapes = layout.shapes()
    later = [f"{block.name}.i2h" for block in layout.blocks if block.source != INPUT]
    for gate_masks in ("repeated", "tiled"):
        masks = wired_masks(wiring, layout, gate_masks)
        assert list(masks) == later
        assert all(mask.shape == shapes[name] for name, mask in masks.items())
        kept = sum(int(mask.sum()) for mask in masks.values())
        assert kept == GATES[variant] * len(wiring.edges)
        sparse_layout(layout, masks)


@given(wiring=network_strategies.wirings, variant=strategies.variants)
def test_rows_are_repeated_in_place_or_tiled_gate_after_gate(wiring: Wiring, variant: str) -> None:
    layout, gates = wired_layout(wiring, variant), GATES[variant]
    repeated = wired_masks(wiring, layout, "repeated")
    tiled = wired_masks(wiring, layout, "tiled")
    for block in layout.blocks[1:]:
        edges = wiring.between(block.source, block.target)
        for row, (one, other) in enumerate(
            zip(repeated[f"{block.name}.i2h"], tiled[f"{block.name}.i2h"], strict=True)
        ):
            assert np.array_equal(one, edges[row // gates])
            assert np.array_equal(other, edges[row % len(edges)])


def test_plain_cells_have_one_gate_so_both_masks_are_the_edges() -> None:
    wiring = Wiring((2, 2), ((0, 2), (1, 2), (1, 3)))
    layout = wired_layout(wiring, "rnn_tanh")
    for gate_masks in ("repeated", "tiled"):
        mask = wired_masks(wiring, layout, gate_masks)["layers.1.i2h"]
        assert mask.tolist() == [[True, True], [False, True]]


def test_another_way_to_mask_gates_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^unknown semantics switch gate_masks 'mixed'"):
        wired_masks(LADDER, wired_layout(LADDER, "lstm"), "mixed")
