"""Hypothesis strategies of the tests: cases, strings and files as a user could make them, small."""

from __future__ import annotations

import string as alphabets
from functools import partial

from hypothesis import strategies as st

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
from sparsebench.values.case import BaseCase
from sparsebench.values.graphs import PUBLISHED_FAMILIES, GraphSpec
from sparsebench.values.own_data import OwnData
from sparsebench.values.protocol import (
    CELL_TYPES,
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
from sparsebench.values.sequence_tasks import (
    ORDERS,
    SERIES,
    AddingProblem,
    CopyTask,
    MackeyGlass,
    Mnist1D,
    SequentialDigits,
)
from sparsebench.values.tasks import (
    GRAMMARS,
    LabelledText,
    NextLetters,
    RandomFunction,
    RandomLabels,
    Recall,
    TextLetters,
)
from sparsebench.values.text_tasks import READ, AliceLetters, Passages

REBER_REGEX = r"B(?:TS*XA|PT*V(?:PA|V))E".replace("A", r"(?:XT*VP)*(?:S|XT*VV)")
"""Reber's grammar, derived by hand from figure 4.1 of the thesis: the tests' own automaton."""

EMBEDDED_REGEX = rf"B(?:T{REBER_REGEX}T|P{REBER_REGEX}P)E"
"""The embedded grammar: either envelope around any string of Reber's."""

percents = st.integers(0, 100)
seeds = st.integers(0, 2**40)
names = st.text(alphabets.ascii_lowercase, min_size=1, max_size=8)
finite = st.floats(allow_nan=False, allow_infinity=False)
variants = st.sampled_from(CELL_TYPES)
published_variants = st.sampled_from(VARIANTS)
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
    st.builds(
        ConformanceCase, published_variants, targets, percents, names, names, st.integers(1, 99)
    ),
    st.builds(
        WiredConformanceCase,
        published_variants,
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
_own = st.fixed_dictionaries(
    {
        "name": names,
        "checksum": names,
        "inputs": st.lists(names, min_size=1, max_size=3).map(tuple),
        "answers": st.lists(names, min_size=1, max_size=2).map(tuple),
        "test_share": shares,
        "standardised": st.booleans(),
    }
)
own_data = st.one_of(
    _own.flatmap(
        lambda own: st.builds(
            partial(OwnData, **own, symbols=0, width=2),
            asks=st.sampled_from(("class", "classes", "values")),
            classes=sizes.map(lambda size: size + 1),
            seed=seeds,
        )
    ),
    _own.flatmap(
        lambda own: st.builds(
            partial(OwnData, **own, asks="class", width=0, classes=2),
            symbols=st.integers(1, 128),
            seed=seeds,
            repeats=st.just(()) | st.tuples(st.integers(1, 100), st.integers(1, 100)),
            group=st.none() | names,
        )
    ),
    _own.flatmap(
        lambda own: st.builds(
            partial(OwnData, **own, asks="classes", symbols=0, width=1, classes=2),
            seed=seeds,
            weights=st.tuples(st.floats(0.1, 9), st.floats(0.1, 9)),
        )
    ),
    _own.flatmap(
        lambda own: st.builds(
            partial(OwnData, **own, asks="forecast", symbols=0, width=1),
            classes=sizes,
            window=sizes,
            ahead=sizes,
        )
    ),
)
"""Descriptions of own data, in files that need not exist."""

tasks = st.one_of(
    reber_strings,
    own_data,
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
    st.builds(AddingProblem, st.integers(2, 99), sizes, sizes, seeds),
    st.builds(CopyTask, st.integers(1, 99), sizes, sizes, seeds),
    st.builds(SequentialDigits, st.sampled_from(ORDERS), sizes, sizes, seeds),
    st.builds(Mnist1D, sizes, sizes, seeds),
    st.builds(AliceLetters, st.integers(2, 99), st.integers(100, 9999)),
    st.builds(Passages, st.sampled_from(READ), sizes, sizes, seeds),
    st.builds(
        MackeyGlass,
        st.sampled_from(sorted(SERIES)),
        st.integers(1, 9),
        st.integers(10, 40),
        sizes,
        st.integers(0, 40),
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
