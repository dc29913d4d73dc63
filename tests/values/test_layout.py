from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given

from sparsebench.values.layout import GATES, INPUT, Block, Layout
from sparsebench.values.protocol import Architecture
from tests import network_strategies, strategies

BLOCKS = (Block(INPUT, 0), Block(0, 1), Block(1, 2), Block(0, 2))
SKIPPING = Layout("lstm", sizes=(2, 3, 4), blocks=BLOCKS, width=5, symbols=6, classes=7)


def test_the_arrays_of_a_network_with_a_skip() -> None:
    assert list(SKIPPING.shapes().items()) == [
        ("embedding", (6, 5)),
        ("layers.0.i2h", (8, 5)),
        ("layers.0.h2h", (8, 2)),
        ("layers.0.i2h_bias", (8,)),
        ("layers.0.h2h_bias", (8,)),
        ("layers.1.i2h", (12, 2)),
        ("layers.1.h2h", (12, 3)),
        ("layers.1.i2h_bias", (12,)),
        ("layers.1.h2h_bias", (12,)),
        ("layers.2.i2h", (16, 3)),
        ("layers.2.h2h", (16, 4)),
        ("layers.2.i2h_bias", (16,)),
        ("layers.2.h2h_bias", (16,)),
        ("skips.0.2.i2h", (16, 2)),
        ("skips.0.2.h2h", (16, 4)),
        ("skips.0.2.i2h_bias", (16,)),
        ("skips.0.2.h2h_bias", (16,)),
        ("readout.weight", (7, 4)),
        ("readout.bias", (7,)),
    ]


@given(layout=network_strategies.layouts)
def test_every_block_has_four_arrays_of_its_own(layout: Layout) -> None:
    shapes = layout.shapes()
    assert len({block.name for block in layout.blocks}) == len(layout.blocks)
    assert len(shapes) == 3 + 4 * len(layout.blocks)
    for block in layout.blocks:
        rows = GATES[layout.variant] * layout.sizes[block.target]
        assert shapes[f"{block.name}.i2h"] == (rows, layout.inputs(block))
        assert shapes[f"{block.name}.h2h"] == (rows, layout.sizes[block.target])


@given(architecture=strategies.architectures)
def test_a_stacked_network_has_one_block_in_each_layer(architecture: Architecture) -> None:
    layout = architecture.layout
    assert layout.variant == architecture.variant
    assert [(block.source, block.target) for block in layout.blocks] == [
        (layer - 1, layer) for layer in range(architecture.layers)
    ]
    assert {layout.width, *layout.sizes} == {architecture.hidden_size}
    assert (layout.symbols, layout.classes) == (architecture.symbols, architecture.classes)


def test_a_network_says_in_short_what_it_is() -> None:
    assert str(Architecture("gru", layers=2, hidden_size=3).layout) == "2 x 3 gru network"
    assert str(SKIPPING) == "lstm network of layers 2-3-4 with 4 blocks"


@pytest.mark.parametrize(
    ("source", "target", "kind", "message"),
    [
        (-2, 0, ValueError, "^source layer of a block is -2: .* at least -1$"),
        (0, 0, ValueError, "^target layer of a block is 0: .* at least 1$"),
        (1, 0, ValueError, "^target layer of a block is 0: .* at least 2$"),
        (0, 1.0, TypeError, "^target layer of a block is 1.0 "),
        (True, 2, TypeError, "^source layer of a block is True "),
    ],
)
def test_a_block_leads_up(source: Any, target: Any, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message):
        Block(source, target)


@pytest.mark.parametrize(
    ("change", "kind", "message"),
    [
        ({"variant": "rnn"}, ValueError, "^unknown variant 'rnn': choose one of rnn_tanh, "),
        ({"sizes": (2, 0, 4)}, ValueError, "^size of layer 1 is 0"),
        ({"sizes": (2, 3.0, 4)}, TypeError, "^size of layer 1 is 3.0 "),
        ({"width": 0}, ValueError, "^width is 0"),
        ({"symbols": -1}, ValueError, "^symbols is -1"),
        ({"classes": 0}, ValueError, "^classes is 0"),
        ({"sizes": ()}, ValueError, "^block layers.0 leads into layer 0, but the layers are"),
        ({"sizes": (2, 3)}, ValueError, "^block layers.2 leads into layer 2"),
        ({"sizes": (2, 3, 4, 5)}, ValueError, r"^layers \[0, 1, 2\] of 4 have a block"),
        ({"blocks": ()}, ValueError, r"^layers \[\] of 3 have a block"),
        ({"blocks": BLOCKS[1:]}, ValueError, r"^layers \[1, 2\] of 3 have a block"),
        ({"blocks": (*BLOCKS, BLOCKS[-1])}, ValueError, "come twice or out of order"),
        (
            {"blocks": BLOCKS[::-1]},
            ValueError,
            "^blocks .*'skips.0.2'.* come twice or out of order",
        ),
        ({"blocks": (*BLOCKS[:2], BLOCKS[3], BLOCKS[2])}, ValueError, "out of order"),
        ({"blocks": (*BLOCKS[:3], Block(INPUT, 2))}, ValueError, "leads from the input past"),
    ],
)
def test_what_is_no_network_is_refused(
    change: dict[str, Any], kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind, match=message):
        replace(SKIPPING, **change)


@pytest.mark.parametrize("block", [Block(0, 3), Block(3, 5)])
def test_a_skip_out_of_the_network_is_refused(block: Block) -> None:
    with pytest.raises(ValueError, match=block.name):
        replace(SKIPPING, blocks=(*BLOCKS, block))


def test_a_network_without_symbols_has_no_embedding_and_reads_vectors() -> None:
    layout = Layout("gru", (3,), (Block(INPUT, 0),), width=5, symbols=0)
    assert "embedding" not in layout.shapes()
    assert layout.shapes()["layers.0.i2h"] == (9, 5)
