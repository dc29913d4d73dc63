"""Hypothesis strategies of the tests: values as a user could make them, small."""

from __future__ import annotations

import string as alphabets
from dataclasses import replace
from itertools import combinations, pairwise
from typing import NamedTuple

import networkx as nx
import numpy as np
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from sparsebench.experiments.base.cases import LossTraceCase
from sparsebench.experiments.capacity.cases import TaskCase
from sparsebench.experiments.conformance.cases import ConformanceCase, WiredConformanceCase
from sparsebench.experiments.equal_parameters.cases import WAYS, FourWaysCase
from sparsebench.experiments.finetuning.cases import FinetuningCase
from sparsebench.experiments.forward_time.cases import ForwardCase
from sparsebench.experiments.graph_statistics.cases import (
    FEATURE_SETS,
    REGRESSORS,
    CorrelationCase,
    PredictionCase,
    WiredPopulation,
)
from sparsebench.experiments.language_modelling.cases import GenerationCase
from sparsebench.experiments.pruning.cases import PruningCase
from sparsebench.experiments.random_wiring.cases import WiredCase
from sparsebench.parts.examples import NO_ANSWER, Examples
from sparsebench.parts.weights import initial_weights
from sparsebench.parts.wired import wired_layout
from sparsebench.values.case import BaseCase
from sparsebench.values.graphs import PUBLISHED_FAMILIES, GraphSpec
from sparsebench.values.layout import Block, Layout
from sparsebench.values.masks import Masks
from sparsebench.values.protocol import (
    INITIALISATIONS,
    NEGATIVES,
    OPTIMISERS,
    TARGETS,
    VARIANTS,
    Architecture,
    ReberStrings,
    Training,
)
from sparsebench.values.semantics import CHOICES, Semantics
from sparsebench.values.tasks import (
    GRAMMARS,
    LabelledText,
    NextLetters,
    RandomFunction,
    RandomLabels,
    Recall,
    TextLetters,
)
from sparsebench.values.wiring import Wiring

REBER_REGEX = r"B(?:TS*XA|PT*V(?:PA|V))E".replace("A", r"(?:XT*VP)*(?:S|XT*VV)")
"""Reber's grammar, derived by hand from figure 4.1 of the thesis: the tests' own automaton."""

EMBEDDED_REGEX = rf"B(?:T{REBER_REGEX}T|P{REBER_REGEX}P)E"
"""The embedded grammar: either envelope around any string of Reber's."""

percents = st.integers(0, 100)
seeds = st.integers(0, 2**40)
names = st.text(alphabets.ascii_lowercase, min_size=1, max_size=8)
finite = st.floats(allow_nan=False, allow_infinity=False)
variants = st.sampled_from(VARIANTS)
targets = st.sampled_from(TARGETS)
semantics = st.builds(Semantics, *(st.sampled_from(choices) for choices in CHOICES.values()))

# Cases

sizes = st.integers(1, 40)
reber_strings = st.builds(
    ReberStrings,
    sizes,
    sizes,
    sizes,
    sizes,
    seed=seeds,
    negatives=st.sampled_from((None, *NEGATIVES)),
)
architectures = st.builds(
    Architecture,
    variants,
    layers=st.integers(1, 3),
    hidden_size=st.integers(1, 4),
    symbols=st.integers(1, 5),
    classes=st.integers(1, 3),
)
rates = st.floats(0, 1e6, exclude_min=True)
trainings = st.builds(Training, st.integers(0, 99), st.integers(1, 512), rates, rates)
base_cases = st.builds(BaseCase, architectures, seeds, semantics, trainings, reber_strings)
graph_specs = st.builds(GraphSpec, names, seeds, st.none() | st.integers(1, 99), st.none() | names)
wired_cases = st.builds(
    WiredCase, variants, graph_specs, seeds, semantics, trainings, reber_strings
)
orders = st.none() | seeds
retraining_cases = st.one_of(
    st.builds(
        FinetuningCase,
        base_cases | wired_cases,
        targets,
        percents,
        names,
        trainings,
        order=orders,
    ),
    st.builds(
        FinetuningCase,
        base_cases | wired_cases,
        targets,
        criterion=names,
        training=trainings,
        threshold=rates,
        order=orders,
    ),
)
wired_populations = st.builds(WiredPopulation, variants, st.integers(1, 200), semantics, seeds)
cases = st.one_of(
    base_cases,
    st.builds(LossTraceCase, base_cases, st.integers(1, 999)),
    st.builds(PruningCase, base_cases, targets, percents, names),
    wired_cases,
    retraining_cases,
    st.builds(
        FourWaysCase, st.sampled_from(WAYS), wired_cases, st.integers(1, 99), trainings, trainings
    ),
    st.builds(ForwardCase, base_cases | wired_cases, percents, st.integers(1, 512)),
    st.builds(ConformanceCase, variants, targets, percents, names, names, st.integers(1, 99)),
    st.builds(
        WiredConformanceCase,
        variants,
        st.sampled_from(PUBLISHED_FAMILIES),
        seeds,
        names,
        names,
        names,
        st.integers(1, 512),
    ),
    st.builds(CorrelationCase, wired_populations, st.integers(100, 9999)),
    st.builds(
        PredictionCase,
        wired_populations,
        st.sampled_from(REGRESSORS),
        st.sampled_from(FEATURE_SETS),
        st.integers(1, 999),
    ),
)

