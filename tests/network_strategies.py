"""Strategies for networks: weights, graphs, wirings, layouts, masks, and batches for them."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, pairwise
from typing import NamedTuple

import networkx as nx
import numpy as np
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from sparsebench.parts.examples import NO_ANSWER, Examples
from sparsebench.parts.weights import initial_weights
from sparsebench.parts.wired import wired_layout
from sparsebench.values.layout import Block, Layout
from sparsebench.values.masks import Masks
from sparsebench.values.protocol import Architecture
from sparsebench.values.wiring import Wiring
from tests.strategies import architectures, seeds, variants

# Weights


class Prunable(NamedTuple):
    """Named arrays, and the names to prune, layer by layer."""

    weights: dict[str, np.ndarray]
    layers: list[list[str]]


_weights = st.one_of(
    st.sampled_from([0.0, -0.0, 0.25, -0.25, 1.0]),
    st.floats(-1000, 1000, width=32),
)
_arrays = arrays(np.float32, array_shapes(max_dims=3, max_side=4), elements=_weights)


def _varied(layer: list[np.ndarray]) -> bool:
    scores = np.concatenate([np.abs(array).ravel() for array in layer])
    return bool(scores.min() < scores.max())


def _numbered(layers: list[list[np.ndarray]]) -> Prunable:
    named = [
        {f"layers.{place}.{kind}": array for kind, array in enumerate(layer)}
        for place, layer in enumerate(layers)
    ]
    unpruned = {"embedding": np.ones((2, 2), dtype=np.float32)}
    weights = {name: array for layer in named for name, array in layer.items()}
    return Prunable(unpruned | weights, [list(layer) for layer in named])


prunables = st.lists(
    st.lists(_arrays, min_size=1, max_size=2).filter(_varied), min_size=1, max_size=3
).map(_numbered)
"""Arrays in one to three layers, with ties; the magnitudes of no layer are all the same."""


@st.composite
def present_in(draw: st.DrawFn, network: Prunable) -> Masks:
    """Masks of some of its arrays, or of none; of every layer, two weights that differ stay."""
    weights, layers = network
    masks = {}
    for names in layers:
        order = sorted(
            (abs(float(weight)), name, place)
            for name in names
            for place, weight in enumerate(weights[name].flat)
        )
        for name in names:
            if draw(st.booleans()):
                masks[name] = draw(arrays(np.bool_, weights[name].shape))
                for _, there, place in (order[0], order[-1]):
                    if there == name:
                        masks[name].flat[place] = True
    return masks


networks = st.builds(initial_weights, architectures.map(lambda each: each.layout), seeds)

# Graphs, wirings, layouts and masks


@st.composite
def graphs(draw: st.DrawFn, most: int = 8) -> nx.Graph:
    """Connected and simple: a random tree of at most so many vertices in any order, and more edges."""
    vertices = draw(st.integers(1, most))
    graph = nx.Graph()
    graph.add_nodes_from(draw(st.permutations(range(vertices))))
    graph.add_edges_from((draw(st.integers(0, each - 1)), each) for each in range(1, vertices))
    if pairs := list(combinations(range(vertices), 2)):
        graph.add_edges_from(draw(st.lists(st.sampled_from(pairs), max_size=12)))
    return graph


@st.composite
def directed_graphs(draw: st.DrawFn, most: int = 8) -> nx.DiGraph:
    """Connected, simple and acyclic; node order says nothing of the edges' directions."""
    graph = draw(graphs(most))
    place = dict(zip(graph, draw(st.permutations(range(len(graph)))), strict=True))
    directed = nx.DiGraph()
    directed.add_nodes_from(graph)
    directed.add_edges_from(sorted(edge, key=place.__getitem__) for edge in graph.edges)
    return directed


@st.composite
def _wirings(draw: st.DrawFn) -> Wiring:
    """Every vertex has a parent in the layer right below, and maybe others below that."""
    sizes = draw(st.lists(st.integers(1, 5), min_size=1, max_size=4))
    edges: list[tuple[int, int]] = []
    first = 0  # vertex of the layer below
    for below, size in pairwise(sizes):
        for vertex in range(first + below, first + below + size):
            parents = draw(st.sets(st.integers(first, first + below - 1), min_size=1))
            if first:
                parents |= draw(st.sets(st.integers(0, first - 1), max_size=3))
            edges += [(parent, vertex) for parent in parents]
        first += below
    return Wiring(tuple(sizes), tuple(sorted(edges)))


wirings = _wirings()


@st.composite
def _free_layouts(draw: st.DrawFn, variant: str) -> Layout:
    """Layers of any sizes, and any blocks that skip some."""
    sizes = draw(st.lists(st.integers(1, 7), min_size=1, max_size=4))
    blocks = []
    for target in range(len(sizes)):
        sources = draw(st.sets(st.integers(0, target - 2))) if target > 1 else set()
        blocks += [Block(target - 1, target), *(Block(each, target) for each in sorted(sources))]
    width, classes = draw(st.integers(1, 6)), draw(st.integers(1, 4))
    return Layout(variant, tuple(sizes), tuple(blocks), width, classes=classes)


