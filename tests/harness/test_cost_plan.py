"""A plan counts every case once, knows what is finished, and prices the rest by what was measured."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparsebench.experiments.base.cases import LossTraceCase
from sparsebench.experiments.capacity.cases import TaskCase
from sparsebench.experiments.finetuning.cases import FinetuningCase
from sparsebench.experiments.graph_statistics.cases import (
    CorrelationCase,
    PredictionCase,
    WiredPopulation,
)
from sparsebench.experiments.iterative_pruning.cases import IterativePruningCase
from sparsebench.experiments.pruning.cases import PruningCase
from sparsebench.harness import cost_plan as campaign
from sparsebench.harness.cache import store_of
from sparsebench.harness.cost_plan import CostPlan, Part, ShippedCosts, costs_of, plan
from sparsebench.harness.registry import measurement_of
from sparsebench.harness.trained_models import model_of, request
from sparsebench.values.case import BaseCase
from sparsebench.values.protocol import Architecture, Training
from sparsebench.values.semantics import CORRECTED, PUBLISHED
from sparsebench.values.tasks import RandomFunction, Recall
from tests.harness import small

BASE = BaseCase(
    Architecture("gru", layers=1, hidden_size=4), 0, PUBLISHED, small.TRAINING, small.DATA
)
RECALLING = TaskCase("gru", Recall(), 0, 4, training=Training(7))


@pytest.fixture(autouse=True)
def shipped(monkeypatch):
    """Costs that came with the package: known of trainings of GRU only."""
    seconds = {"training gru": 2.0, "pruning gru": 0.5}
    monkeypatch.setattr(campaign, "shipped_costs", lambda: ShippedCosts("a Z80", "abc", seconds))


def counted(parts):
    return {(part.what, part.semantics): (part.cases, part.finished) for part in parts}


def test_cases_are_counted_once_with_the_networks_that_they_are_made_from(tmp_path):
    cases = [PruningCase(BASE, "both", 50), PruningCase(BASE, "i2h", 50), LossTraceCase(BASE), BASE]
    cases += [FinetuningCase(BASE, "both", 50), PruningCase(BASE, "both", 50)]
    other = replace(BASE, semantics=CORRECTED)
    cases += [PruningCase(other, "both", 50)]
    assert counted(plan(cases, small.bench(tmp_path)).parts) == {
        ("training gru", "published"): (1, 0),
        ("pruning gru", "published"): (2, 0),
        ("retraining gru", "published"): (1, 0),
        ("training gru", "corrected"): (1, 0),
        ("pruning gru", "corrected"): (1, 0),
    }


@pytest.mark.parametrize(("profile", "networks"), [("quick", 0), ("thesis", 6)])
def test_networks_that_are_analysed_are_trained_where_the_profile_says_so(
    tmp_path, profile, networks
):
    population = WiredPopulation("lstm", 3)
    cases = [CorrelationCase(population), PredictionCase(population, "ada_boost", splits=7)]
    found = counted(plan(cases, small.bench(tmp_path, profile=profile)).parts)
    assert found.pop(("training wired lstm", "published"), (0, 0)) == (networks, 0)
    assert found == {("correlation", "published"): (1, 0), ("prediction", "published"): (1, 0)}


def test_what_is_left_is_priced_by_epochs(tmp_path):
    parts = plan([PruningCase(BASE, "both", 50)], small.bench(tmp_path)).parts
    assert [(part.what, part.left, part.unknown) for part in parts] == [
        ("training gru", 2.0 * small.TRAINING.epochs, 0),
        ("pruning gru", 0.5, 0),
    ]


def test_what_nobody_has_measured_is_said(tmp_path):
    (part,) = plan([small.wired(0), small.wired(1)], small.bench(tmp_path)).parts
    assert (part.cases, part.left, part.unknown) == (2, 0.0, 2)


def test_what_is_in_the_store_is_finished_and_prices_the_rest(tmp_path):
    cases = [small.wired(seed) for seed in range(3)]
    request(cases[:2], small.bench(tmp_path))
    bench = small.bench(tmp_path)
    for case in cases[:2]:
        model_of(case, bench)
    (part,) = plan(cases, small.bench(tmp_path)).parts
    assert (part.cases, part.finished, part.unknown) == (3, 2, 0)
    store = store_of(cases[0], bench)
    stored = [store.load_record(path.stem) for path in sorted(store.folder.glob("*.json"))]
    cost, of_its_kind = costs_of(stored).values()
    assert cost == of_its_kind
    assert part.left == pytest.approx(cost * small.TRAINING.epochs)
    assert part.left > 0


def test_a_network_that_was_stopped_before_its_first_epoch_prices_nothing(tmp_path):
    bench = small.bench(tmp_path)
    case = small.wired(0, training=replace(small.TRAINING, until=0))
    model_of(case, bench)
    store = store_of(case, bench)
    (path,) = store.folder.glob("*.json")
    assert costs_of([store.load_record(path.stem)]) == {}


def test_what_has_not_been_measured_costs_what_its_kind_does(tmp_path, monkeypatch):
    seconds = {"retraining gru": 3.0, "retraining gru, 50 % of both": 1.0}
    monkeypatch.setattr(campaign, "shipped_costs", lambda: ShippedCosts("a Z80", "abc", seconds))
    cases = [FinetuningCase(BASE, "both", percent) for percent in (50, 60)]
    part = plan(cases, small.bench(tmp_path)).parts[-1]
    assert (part.cases, part.left, part.unknown) == (2, 10 * (1.0 + 3.0), 0)


def test_what_other_code_kept_is_not_finished(tmp_path, monkeypatch):
    model_of(small.wired(0), small.bench(tmp_path))
    monkeypatch.setattr("sparsebench.harness.cache.code_of", lambda *names: "0" * 12)
    (part,) = plan([small.wired(0)], small.bench(tmp_path)).parts
    assert (part.cases, part.finished) == (1, 0)


@pytest.mark.parametrize(
    ("case", "what", "units"),
    [
        (BASE, "training gru", 3),
        (small.wired(0), "training wired rnn_tanh, barabasi_albert", 3),
        (small.retraining(0), "retraining wired rnn_tanh, 50 % of both", 2),
        (FinetuningCase(BASE, "both", threshold=0.1), "retraining gru, by a threshold", 10),
        (PruningCase(BASE, "i2h", 10), "pruning gru", 1),
        (PredictionCase(WiredPopulation("gru"), "ada_boost", splits=9),
         "prediction, ada_boost of all", 9),
        (CorrelationCase(WiredPopulation("gru")), "correlation, 2000", 1),
        (RECALLING, "training gru on Recall", 7),
        (FinetuningCase(RECALLING, "both", 50, training=Training(3)),
         "retraining gru on Recall, 50 % of both", 3),
        (replace(RECALLING, task=RandomFunction(samples=500_000)),
         "training gru on RandomFunction", 3.5),
    ],
)  # fmt: skip
def test_costs_go_by_what_is_done_and_how_often(case, what, units):
    assert measurement_of(case).cost(case) == (what, units)


def test_what_is_not_kept_costs_nothing(tmp_path):
    assert measurement_of(LossTraceCase(BASE)).cost(LossTraceCase(BASE)) is None
    assert plan([LossTraceCase(BASE)], small.bench(tmp_path)) == CostPlan([], 0.0)


EPOCHS = small.TRAINING.epochs


@pytest.mark.parametrize(
    ("networks", "threads", "seconds"),
    [
        (1, 1, 2.0),
        (1, 2, 2.0),  # used to be halved
        (2, 2, 2.0),
        (3, 2, 4.0),  # two at a time, then the third
        (3, 64, 2.0),
        (100, 2, 100.0),
    ],
)
def test_a_network_is_trained_by_one_thread_however_many_there_are(
    tmp_path, networks, threads, seconds
):
    costs = plan([replace(BASE, seed=seed) for seed in range(networks)], small.bench(tmp_path))
    assert costs.seconds(threads) == seconds * EPOCHS
    assert costs.longest == 2.0 * EPOCHS
    assert sum(part.left for part in costs.parts) == networks * 2.0 * EPOCHS


def test_networks_that_are_made_from_each_other_are_trained_one_after_another(
    tmp_path, monkeypatch
):
    seconds = {"training gru": 1.0, "retraining gru": 3.0, "pruning gru": 0.5}
    monkeypatch.setattr(campaign, "shipped_costs", lambda: ShippedCosts("a Z80", "abc", seconds))
    tuned = [FinetuningCase(BASE, "both", percent, training=Training(4)) for percent in (50, 60)]
    costs = plan([*tuned, PruningCase(BASE, "i2h", 50)], small.bench(tmp_path))
    assert costs.longest == 1.0 * EPOCHS + 3.0 * 4
    assert costs.seconds(1) == 1.0 * EPOCHS + 2 * 3.0 * 4 + 0.5
    assert costs.seconds(8) == 1.0 * EPOCHS + 3.0 * 4 + 0.5


def test_rounds_of_one_network_are_no_faster_with_more_threads(tmp_path, monkeypatch):
    seconds = {"training gru": 1.0, "iterative pruning gru": 2.0}
    monkeypatch.setattr(campaign, "shipped_costs", lambda: ShippedCosts("a Z80", "abc", seconds))
    case = BASE
    for percent in (50, 75, 90):
        case = IterativePruningCase(case, "both", percent)
    costs = plan([case], small.bench(tmp_path))
    rounds = costs.parts[-1]
    assert rounds.cases == 3
    assert rounds.left == rounds.longest > 0
    assert costs.seconds(64) == costs.seconds(1) == costs.longest


def test_what_is_measured_is_measured_by_one_thread(tmp_path):
    cases = [PruningCase(BASE, "both", percent) for percent in (10, 20, 30, 40)]
    training, pruning = plan(cases, small.bench(tmp_path)).parts
    assert (training.trained, pruning.trained) == (True, False)
    assert pruning.seconds(4) == 4 * 0.5


@given(st.integers(1, 1000), st.integers(0, 1000), st.integers(1, 128), st.floats(0.1, 1e4))
def test_threads_never_do_more_than_their_number_says(todo, finished, threads, each):
    part = Part("training", "published", todo + finished, finished, 0, todo * each, each)
    wall = part.seconds(threads)
    assert wall >= max(each, part.left / threads) * (1 - 1e-9)
    assert wall <= part.left * (1 + 1e-9)