# Cases of tasks

alphabets_of_texts = st.lists(
    st.characters(codec="utf-8"), min_size=2, max_size=6, unique=True
).map("".join)
shares = st.floats(0, 1, exclude_min=True, exclude_max=True)
next_letters = st.builds(NextLetters, st.sampled_from(GRAMMARS), sizes, sizes, seed=seeds)
tasks = st.one_of(
    reber_strings,
    st.builds(RandomLabels, sizes, st.integers(6, 63), st.integers(1, 9), seed=seeds),
    st.builds(Recall, sizes, st.integers(0, 9), sizes, sizes, seed=seeds),
    st.builds(RandomFunction, sizes, st.integers(40, 999), sizes, seed=seeds),
    next_letters,
    st.builds(TextLetters, names, alphabets_of_texts, names, st.integers(2, 99), shares),
    st.builds(
        LabelledText,
        names,
        alphabets_of_texts,
        st.lists(names, min_size=2, max_size=4, unique=True).map(tuple),
        names,
        sizes,
        shares,
        seeds,
    ),
)
task_trainings = st.builds(
    Training,
    st.integers(0, 99),
    st.integers(1, 512),
    rates,
    rates,
    st.none() | rates,
    st.none() | st.sampled_from(OPTIMISERS),
)
_initialisations = st.none() | st.sampled_from(INITIALISATIONS)


def task_cases_of(learned: st.SearchStrategy) -> st.SearchStrategy[TaskCase]:
    """Networks that learn such tasks, wired by a graph or not."""
    drawn = {
        "initialisation": _initialisations,
        "semantics": semantics,
        "training": task_trainings,
    }
    return st.one_of(
        st.builds(TaskCase, variants, learned, seeds, sizes, st.integers(1, 3), **drawn),
        st.builds(TaskCase, variants, learned, seeds, graph=graph_specs, **drawn),
    )


task_cases = task_cases_of(tasks)


def retrained(network: st.SearchStrategy[TaskCase]) -> st.SearchStrategy[FinetuningCase]:
    """Such networks, pruned and trained again."""
    return st.builds(
        FinetuningCase, network, targets, percents, training=task_trainings, order=orders
    )


_writing = task_cases_of(next_letters)
generation_cases = st.builds(
    GenerationCase, _writing | retrained(_writing), st.integers(1, 999), seeds
)
cases_of_tasks = st.one_of(task_cases, retrained(task_cases), generation_cases)

# Strings

reber_walks = st.from_regex(REBER_REGEX, fullmatch=True)
embedded_walks = st.from_regex(EMBEDDED_REGEX, fullmatch=True)
reber_like = st.text("TPSXV", max_size=12).map(lambda inside: f"B{inside}E")
ascii_strings = st.text(st.characters(min_codepoint=1, max_codepoint=127), min_size=1, max_size=30)
labelled = st.lists(st.tuples(ascii_strings, st.integers(0, 1)), min_size=1, max_size=8)

# CSV files: arbitrary bytes, and lines that come close to a real file

_csv_lines = st.sampled_from(
    [
        b"string,valid",
        b",string,valid",
        b"valid,string",
        b"0,BTXSE,1",
        b"BTXSE,1",
        b"BTXSE,2",
        b"BTXSE",
        b'"BT',
        b'XSE",0',
        b'"BTXSE"x,0',
        b",",
        b"",
        b"B\xff,1",
        b"B\0,1",
        "Bé,1".encode(),
    ]
)
csv_files = st.one_of(
    st.binary(max_size=200),
    st.binary(max_size=60).map(lambda tail: b"string,valid\nBTXSE,1\n" + tail),
    st.builds(
        lambda lines, end: end.join(lines),
        st.lists(_csv_lines, max_size=6),
        st.sampled_from([b"\n", b"\r\n", b"\r"]),
    ),
)

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

    Some steps have no answer, but the first has one.
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
    if wanted == "class":
        return Examples(inputs, lengths, random.randint(0, layout.classes, len(lengths)))
    answers = random.randint(0, layout.classes, shape)
    answers[:, 1:][random.rand(*shape)[:, 1:] < 0.3] = NO_ANSWER
    return Examples(inputs, lengths, answers)


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