def layouts_of(variant: str) -> st.SearchStrategy[Layout]:
    """Stacked networks, wired ones, and any others, all of 128 symbols."""
    stacked = st.builds(
        Architecture,
        st.just(variant),
        layers=st.integers(1, 3),
        hidden_size=st.integers(1, 9),
        classes=st.integers(1, 3),
    )
    return st.one_of(
        stacked.map(lambda architecture: architecture.layout),
        st.builds(wired_layout, wirings, st.just(variant)),
        _free_layouts(variant),
    )


layouts = variants.flatmap(layouts_of)


def _masks_of_shape(shape: tuple[int, ...]) -> st.SearchStrategy[np.ndarray | None]:
    entries, rows = arrays(np.bool_, shape), arrays(np.bool_, (shape[0], 1))
    return st.one_of(
        st.none(),
        st.just(np.zeros(shape, np.bool_)),
        st.just(np.ones(shape, np.bool_)),
        entries,
        st.builds(np.logical_and, entries, rows),
    )


def masks_of(layout: Layout) -> st.SearchStrategy[Masks]:
    """Masks of any recurrent matrices: of nothing, of all, with empty rows, with full ones."""
    matrices = {
        name: _masks_of_shape(shape)
        for name, shape in layout.shapes().items()
        if name.endswith((".i2h", ".h2h"))
    }
    return st.fixed_dictionaries(matrices).map(
        lambda drawn: {name: mask for name, mask in drawn.items() if mask is not None}
    )


class SparseNetwork(NamedTuple):
    """A network of blocks, its weights, and the masks of some of them."""

    layout: Layout
    masks: Masks
    weights: dict[str, np.ndarray]


def sparse_networks_of(variant: str) -> st.SearchStrategy[SparseNetwork]:
    """Networks of one variant, with weights as they are before training."""
    return layouts_of(variant).flatmap(
        lambda layout: st.builds(
            SparseNetwork,
            st.just(layout),
            masks_of(layout),
            st.builds(initial_weights, st.just(layout), seeds),
        )
    )


sparse_networks = variants.flatmap(sparse_networks_of)


# Batches


@st.composite
def labelled_strings(draw: st.DrawFn, classes: int = 2) -> Examples:
    """Strings of 1 to 12 letters of any code, also of that which fills them up."""
    lengths = np.array(draw(st.lists(st.integers(1, 12), min_size=1, max_size=12)), np.int64)
    random = np.random.RandomState(draw(st.integers(0, 2**32 - 1)))
    codes = random.randint(0, 128, (len(lengths), lengths.max())).astype(np.uint8)
    codes[np.arange(lengths.max()) >= lengths[:, None]] = 0
    return Examples(codes, lengths, random.randint(0, classes, len(lengths)))


@st.composite
def sequences_for(draw: st.DrawFn, layout: Layout) -> Examples:
    """Sequences that a network can read, asking for one class, classes after steps, or numbers.

    Some steps have no answer, but the first has one. Classes may have weights.
    """
    lengths = np.array(draw(st.lists(st.integers(1, 9), min_size=1, max_size=12)), np.int64)
    random = np.random.RandomState(draw(st.integers(0, 2**32 - 1)))
    longest = lengths.max() + draw(st.integers(0, 2))
    shape = len(lengths), longest
    inputs = random.randint(0, layout.symbols or 1, shape).astype(np.uint8)
    if not layout.symbols:
        inputs = random.normal(size=(*shape, layout.width)).astype(np.float32)
    inputs[np.arange(longest) >= lengths[:, None]] = 0
    wanted = draw(st.sampled_from(["class", "classes", "values"]))
    if wanted == "values":
        numbers = random.normal(size=(len(lengths), layout.classes)).astype(np.float32)
        return Examples(inputs, lengths, numbers)
    weights = random.uniform(0.1, 4, layout.classes) if draw(st.booleans()) else None
    if wanted == "class":
        answers = random.randint(0, layout.classes, len(lengths))
        return Examples(inputs, lengths, answers, weights)
    answers = random.randint(0, layout.classes, shape)
    answers[:, 1:][random.rand(*shape)[:, 1:] < 0.3] = NO_ANSWER
    return Examples(inputs, lengths, answers, weights)


def without_letters(network: SparseNetwork) -> SparseNetwork:
    """The same network, reading vectors instead of letters."""
    weights = {name: array for name, array in network.weights.items() if name != "embedding"}
    return SparseNetwork(replace(network.layout, symbols=0), network.masks, weights)


def batch_sizes(lanes: int) -> st.SearchStrategy[int]:
    """One string, and what lies around the borders of tiles."""
    return st.sampled_from([1, lanes - 1, lanes, lanes + 1, 2 * lanes, 2 * lanes + 1])


def batches(strings: int, lanes: int) -> st.SearchStrategy[np.ndarray]:
    """Numbers of strings, some of them more than once."""
    return st.builds(
        lambda size, seed: np.random.RandomState(seed).randint(0, strings, size),
        batch_sizes(lanes),
        st.integers(0, 2**32 - 1),
    )
