"""Cases of tasks: their identity is what is learned, by which network, and what it then writes."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import FrozenInstanceError, replace
from typing import Any

import pytest
from hypothesis import given

from sparsebench.experiments.capacity.cases import TaskCase
from sparsebench.experiments.finetuning.cases import FinetuningCase
from sparsebench.experiments.language_modelling.cases import GenerationCase
from sparsebench.values.case import BaseCase
from sparsebench.values.graphs import GraphSpec
from sparsebench.values.identity import Case, canonical, digest, restore, seedless, subject_of
from sparsebench.values.layout import GATES, INPUT, Block, Layout
from sparsebench.values.protocol import Architecture, ReberStrings, Training
from sparsebench.values.semantics import CORRECTED, PUBLISHED
from sparsebench.values.tasks import (
    LabelledText,
    NextLetters,
    RandomFunction,
    RandomLabels,
    Recall,
    TextLetters,
)
from tests import strategies

LABELS = TaskCase("gru", RandomLabels(100), 3, 8)
LETTERS = TaskCase("lstm", NextLetters(), 3, 16)
WIRED = TaskCase("lstm", NextLetters("embedded_reber"), 4, graph=GraphSpec("watts_strogatz", 17))
TEXT = TextLetters("declaration", "abc", "0123456789abcdef")
RETRAINING = FinetuningCase(WIRED, "both", 90, order=7)
WRITING = GenerationCase(LETTERS)
WRITING_AGAIN = GenerationCase(RETRAINING, 10, 5)


@pytest.mark.parametrize(
    ("case", "pinned"),
    [
        (LABELS, "0d26c7fe0672cbc4f249838fa249ae5d"),
        (
            TaskCase("rnn_tanh", Recall(), 0, 64, 2, initialisation="orthogonal"),
            "ff744ff16cccd1b1a2d6121590ec9fbb",
        ),
        (
            TaskCase(
                "rnn_relu",
                RandomFunction(samples=1000, judged=1000),
                0,
                8,
                training=Training(5, 64, 0.01, final_rate=0.0001, optimiser="rmsprop"),
            ),
            "206d08e1307da9de9ee41c148ffbea46",
        ),
        (LETTERS, "da8a1a422148ade310f153082f825a60"),
        (WIRED, "db412a7064a8b1f3e9ae66d4f567fdb0"),
        (TaskCase("gru", TEXT, 0, 32), "9b82db29434aa24ad4b3f7a0e2fa0f42"),
        (
            TaskCase(
                "gru", LabelledText("messages", "ab", ("glad", "sad"), "0123456789abcdef"), 0, 9
            ),
            "8ccddf82644d5a944f0ff47e4052a5ca",
        ),
        (
            TaskCase("gru", ReberStrings(), 0, 50, 3, semantics=PUBLISHED),
            "09056bb49a03a2ffe88f633db5b90011",
        ),
        (RETRAINING, "1a804509f29d1bea7ae0544ebd9ee9e0"),
        (WRITING, "586352349a014437d31ce2ffc3b23c7e"),
        (WRITING_AGAIN, "47829350c6b94c71c0a42e4d7378a09d"),
    ],
    ids=[
        "labels",
        "recall",
        "function",
        "letters",
        "letters-wired",
        "text",
        "labelled-text",
        "reber",
        "retraining",
        "generation",
        "generation-retraining",
    ],
)
def test_digests_stay_what_baselines_are_stored_under(case: Case, pinned: str) -> None:
    assert digest(case) == pinned


@given(case=strategies.cases_of_tasks)
def test_a_case_comes_back_from_its_canonical_form_as_json(case: Case) -> None:
    assert restore(canonical(case)) == case
    assert restore(json.loads(json.dumps(canonical(case)))) == case


@given(one=strategies.cases_of_tasks, other=strategies.cases_of_tasks | strategies.cases)
def test_two_cases_share_a_digest_only_if_they_are_equal(one: Case, other: Case) -> None:
    assert (digest(one) == digest(other)) == (one == other)


def test_a_case_read_from_a_file_is_the_one_that_was_written() -> None:
    text = LabelledText("messages", "ab", ("glad", "sad"), "0123456789abcdef")
    case = TaskCase("gru", text, 0, 9)
    read = restore(json.loads(json.dumps(canonical(case))))
    assert (read, digest(read), hash(read)) == (case, digest(case), hash(case))


@pytest.mark.parametrize(
    "changed",
    [
        {"variant": "lstm"},
        {"task": RandomLabels(101)},
        {"task": RandomLabels(100, width=21)},
        {"task": RandomLabels(100, steps=6)},
        {"task": RandomLabels(100, seed=1)},
        {"task": Recall()},
        {"seed": 4},
        {"hidden_size": 9},
        {"layers": 2},
        {"hidden_size": None, "graph": GraphSpec("watts_strogatz", 3)},
        {"initialisation": "he"},
        {"semantics": PUBLISHED},
        {"training": Training(epochs=11, batch_size=64)},
        {"training": Training(epochs=10, batch_size=64, final_rate=0.001)},
        {"training": Training(epochs=10, batch_size=64, optimiser="adagrad")},
    ],
)
def test_every_field_of_a_task_s_network_is_part_of_its_identity(changed: dict[str, Any]) -> None:
    assert digest(replace(LABELS, **changed)) != digest(LABELS)


@pytest.mark.parametrize(
    "changed",
    [{"network": replace(LETTERS, seed=4)}, {"network": RETRAINING}, {"strings": 9}, {"draw": 1}],
)
def test_every_field_of_what_is_written_is_part_of_its_identity(changed: dict[str, Any]) -> None:
    assert digest(replace(WRITING, **changed)) != digest(WRITING)


def test_what_was_left_open_is_left_out_of_the_digest() -> None:
    assert set(canonical(LABELS)) == {
        "kind",
        "variant",
        "task",
        "seed",
        "hidden_size",
        "layers",
        "semantics",
        "training",
    }
    assert "hidden_size" not in canonical(WIRED)
    assert canonical(WRITING) == {
        "kind": "GenerationCase",
        "network": canonical(LETTERS),
        "strings": 1000,
        "draw": 0,
    }


def test_tasks_are_learned_by_the_corrected_semantics_unless_said_otherwise() -> None:
    assert (LABELS.semantics, LABELS.training) == (CORRECTED, Training(10, 64))
    assert (LABELS.layers, LABELS.graph, LABELS.initialisation) == (1, None, None)


@given(case=strategies.task_cases)
def test_what_a_network_learns_is_its_data_too(case: TaskCase) -> None:
    assert case.data is case.task


@given(case=strategies.generation_cases)
def test_what_is_written_tells_the_seed_and_variant_of_its_network(case: GenerationCase) -> None:
    origin = subject_of(case)
    assert (case.seed, case.variant) == (origin.seed, origin.variant)


def test_a_case_speaks_of_the_network_that_is_trained_from_scratch() -> None:
    for case, origin in (
        (LABELS, LABELS),
        (WRITING, LETTERS),
        (RETRAINING, WIRED),
        (WRITING_AGAIN, WIRED),
    ):
        assert subject_of(case) is origin


@given(case=strategies.cases_of_tasks)
def test_taking_the_seeds_away_twice_changes_nothing_more(case: Case) -> None:
    once = seedless(case)
    assert seedless(once) == once
    assert type(once) is type(case)


@given(case=strategies.cases_of_tasks)
def test_the_seed_of_a_task_stays_and_that_of_its_network_goes(case: Case) -> None:
    before, after = subject_of(case), subject_of(seedless(case))
    assert after.task == before.task
    assert after == replace(before, seed=0, graph=before.graph and replace(before.graph, seed=0))


@given(case=strategies.task_cases, seed=strategies.seeds)
def test_networks_of_other_seeds_are_equal_without_them(case: TaskCase, seed: int) -> None:
    assert seedless(replace(case, seed=seed)) == seedless(case)


def test_the_order_of_examples_goes_and_the_seed_of_letters_stays() -> None:
    network = replace(WIRED, seed=0, graph=GraphSpec("watts_strogatz", 0))
    assert seedless(WRITING_AGAIN) == GenerationCase(FinetuningCase(network, "both", 90), 10, 5)


@given(case=strategies.task_cases.filter(lambda case: case.graph is None))
def test_a_stacked_network_has_a_block_a_layer_and_answers_its_task(case: TaskCase) -> None:
    layout = case.layout
    assert layout.variant == case.variant
    assert layout.sizes == (case.hidden_size,) * case.layers
    assert layout.blocks == tuple(Block(layer - 1, layer) for layer in range(case.layers))
    assert (layout.symbols, layout.classes) == (case.task.symbols, case.task.classes)


@given(case=strategies.task_cases.filter(lambda case: case.graph is None))
def test_letters_are_read_through_an_embedding_and_vectors_as_they_are(case: TaskCase) -> None:
    rows, shapes = GATES[case.variant] * case.hidden_size, case.layout.shapes()
    if case.task.symbols:
        assert case.width is None
        assert shapes["embedding"] == (case.task.symbols, case.hidden_size)
        assert shapes["layers.0.i2h"] == (rows, case.hidden_size)
    else:
        assert case.width == case.task.width
        assert "embedding" not in shapes
        assert shapes["layers.0.i2h"] == (rows, case.task.width)


def test_a_network_without_an_embedding_has_all_other_arrays() -> None:
    blocks = (Block(INPUT, 0), Block(0, 1))
    reading = Layout("gru", (2, 3), blocks, width=5, symbols=4)
    shapes = reading.shapes()
    del shapes["embedding"]
    assert replace(reading, symbols=0).shapes() == shapes
    assert str(replace(reading, symbols=0)) == str(reading)


@pytest.mark.parametrize(
    ("symbols", "kind", "message"),
    [
        (-1, ValueError, "symbols is -1: .* at least 0$"),
        (None, TypeError, r"symbols is None \(NoneType\)"),
    ],
)
def test_an_embedding_has_no_less_than_no_rows(
    symbols: Any, kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind, match=f"^{message}"):
        Layout("gru", (2,), (Block(INPUT, 0),), width=5, symbols=symbols)


def test_cases_cannot_be_changed() -> None:
    for case in (LABELS, WRITING):
        with pytest.raises(FrozenInstanceError):
            case.seed = 1  # type: ignore[misc]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: replace(LABELS, variant="x"), "unknown variant 'x': .* mgu$"),
        (lambda: replace(LABELS, seed=-1), "seed is -1: .* at least 0$"),
        (lambda: replace(LABELS, hidden_size=0), "hidden_size is 0: .* at least 1$"),
        (lambda: replace(LABELS, layers=0), "layers is 0: .* at least 1$"),
        (lambda: replace(WIRED, layers=2), "layers is 2: the graph decides .* leave it at 1$"),
        (
            lambda: replace(LABELS, hidden_size=None),
            "hidden_size is None and graph is None: give one of the two$",
        ),
        (
            lambda: replace(WIRED, hidden_size=8),
            r"hidden_size is 8 and graph is GraphSpec\(.*\): give one of the two$",
        ),
        (
            lambda: replace(LABELS, initialisation="lecun"),
            "unknown initialisation 'lecun': .* uniform, identity, orthogonal, he, xavier$",
        ),
        (lambda: replace(WRITING, strings=0), "strings is 0: .* at least 1$"),
        (lambda: replace(WRITING, draw=-1), "draw is -1: .* at least 0$"),
        (lambda: restore({"kind": "RandomLabels", "samples": 3, "width": 1}), "3 samples of"),
        (lambda: restore({"kind": "TaskCase", "seed": 0}), "not a TaskCase: .*'variant'"),
        (
            lambda: restore({"kind": "GenerationCase", "network": canonical(LABELS)}),
            "not a GenerationCase: only networks trained on NextLetters",
        ),
    ],
)
def test_a_wrong_field_is_told_what_is_allowed(make: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}"):
        make()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: replace(LABELS, task="recall"), "a str is no task: register it with .*Recall"),
        (lambda: replace(LABELS, seed=0.0), r"seed is 0\.0 \(float\)"),
        (lambda: replace(LABELS, hidden_size="8"), r"hidden_size is '8' \(str\)"),
        (lambda: replace(WIRED, graph="layered"), "graph is a str: give a GraphSpec"),
        (lambda: replace(LABELS, semantics="corrected"), "semantics is a str: give a Semantics"),
        (lambda: replace(LABELS, training=None), "training is a NoneType: give a Training"),
        (lambda: replace(WRITING, strings=1.0), r"strings is 1\.0 \(float\)"),
        (
            lambda: GenerationCase(BaseCase(Architecture("gru"), 0)),
            "only networks trained on NextLetters write strings",
        ),
        (lambda: GenerationCase(LABELS), "only networks trained on NextLetters write strings"),
        (
            lambda: GenerationCase(FinetuningCase(LABELS, "both", 90)),
            "only networks trained on NextLetters write strings",
        ),
        (
            lambda: GenerationCase(FinetuningCase(BaseCase(Architecture("gru"), 0), "both", 90)),
            "only networks trained on NextLetters write strings",
        ),
    ],
)
def test_a_field_of_another_class_is_told_which(make: Callable[[], object], message: str) -> None:
    with pytest.raises(TypeError, match=f"^{message}"):
        make()
