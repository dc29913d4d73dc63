from __future__ import annotations

from itertools import accumulate
from typing import Any

import numpy as np
import pytest
from hypothesis import given

from sparsebench.values.wiring import Wiring
from tests import network_strategies

DIAMOND = Wiring((1, 2, 1), ((0, 1), (0, 2), (0, 3), (1, 3), (2, 3)))


@given(wiring=network_strategies.wirings)
def test_every_edge_lies_between_exactly_one_pair_of_layers(wiring: Wiring) -> None:
    first = [0, *accumulate(wiring.sizes)]
    found = []
    for source in range(len(wiring.sizes)):
        for target in range(len(wiring.sizes)):
            mask = wiring.between(source, target)
            assert mask.dtype == np.bool_
            assert mask.shape == (wiring.sizes[target], wiring.sizes[source])
            found += [
                (first[source] + column, first[target] + row)
                for row, column in np.argwhere(mask).tolist()
            ]
    assert sorted(found) == list(wiring.edges)


@given(wiring=network_strategies.wirings)
def test_skips_are_the_pairs_of_layers_further_apart_than_one_that_have_an_edge(
    wiring: Wiring,
) -> None:
    expected = [
        (source, target)
        for target in range(len(wiring.sizes))
        for source in range(target - 1)
        if wiring.between(source, target).any()
    ]
    assert wiring.skips() == expected


@given(wiring=network_strategies.wirings)
def test_vertices_are_numbered_layer_by_layer(wiring: Wiring) -> None:
    layer_of = wiring.layer_of()
    assert layer_of == sorted(layer_of)
    assert [layer_of.count(layer) for layer in range(len(wiring.sizes))] == list(wiring.sizes)


def test_a_wiring_is_read_by_hand() -> None:
    assert DIAMOND.layer_of() == [0, 1, 1, 2]
    assert DIAMOND.skips() == [(0, 2)]
    assert DIAMOND.between(0, 1).tolist() == [[True], [True]]
    assert DIAMOND.between(1, 2).tolist() == [[True, True]]
    assert DIAMOND.between(0, 2).tolist() == [[True]]
    assert not DIAMOND.between(2, 0).any()


def test_an_edge_points_from_column_to_row() -> None:
    wiring = Wiring((2, 3), ((0, 3), (1, 2), (1, 4)))
    assert wiring.between(0, 1).tolist() == [[False, True], [True, False], [False, True]]


def test_one_layer_needs_no_edges() -> None:
    assert Wiring((3,), ()).skips() == []


@pytest.mark.parametrize(
    ("sizes", "edges", "kind", "message"),
    [
        ((), (), ValueError, "^a wiring has no layers"),
        ((2, 0), (), ValueError, "^size of layer 1 is 0: .* at least 1$"),
        ((2.0,), (), TypeError, r"^size of layer 0 is 2\.0 \(float\)"),
        ((1, 1), ((0, 1), (0, 1)), ValueError, "doubled or not in order"),
        ((1, 2), ((0, 2), (0, 1)), ValueError, "doubled or not in order"),
        ((1, 1), ((0, 1), (0, 2)), ValueError, r"edge \(0, 2\) is 2: .* from 0 to 1$"),
        ((1, 1), ((-1, 1), (0, 1)), ValueError, r"edge \(-1, 1\) is -1: .* from 0 to 1$"),
        ((1, 1), ((0, 1.0),), TypeError, r"edge \(0, 1\.0\) is 1\.0 \(float\)"),
        ((2,), ((0, 1),), ValueError, r"edge \(0, 1\) goes from layer 0 to layer 0"),
        ((1, 1), ((0, 1), (1, 0)), ValueError, r"edge \(1, 0\) goes from layer 1 to layer 0"),
        ((1, 2), ((0, 1),), ValueError, r"^vertices \[2\] have no parent in the layer right"),
        ((1, 1, 1), ((0, 1), (0, 2)), ValueError, r"^vertices \[2\] have no parent"),
        ((1, 1), (), ValueError, r"^vertices \[1\] have no parent"),
    ],
)
def test_what_is_no_layered_graph_is_refused(
    sizes: Any, edges: Any, kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind, match=message):
        Wiring(sizes, edges)
