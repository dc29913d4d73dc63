"""Tables of analyses: every printed figure stands beside ours, and nothing is counted twice."""

from dataclasses import replace

import pytest

from sparsebench.experiments.graph_statistics.cases import (
    CorrelationCase,
    PredictionCase,
    WiredPopulation,
)
from sparsebench.experiments.graph_statistics.correlation_claims import CORRELATIONS
from sparsebench.experiments.graph_statistics.items import CorrelationItem, PredictionItem
from sparsebench.experiments.graph_statistics.table import (
    analysis_claims,
    analysis_claims_markdown,
    analysis_item_of,
    by_analysis_item,
    correlations,
    correlations_markdown,
    importances_markdown,
    predictions,
    predictions_markdown,
)
from sparsebench.parts.published_rows import PROPERTIES
from sparsebench.values.semantics import PUBLISHED
from tests.experiments.graph_statistics.analyses import every_correlation, every_prediction
from tests.report import made_up


def rows(table):
    return [line.strip("| ").split(" | ") for line in table.splitlines()[2:]]


@pytest.mark.parametrize(
    "item",
    [
        CorrelationItem("lstm"),
        CorrelationItem("gru", 40, "corrected", first=7),
        PredictionItem("rnn_relu", 20),
        PredictionItem("rnn_tanh", 200, 40, "corrected", first=7),
    ],
)
def test_a_case_leads_back_to_its_item(item):
    assert {analysis_item_of(case) for case in item.cases([])} == {item}


@pytest.mark.parametrize(
    "case",
    [
        CorrelationCase(WiredPopulation("gru"), resamples=100),
        PredictionCase(WiredPopulation("gru"), "ada_boost", "variances"),
        CorrelationCase(WiredPopulation("gru", semantics=replace(PUBLISHED, readout="last_step"))),
    ],
)
def test_cases_that_no_benchmark_asks_for_belong_to_no_item(case):
    assert analysis_item_of(case) is None


def test_of_several_numbers_of_splits_the_largest_is_shown():
    records = [
        *every_prediction(PredictionItem("gru", 5)),
        *every_prediction(PredictionItem("gru", 100)),
    ]
    records += every_prediction(PredictionItem("lstm", 5))
    found = by_analysis_item(records)
    assert list(found) == [PredictionItem("lstm", 5), PredictionItem("gru", 100)]
    assert [len(each) for each in found.values()] == [6, 6]


def test_the_corrected_semantics_are_held_to_the_same_words():
    for semantics in ("published", "corrected"):
        records = [every_correlation(CorrelationItem("gru", semantics=semantics))]
        claims = analysis_claims(records)
        assert len(claims) == len(CORRELATIONS["gru"]) + 6
        assert {item.semantics for item, _ in claims} == {semantics}


def test_correlations_stand_beside_those_of_the_thesis():
    nodes, edges = rows(correlations_markdown([every_correlation()]))[1:3]
    assert nodes[:6] == [
        "published",
        "gru",
        "**nodes**",
        "+0.49",
        "+0.50 (+0.45 to +0.55)",
        "< 0.001",
    ]
    assert nodes[6:8] == ["+0.25", ""]
    assert edges[6:] == ["+0.25", "-0.12", "+0.12", "+0.10", "+0.20"]


def test_what_is_not_defined_is_left_empty():
    record = every_correlation()
    for table in record.tables.values():
        table.pop("layers")
    (layers, *_) = rows(correlations_markdown([record]))
    assert [item.strip() for item in layers[3:]] == ["+0.34", *[""] * (len(layers) - 4)]


def test_predictions_stand_beside_those_of_the_thesis():
    found = rows(predictions_markdown(every_prediction()))
    assert found[1] == [
        "published",
        "gru",
        "random_forest",
        "all",
        "0.88",
        "0.50",
        "0.50",
        "0.40 to 0.60",
        "100",
    ]
    lstm = rows(predictions_markdown(every_prediction(PredictionItem("lstm", 9))))
    assert [row[4].strip() for row in lstm] == ["0.37", "0.58", "0.60", "", "", ""]


def test_importances_are_shown_where_the_thesis_has_them():
    assert len(rows(importances_markdown(every_prediction()))) == len(PROPERTIES)
    assert rows(importances_markdown(every_prediction(PredictionItem("lstm", 100)))) == []


def test_statements_cannot_break_the_table():
    table = analysis_claims_markdown([every_correlation(), *every_prediction()])
    bars = {line.replace("\\|", "").count("|") for line in table.splitlines()}
    assert bars == {7}
    assert "| **contradicted** |" in table


def test_records_of_other_experiments_are_left_out():
    record = every_correlation()
    record.experiment = "wired"
    assert by_analysis_item([record]) == {}


def test_analyses_are_found_by_their_kind():
    record = made_up.correlation()
    ((case, found),) = correlations((record, made_up.prediction()))
    assert found is record
    assert case.variant == "gru"


def test_the_most_splits_of_a_prediction_come_last():
    found = [made_up.prediction(splits=splits) for splits in (200, 5, 10)]
    assert [case.splits for case, _ in predictions(found)] == [5, 10, 200]
