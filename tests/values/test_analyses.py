from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparsebench.experiments.graph_statistics.cases import (
    CorrelationCase,
    PredictionCase,
    WiredPopulation,
)
from sparsebench.experiments.random_wiring.items import wired_case
from sparsebench.values.graphs import PUBLISHED_FAMILIES
from sparsebench.values.identity import digest
from sparsebench.values.semantics import CORRECTED
from tests import strategies

GRU = WiredPopulation("gru", graphs=40)
PREDICTION = PredictionCase(GRU, "random_forest")


@given(population=strategies.wired_populations)
def test_a_population_has_as_many_networks_of_each_family(population: WiredPopulation) -> None:
    networks = population.networks
    for family in PUBLISHED_FAMILIES:
        seeds = [each.seed for each in networks if each.graph.family == family]
        assert seeds == list(range(population.first, population.first + population.graphs))
    assert {each.variant for each in networks} == {population.variant}
    assert {each.semantics for each in networks} == {population.semantics}


@given(variant=strategies.variants, seed=st.integers(0, 99))
def test_its_networks_are_those_of_the_thesis(variant: str, seed: int) -> None:
    first, second = WiredPopulation(variant, 1, first=seed).networks
    assert first == wired_case(variant, "watts_strogatz", seed, "published")
    assert second == wired_case(variant, "barabasi_albert", seed, "published")


@pytest.mark.parametrize(
    "changed",
    [
        {"variant": "lstm"},
        {"graphs": 41},
        {"semantics": CORRECTED},
        {"first": 1},
    ],
)
def test_every_field_of_a_population_is_part_of_the_identity(changed: dict[str, Any]) -> None:
    other = replace(GRU, **changed)
    assert digest(CorrelationCase(other)) != digest(CorrelationCase(GRU))
    assert digest(replace(PREDICTION, population=other)) != digest(PREDICTION)


@pytest.mark.parametrize(
    "changed", [{"regressor": "ada_boost"}, {"features": "variances"}, {"splits": 99}]
)
def test_every_field_of_a_prediction_is_part_of_the_identity(changed: dict[str, Any]) -> None:
    assert digest(replace(PREDICTION, **changed)) != digest(PREDICTION)


def test_analyses_tell_the_variant_of_their_networks() -> None:
    assert PREDICTION.variant == CorrelationCase(GRU).variant == "gru"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: WiredPopulation("rnn"), "unknown variant 'rnn': choose one of rnn_tanh"),
        (lambda: WiredPopulation("gru", 0), "graphs is 0"),
        (lambda: WiredPopulation("gru", first=-1), "first is -1"),
        (lambda: CorrelationCase(GRU, 99), "resamples is 99"),
        (
            lambda: PredictionCase(GRU, "forest"),
            "unknown regressor 'forest': choose one of",
        ),
        (
            lambda: PredictionCase(GRU, "ada_boost", "some"),
            "unknown features 'some': choose one of",
        ),
        (lambda: PredictionCase(GRU, "ada_boost", splits=0), "splits is 0"),
    ],
)
def test_a_wrong_field_is_told_what_is_allowed(make: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()
