"""Predictions: the thesis's feature sets, figures of many splits, and who was predicted as what."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib.metadata import version
from statistics import median

import numpy as np
import pytest
from sklearn.metrics import r2_score

from sparsebench.engines import predictors
from sparsebench.engines.predictors import CrossValidation, cross_validate, middle, splits
from sparsebench.experiments.graph_statistics.cases import (
    FEATURE_SETS,
    REGRESSORS,
    PredictionCase,
    WiredPopulation,
)
from sparsebench.experiments.graph_statistics.network_table import table_of
from sparsebench.experiments.graph_statistics.prediction import (
    COUNTS,
    FEATURES,
    FEWEST,
    VARIANCES,
    measure,
)
from sparsebench.parts.published_rows import PROPERTIES
from sparsebench.parts.records import Record, check_complete, check_finite
from sparsebench.values.identity import digest, restore
from tests.experiments.graph_statistics.analyses import Bench, networks, table

POPULATION = WiredPopulation("gru", 12)
RIDGE = PredictionCase(POPULATION, "bayesian_ridge", splits=7)


def measured(case: PredictionCase, known: list[Record] | None = None) -> Record:
    record = measure(case, Bench(networks(case.population) if known is None else known))
    check_complete(record)
    check_finite(record)
    return record


def test_the_feature_sets_are_the_thesis_s(artifacts) -> None:
    text = (artifacts.parent / "thesis" / "published.json").read_text(encoding="utf-8")
    stated = json.loads(text)["feature_importance"]["feature_sets"]
    assert tuple(stated) == FEATURE_SETS
    assert list(COUNTS) == stated["nodes_and_edges"]
    assert list(VARIANCES) == stated["variances"]
    assert "all 23 properties" in stated["all"]
    assert stated["without_nodes_and_edges"] == "all but those four"


def test_feature_sets_are_of_properties_in_their_order() -> None:
    assert tuple(FEATURES) == FEATURE_SETS
    assert FEATURES["all"] == PROPERTIES
    assert len(FEATURES["all"]) == 23
    assert sorted(FEATURES["nodes_and_edges"] + FEATURES["without_nodes_and_edges"]) == sorted(
        PROPERTIES
    )
    for names in FEATURES.values():
        assert list(names) == [name for name in PROPERTIES if name in names]


def test_a_record_sums_up_its_splits() -> None:
    record = measured(RIDGE)
    assert (record.digest, record.experiment) == (digest(RIDGE), "prediction")
    assert restore(record.case) == RIDGE
    made = table(12)
    r2 = [split.r2 for split in splits("bayesian_ridge", made.properties, made.accuracy, 7)]
    assert record.history["r2"] == r2
    assert record.metrics["networks"] == 24
    assert record.metrics["r2_median"] == median(r2)
    assert (record.metrics["r2_low"], record.metrics["r2_high"]) == middle(r2)
    assert record.weights == made.checksum
    assert record.numerics == f"scikit-learn {version('scikit-learn')}"
    assert record.provenance == "here"
    assert record.tables == {}


def test_one_split_is_made_as_the_thesis_made_it() -> None:
    record, made = measured(RIDGE), table(12)
    (whole,) = splits("bayesian_ridge", made.properties, made.accuracy, 1, scaled_together=True)
    assert record.metrics["r2"] == whole.r2
    assert record.metrics["r2"] != record.history["r2"][0]
    assert record.metrics["r2"] == pytest.approx(record.history["r2"][0], abs=0.1)


def test_with_all_properties_every_network_is_predicted_once() -> None:
    record, made = measured(RIDGE), table(12)
    assert record.history["true"] == made.accuracy.tolist()
    validated = cross_validate("bayesian_ridge", made.properties, made.accuracy)
    assert record.history["predicted"] == validated.predicted.tolist()
    # a hundredth of noise is left, of a spread of three
    assert r2_score(record.history["true"], record.history["predicted"]) > 0.5


def test_a_forest_tells_what_it_made_of_each_property(monkeypatch: pytest.MonkeyPatch) -> None:
    validated = CrossValidation(table(12).accuracy, np.arange(23.0))
    monkeypatch.setattr(predictors, "cross_validate", lambda *arguments: validated)
    case = replace(RIDGE, regressor="random_forest", splits=3)
    record, made = measured(case), table(12)
    found = list(splits("random_forest", made.properties, made.accuracy, 3))
    shares = np.array([split.importance for split in found])
    assert record.tables.keys() == {"impurity", "impurity_low", "impurity_high", "permutation"}
    for row in record.tables.values():
        assert tuple(row) == PROPERTIES
    assert sum(record.tables["impurity"].values()) == pytest.approx(1)
    for place, name in enumerate(PROPERTIES):
        assert record.tables["impurity"][name] == pytest.approx(shares[:, place].mean())
        ends = tuple(record.tables[f"impurity_{end}"][name] for end in ("low", "high"))
        assert ends == middle(shares[:, place])
    assert list(record.tables["permutation"].values()) == list(range(23))
    assert record.history["predicted"] == made.accuracy.tolist()


@pytest.mark.parametrize("features", FEATURE_SETS[1:])
def test_a_feature_set_is_all_that_the_regressor_sees(features: str) -> None:
    case = PredictionCase(POPULATION, "bayesian_ridge", features, 2)
    known = networks(POPULATION)
    first = measured(case, known)
    assert first.history.keys() == {"r2"}
    for record in known:
        for name in set(PROPERTIES) - set(FEATURES[features]):
            record.properties[name] = -record.properties[name]
    second = measured(case, known)
    assert (second.metrics, second.history) == (first.metrics, first.history)
    assert second.weights != first.weights
    for record in known:
        name = FEATURES[features][-1]
        record.properties[name] = record.properties[name] ** 2
    assert measured(case, known).history != first.history


def test_a_forest_of_a_feature_set_has_a_table_of_it_and_nothing_else() -> None:
    record = measured(PredictionCase(POPULATION, "random_forest", "variances", 2))
    assert record.tables.keys() == {"impurity", "impurity_low", "impurity_high"}
    for row in record.tables.values():
        assert tuple(row) == VARIANCES
    assert record.history.keys() == {"r2"}


@pytest.mark.parametrize("regressor", REGRESSORS)
def test_of_the_same_networks_every_figure_is_the_same_bit_for_bit(regressor: str) -> None:
    case = PredictionCase(POPULATION, regressor, "nodes_and_edges", 2)
    assert measured(case) == measured(case)


def test_of_too_few_networks_nothing_is_predicted() -> None:
    assert FEWEST == 20
    few = replace(RIDGE, population=WiredPopulation("gru", 9))
    with pytest.raises(ValueError, match=r"^18 networks: .* give 20 or more$"):
        measured(few)
    enough = replace(RIDGE, population=WiredPopulation("gru", 10))
    assert measured(enough).metrics["networks"] == 20


def test_the_table_is_that_of_the_population() -> None:
    shifted = replace(RIDGE, population=replace(POPULATION, first=3))
    known = networks(WiredPopulation("gru", 15))
    chosen = [record for record in known if 3 <= record.case["seed"] < 15]
    assert measured(shifted, known).weights == table_of(chosen).checksum
