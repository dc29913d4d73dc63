"""Two wirings are the same if one order of vertices inside the layers makes them equal."""

from __future__ import annotations

from itertools import accumulate, permutations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparsebench.parts.graphs import draw
from sparsebench.parts.renumbering import renumbering
from sparsebench.parts.wirings import orient, wire
from sparsebench.values.graphs import PUBLISHED_FAMILIES, GraphSpec
from sparsebench.values.wiring import Wiring
from tests import network_strategies


def renumbered(wiring: Wiring, order: list[int]) -> Wiring:
    edges = sorted((order[source], order[target]) for source, target in wiring.edges)
    return Wiring(wiring.sizes, tuple(edges))


def layers(wiring: Wiring) -> list[range]:
    ends = list(accumulate(wiring.sizes))
    return [range(end - size, end) for size, end in zip(wiring.sizes, ends, strict=True)]


def shuffled(wiring: Wiring) -> st.SearchStrategy[list[int]]:
    """Any order of vertices inside their layers."""
    orders = st.tuples(*(st.permutations(layer) for layer in layers(wiring)))
    return orders.map(lambda parts: [vertex for part in parts for vertex in part])


@given(data=st.data(), wiring=network_strategies.wirings)
def test_the_order_found_makes_one_wiring_the_other(data: st.DataObject, wiring: Wiring) -> None:
    other = renumbered(wiring, data.draw(shuffled(wiring)))
    order = renumbering(wiring, other)
    assert order is not None
    assert renumbered(wiring, order) == other
    layer_of = wiring.layer_of()
    assert [layer_of[vertex] for vertex in order] == layer_of


@pytest.mark.parametrize("family", PUBLISHED_FAMILIES)
@given(data=st.data(), seed=st.integers(0, 10**6))
def test_the_order_of_the_theses_graphs_is_found(
    data: st.DataObject, family: str, seed: int
) -> None:
    """Leaves of one parent, which nothing tells apart, do not stand in the way."""
    wiring = wire(orient(draw(GraphSpec(family, seed))))
    other = renumbered(wiring, data.draw(shuffled(wiring)))
    order = renumbering(wiring, other)
    assert order is not None
    assert renumbered(wiring, order) == other


@st.composite
def of_one_size(draw: st.DrawFn) -> Wiring:
    """Layers of two, three and two vertices: few enough for all orders to be tried."""
    below, skipped = st.sets(st.integers(0, 1), min_size=1), st.sets(st.integers(0, 1))
    edges = [(parent, vertex) for vertex in (2, 3, 4) for parent in draw(below)]
    for vertex in (5, 6):
        edges += [(parent, vertex) for parent in draw(skipped)]
        edges += [(parent, vertex) for parent in draw(st.sets(st.integers(2, 4), min_size=1))]
    return Wiring((2, 3, 2), tuple(sorted(edges)))


@given(wiring=of_one_size(), other=of_one_size())
@settings(max_examples=300)
def test_there_is_an_order_exactly_if_trying_all_finds_one(wiring: Wiring, other: Wiring) -> None:
    orders = product(*(permutations(layer) for layer in layers(wiring)))
    possible = any(
        renumbered(wiring, [vertex for part in parts for vertex in part]) == other
        for parts in orders
    )
    assert (renumbering(wiring, other) is not None) == possible


@pytest.mark.parametrize(
    "other",
    [
        Wiring((2, 2), ((0, 2), (0, 3), (1, 2))),
        Wiring((2, 2), ((0, 2), (1, 2), (1, 3))),
    ],
)
def test_an_order_across_layers_does_not_count(other: Wiring) -> None:
    """The two differ from each other by the order of both layers, and from a third by a direction."""
    assert renumbering(other, Wiring((2, 2), ((0, 2), (0, 3), (1, 3)))) is not None
    assert renumbering(other, Wiring((2, 2), ((0, 2), (0, 3)))) is None
    assert renumbering(other, Wiring((2, 1, 1), ((0, 2), (1, 2), (2, 3)))) is None


def test_what_is_moved_from_one_vertex_to_another_is_seen() -> None:
    one = Wiring((2, 2, 1), ((0, 2), (0, 4), (1, 3), (2, 4)))
    other = Wiring((2, 2, 1), ((0, 2), (1, 3), (1, 4), (2, 4)))
    assert renumbering(one, other) is None
