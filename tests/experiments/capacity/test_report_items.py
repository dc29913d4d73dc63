"""Items of tasks: ids that pytest can select by, sizes that fit, and cases that are what they say."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparsebench.experiments.capacity.cases import TaskCase
from sparsebench.experiments.capacity.items import (
    CapacityItem,
    capacity_items,
    capacity_variants_items,
    left_of,
    parameters_of,
    units_for,
    wired_within,
)
from sparsebench.experiments.capacity.network import task_network
from sparsebench.experiments.capacity.report_items import (
    RATES,
    FunctionItem,
    FunctionVariantsItem,
    InitialisationsItem,
    LongMemoryItem,
    OptimisersItem,
    RecallItem,
    few_points_items,
    function_items,
    long_memory_items,
    recall_items,
)
from sparsebench.experiments.capacity.task_items import pruned
from sparsebench.experiments.finetuning.cases import FinetuningCase
from sparsebench.experiments.language_modelling.cases import GenerationCase
from sparsebench.experiments.language_modelling.items import (
    LettersItem,
    WritingItem,
    labels_items,
    letters_items,
    writing_items,
)
from sparsebench.harness.profiles import PROFILES
from sparsebench.harness.task_profiles import QUICK, SMOKE, THESIS
from sparsebench.parts.labelled_texts import corpus_task
from sparsebench.parts.pruning import prune
from sparsebench.parts.tasks import name_of
from sparsebench.parts.texts import text_task
from sparsebench.parts.weights import initial_weights, parameters, prunable
from sparsebench.values.identity import canonical, digest, restore
from sparsebench.values.protocol import INITIALISATIONS, OPTIMISERS, ReberStrings, Training
from sparsebench.values.semantics import CORRECTED
from sparsebench.values.sequence_tasks import AddingProblem
from sparsebench.values.tasks import NextLetters, RandomLabels, TextLetters
from tests import strategies

WORKS = {"smoke": SMOKE, "quick": QUICK, "thesis": THESIS}


@pytest.mark.parametrize("profile", WORKS)
def test_ids_are_lower_case_without_a_dot_and_each_items_own(profile: str) -> None:
    work = WORKS[profile]
    assert PROFILES[profile].tasks == work
    letters = [NextLetters("reber"), NextLetters("embedded_reber"), text_task("declaration")]
    for items in (
        capacity_items(work),
        capacity_variants_items(work),
        recall_items(work),
        letters_items(work, letters),
        labels_items(work, [corpus_task("messages")]),
        function_items(work),
        writing_items(work),
    ):
        ids = [item.id for item in items]
        assert len(set(ids)) == len(ids)
        assert all(re.fullmatch("[a-z0-9_-]+", name) for name in ids)


@given(st.integers(60, 2000), strategies.variants, st.integers(1, 3))
def test_networks_are_as_wide_as_their_parameters_allow(
    most: int, variant: str, layers: int
) -> None:
    case = units_for(TaskCase(variant, RandomLabels(1), 0, 1, layers), most)
    assert case.hidden_size is not None
    assert parameters_of(case.layout) <= most or case.hidden_size == 1
    wider = TaskCase(variant, RandomLabels(1), 0, case.hidden_size + 1, layers)
    assert parameters_of(wider.layout) > most


@given(strategies.variants, st.integers(1, 2), st.integers(1, 7), st.sampled_from([0, 50, 80, 100]))
def test_what_pruning_leaves_is_known_beforehand(
    variant: str, layers: int, units: int, percent: int
) -> None:
    layout = TaskCase(variant, RandomLabels(1), 0, units, layers).layout
    weights = initial_weights(layout, 0)
    masks = prune(weights, prunable(layout, "both"), percent, CORRECTED)
    assert left_of(layout, percent) == parameters(layout, masks)


def test_wired_networks_are_as_large_as_their_parameters_allow() -> None:
    case = TaskCase("gru", RandomLabels(1), 3, 1)
    wired, found = wired_within(case, 1500)
    network = task_network(wired)
    assert found == parameters(network.layout, network.masks) <= 1500
    assert wired.hidden_size is None
    assert network.layout.width == RandomLabels(1).width


def test_samples_go_with_the_parameters_that_are_left() -> None:
    item = CapacityItem("rnn_tanh", 1, (300,), (1, 4), 10, percent=80)
    cases = item.cases([0, 1])
    assert len(cases) == 4
    assert all(isinstance(case, FinetuningCase) and case.percent == 80 for case in cases)
    for case, (seed, ratio) in zip(cases, product((0, 1), (1, 4)), strict=True):
        network = case.network
        assert network.seed == seed
        assert network.task.samples == ratio * left_of(network.layout, 80)
        assert case.training == network.training


def test_nothing_is_pruned_by_nothing() -> None:
    case = TaskCase("gru", RandomLabels(4), 0, 3)
    assert pruned(case, 0) is case


def test_a_wired_network_has_a_vertex_where_others_have_a_unit_ten_at_least() -> None:
    cases = RecallItem("gru", (4, 8, 16), 3, wired=True).cases([5])
    assert [case.graph.vertices for case in cases] == [10, 16]
    assert {case.graph.seed for case in cases} == {5}


def test_every_optimiser_trains_at_its_own_rate() -> None:
    item = OptimisersItem("gru", 3)
    found = [
        (case.training.optimiser, case.training.learning_rate, case.seed)
        for case in item.cases([4, 5])
    ]
    assert found == [(name, RATES[name], seed) for name in OPTIMISERS for seed in (4, 5)]
    assert (item.id, item.semantics) == ("gru", "corrected")
    assert {case.initialisation for case in item.cases([4])} == {None}


def test_initial_weights_of_every_kind_are_trained_alike() -> None:
    cases = InitialisationsItem("lstm", 3).cases([4])
    assert [case.initialisation for case in cases] == list(INITIALISATIONS)
    assert {case.training for case in cases} == {Training(3, 64, RATES["adam"], optimiser="adam")}
    assert {(case.hidden_size, case.layers) for case in cases} == {(16, 3)}


def test_long_memory_is_of_plain_cells_and_of_enough_seeds_to_judge() -> None:
    item, _ = long_memory_items(THESIS)
    assert [each.id for each in long_memory_items(THESIS)] == [
        "adding-100-rnn_tanh", "adding-100-rnn_relu",
    ]  # fmt: skip
    assert long_memory_items(SMOKE) == []
    cases = item.cases([3])
    assert [(case.initialisation, case.seed) for case in cases] == [
        (name, seed) for name in ("uniform", "identity", "orthogonal") for seed in range(3, 11)
    ]
    assert {case.training for case in cases} == {Training(60, 32, 0.002, final_rate=0.0002)}
    assert item.cases([]) == []


def test_two_variants_beside_each_other_are_those_of_their_own_items() -> None:
    items = [item for item in function_items(QUICK) if item.plain]
    beside = FunctionVariantsItem(tuple(items))
    assert beside.id == "rnn_tanh-lstm"
    assert beside.cases([1]) == [case for item in items for case in item.cases([1])]


@pytest.mark.parametrize("samples", [1024, 1_000_000])
def test_a_function_is_judged_by_points_that_it_was_known_at(samples: int) -> None:
    (case,) = FunctionItem("gru", (8,), samples, 2).cases([0])
    assert case.task.samples == samples
    assert case.task.judged == min(samples, 16_384)


def test_few_points_are_in_the_thesis_profile_beside_the_published_million() -> None:
    few, many = few_points_items(THESIS), function_items(THESIS)
    assert [item.id for item in few] == [f"1024-points-{item.id}" for item in many]
    assert few_points_items(QUICK) == few_points_items(SMOKE) == []
    plain = [item for item in few if item.plain]
    beside = FunctionVariantsItem(tuple(plain))
    assert beside.id == "1024-points-rnn_tanh-lstm"
    (case, *_) = plain[0].cases([0])
    assert (case.task.steps, case.task.samples, case.task.judged) == (50, 1024, 1024)
    assert case.training == Training(400, 32, 0.005, final_rate=0.0005)
    assert name_of(case.task) == "function-1024"
    assert not {digest(each) for item in few for each in item.cases([0])} & {
        digest(each) for item in many for each in item.cases([0])
    }


def test_a_labels_item_is_of_one_size() -> None:
    (item, *_) = labels_items(SMOKE, [corpus_task("messages")], ["gru"])
    assert item.id == "messages-gru-p0"
    (case,) = item.cases([2])
    assert (case.hidden_size, case.task) == (8, corpus_task("messages"))


def test_variants_that_a_profile_does_not_make_sparse_have_one_item() -> None:
    assert [item.id for item in recall_items(SMOKE)] == [
        "rnn_tanh-p0", "rnn_relu-p0", "lstm-p0", "gru-p0", "gru-p80", "gru-wired-p0",
    ]  # fmt: skip
    thesis = capacity_items(THESIS, ["gru"])
    assert {item.layers for item in thesis} == {1, 2}
    assert {item.layers for item in thesis if not item.plain} == {1}


def test_every_writer_writes() -> None:
    network, written = WritingItem("lstm", "reber", 6, 2, 30).cases([1])
    assert isinstance(network, TaskCase)
    assert written == GenerationCase(network, 30)


@pytest.mark.parametrize(
    ("text", "name"),
    [("My Notes.v2.txt", "my-notes"), ("a/b/Tweets.csv", "tweets"), ("...", "text")],
)
def test_a_users_text_gives_an_id_that_pytest_takes(text: str, name: str) -> None:
    assert name_of(TextLetters(text, "ab", "0" * 16)) == name


def test_without_a_name_the_file_is_in_the_id_and_the_content_in_what_is_read_back() -> None:
    task = TextLetters("", "ab", "0123456789abcdef", stem="My Notes")
    assert name_of(task) == "my-notes"
    assert name_of(restore(canonical(task))) == "text-01234567"
    named = replace(task, text="novel")
    assert name_of(named) == name_of(restore(canonical(named))) == "novel"


def test_variants_and_percentages_that_do_not_exist_are_refused() -> None:
    with pytest.raises(ValueError, match="variant 'elman'"):
        LettersItem("elman", NextLetters(), (4,), 1)
    with pytest.raises(ValueError, match="variant 'elman'"):
        OptimisersItem("elman", 1)
    with pytest.raises(ValueError, match="variant 'elman'"):
        InitialisationsItem("elman", 1)
    with pytest.raises(ValueError, match="variant 'elman'"):
        LongMemoryItem("elman", AddingProblem(), 4, 1)
    with pytest.raises(TypeError, match=r"^task is a ReberStrings: give an AddingProblem$"):
        LongMemoryItem("gru", ReberStrings(), 4, 1)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="seeds is 0"):
        LongMemoryItem("gru", AddingProblem(), 4, 1, seeds=0)
    with pytest.raises(ValueError, match="grammar 'tomita'"):
        WritingItem("gru", "tomita", 4, 1, 9)
    with pytest.raises(ValueError, match="percent is 101"):
        RecallItem("gru", (4,), 1, percent=101)
    with pytest.raises(ValueError, match="semantics 'published'"):
        RecallItem("gru", (4,), 1, semantics="published")


def test_all_cases_of_a_profile_are_different_networks_or_shared_ones() -> None:
    items = capacity_items(QUICK)
    (beside,) = capacity_variants_items(QUICK)
    alone = {case for item in items if item.plain for case in item.cases(range(3))}
    assert set(beside.cases(range(3))) == alone
    assert np.unique([len(item.cases([0])) for item in items]).tolist() == [3]
