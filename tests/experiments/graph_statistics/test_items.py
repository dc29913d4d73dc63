"""Items of analyses: ids that -k understands, and the cases that they measure."""

from __future__ import annotations

import re
from typing import Any

import pytest

from sparsebench.experiments.graph_statistics.cases import (
    CorrelationCase,
    PredictionCase,
    WiredPopulation,
)
from sparsebench.experiments.graph_statistics.items import (
    GRAPHS,
    CorrelationItem,
    PredictionItem,
    correlation_items,
    prediction_items,
)
from sparsebench.experiments.random_wiring.items import FamiliesItem
from sparsebench.values.identity import digest
from sparsebench.values.protocol import VARIANTS
from sparsebench.values.semantics import CORRECTED
from tests.harness.settings import settings

BOTH = ("published", "corrected")


@pytest.mark.parametrize("items", [correlation_items(), prediction_items(10)], ids=["r", "r2"])
def test_there_is_one_item_for_each_variant_with_an_id_of_its_own(tmp_path, items: list) -> None:
    assert [item.id for item in items] == list(VARIANTS)
    both = settings(tmp_path, semantics=BOTH).planned(items)
    assert [item.id for item in both] == [*VARIANTS, *(f"{name}-corrected" for name in VARIANTS)]
    assert all(re.fullmatch(r"[a-z0-9_]+(-[a-z0-9_]+)*", item.id) for item in both)


@pytest.mark.parametrize("seeds", [range(1), range(3), range(5, 12)])
def test_a_correlation_is_one_case_whatever_the_seeds(seeds: range) -> None:
    item = CorrelationItem("lstm", 40, "corrected", first=7)
    assert item.cases(seeds) == [CorrelationCase(WiredPopulation("lstm", 40, CORRECTED, 7))]
    assert item.cases(seeds)[0].resamples == 2000


@pytest.mark.parametrize("seeds", [range(1), range(3), range(5, 12)])
def test_a_prediction_asks_every_regressor_and_the_forest_of_every_feature_set(
    seeds: range,
) -> None:
    population = WiredPopulation("lstm", 40, CORRECTED, 7)
    found = PredictionItem("lstm", 30, 40, "corrected", first=7).cases(seeds)
    assert all(case.population == population and case.splits == 30 for case in found)
    assert [(case.regressor, case.features) for case in found] == [
        ("bayesian_ridge", "all"),
        ("random_forest", "all"),
        ("ada_boost", "all"),
        ("random_forest", "nodes_and_edges"),
        ("random_forest", "without_nodes_and_edges"),
        ("random_forest", "variances"),
    ]
    assert len({digest(case) for case in found}) == 6


def test_the_networks_are_those_that_families_are_compared_by() -> None:
    (case,) = CorrelationItem("gru").cases([])
    assert GRAPHS == 100
    assert case.population.networks == FamiliesItem("gru", 100).cases([])


def test_stored_analyses_are_found_again() -> None:
    """Whoever changes a default must give these cases other records."""
    (correlation,) = CorrelationItem("gru").cases([])
    assert digest(correlation) == "659b6d9ca81ff2e038cc1cc0bd5cb425"
    ridge, *_, variances = PredictionItem("gru", 10).cases([])
    assert digest(ridge) == "0531d91b38a722f8946e7bbafe8d1470"
    assert digest(variances) == "b239c274a106f52ef8dc52b147ccefad"


@pytest.mark.parametrize(
    ("profile", "expected"),
    [("smoke", (100, 0, 2)), ("quick", (100, 0, 2)), ("thesis", (30, 1000, 200))],
)
def test_a_run_analyses_what_is_stored_or_what_it_trains(
    tmp_path, profile: str, expected: tuple[int, int, int]
) -> None:
    chosen = settings(tmp_path, profile=profile, graphs=30, first_seed=1000)
    assert (*chosen.analysed, chosen.work.splits) == expected
    assert chosen.work.from_scratch == (profile == "thesis")


def test_choices_may_be_generators() -> None:
    assert [item.variant for item in correlation_items(3, iter(("lstm", "gru")))] == ["lstm", "gru"]
    items = prediction_items(9, 3, iter(("lstm", "gru")), first=2)
    assert [(item.variant, item.splits, item.graphs, item.first) for item in items] == [
        ("lstm", 9, 3, 2),
        ("gru", 9, 3, 2),
    ]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: CorrelationItem("rnn"), "unknown variant 'rnn': choose one of rnn_tanh"),
        (lambda: CorrelationItem("gru", 0), "graphs is 0"),
        (lambda: CorrelationItem("gru", semantics="new"), "unknown semantics 'new'"),
        (lambda: CorrelationItem("gru", first=-1), "first is -1"),
        (lambda: PredictionItem("gru", 0), "splits is 0"),
        (lambda: PredictionItem("rnn", 10), "unknown variant 'rnn': choose one of rnn_tanh"),
        (lambda: prediction_items(10, 2.5), "graphs is 2.5"),
    ],
)
def test_a_wrong_choice_is_told_what_is_allowed(make: Any, message: str) -> None:
    with pytest.raises((ValueError, TypeError), match=message):
        make()


def test_items_of_one_variant_are_the_same_only_if_all_is() -> None:
    assert isinstance(PredictionItem("gru", 10).cases([])[0], PredictionCase)
    items = {
        CorrelationItem("gru"),
        CorrelationItem("gru", 40),
        CorrelationItem("gru", first=1),
        CorrelationItem("gru", semantics="corrected"),
        PredictionItem("gru", 10),
        PredictionItem("gru", 20),
    }
    assert len(items | {CorrelationItem("gru")}) == 6
