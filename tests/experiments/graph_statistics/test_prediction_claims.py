"""What the thesis says of predictions holds if it does in nearly all of many splits."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sparsebench.experiments.graph_statistics.cases import FEATURE_SETS, REGRESSORS
from sparsebench.experiments.graph_statistics.items import PredictionItem
from sparsebench.experiments.graph_statistics.prediction import FEATURES
from sparsebench.experiments.graph_statistics.prediction_claims import (
    BEST,
    ENOUGH,
    EXCELLENT,
    FITS,
    FOREMOST,
    MATTERS_MOST,
    NOTHING,
    STRONG,
    SURVIVES,
    WEAK,
    judge_predictions,
    printed,
)
from sparsebench.experiments.graph_statistics.published_predictions import (
    IMPORTANCE,
    R_SQUARED,
    SET_R_SQUARED,
)
from sparsebench.harness.claims import judge_claims
from sparsebench.parts.records import Record, Verdict
from sparsebench.values.protocol import VARIANTS
from tests.experiments.graph_statistics.analyses import SHARES, all_predicted, predicted

FOREST = ("random_forest", "all")
OTHERS = "without_nodes_and_edges"


@pytest.fixture(scope="module")
def published(artifacts) -> dict[str, Any]:
    return json.loads((artifacts.parent / "thesis" / "published.json").read_text(encoding="utf-8"))


# The thesis's figures


@pytest.mark.parametrize("variant", VARIANTS)
def test_r_squared_is_the_published_one(published: dict[str, Any], variant: str) -> None:
    assert published["r_squared"]["ref"] == "table 6.5"
    assert R_SQUARED[variant] == published["r_squared"][variant]
    assert set(R_SQUARED[variant]) == set(REGRESSORS)


@pytest.mark.parametrize("variant", ["rnn_relu", "gru"])
def test_what_forests_made_of_each_property_is_the_published_share(
    published: dict[str, Any], variant: str
) -> None:
    stated = published["feature_importance"][variant]
    assert SET_R_SQUARED[variant] == dict(zip(FEATURE_SETS, stated["r_squared"], strict=True))
    for place, features in enumerate(FEATURE_SETS):
        column = {name: row[place] for name, row in stated["rows"].items()}
        expected = {name: share for name, share in column.items() if share is not None}
        assert IMPORTANCE[variant][features] == expected
        assert tuple(IMPORTANCE[variant][features]) == FEATURES[features]


def test_only_two_variants_have_tables_of_importance(published: dict[str, Any]) -> None:
    stated = set(published["feature_importance"]) & set(VARIANTS)
    assert SET_R_SQUARED.keys() == IMPORTANCE.keys() == stated


@pytest.mark.parametrize("variant", IMPORTANCE)
@pytest.mark.parametrize("features", FEATURE_SETS)
def test_shares_of_importance_add_up_to_1(variant: str, features: str) -> None:
    row = IMPORTANCE[variant][features]
    assert sum(row.values()) == pytest.approx(1, abs=0.005 * len(row))


def test_words_fit_the_figures_that_the_thesis_prints() -> None:
    for variant, fits in FITS.items():
        for regressor, _, (low, high) in fits:
            assert low <= R_SQUARED[variant][regressor] < high
    for variant, best in BEST.items():
        assert max(R_SQUARED[variant], key=R_SQUARED[variant].__getitem__) == best
    for variant, name in MATTERS_MOST.items():
        row = IMPORTANCE[variant]["all"]
        assert max(row, key=row.__getitem__) == name
    relu, gru = SET_R_SQUARED["rnn_relu"], SET_R_SQUARED["gru"]
    assert relu["nodes_and_edges"] > relu["all"]
    assert max(relu[OTHERS], relu["variances"]) <= NOTHING
    assert min(gru[OTHERS], gru["variances"]) >= STRONG


def test_what_is_printed_of_a_prediction() -> None:
    assert printed("lstm", "ada_boost", "all") == 0.59514
    assert printed("gru", "random_forest", "all") == 0.87635
    assert printed("gru", "random_forest", "variances") == 0.76
    assert printed("gru", "ada_boost", "variances") is None
    assert printed("lstm", "random_forest", "variances") is None


# Statements


def judged(variant: str, records: list[Record]) -> dict[str, Verdict]:
    found = list(judge_predictions("item", variant, records))
    assert len({each.statement for each in found}) == len(found)
    return {each.statement: each for each in found}


STATEMENTS = {
    "rnn_tanh": [
        "bayesian ridge: R² 0.48 is what a split gives",
        "random forest: R² 0.43 is what a split gives",
        "ada boost: R² 0.36 is what a split gives",
        "bayesian ridge: the fit is weak, R² below 0.5",
        "random forest: the fit is weak, R² below 0.5",
        "ada boost: the fit is weak, R² below 0.5",
    ],
    "rnn_relu": [
        "bayesian ridge: R² 0.36 is what a split gives",
        "random forest: R² 0.62 is what a split gives",
        "ada boost: R² 0.53 is what a split gives",
        "random forest, nodes and edges: R² 0.71 is what a split gives",
        "random forest, without nodes and edges: R² -0.05 is what a split gives",
        "random forest, variances: R² 0.06 is what a split gives",
        "random forest: the fit is moderate, R² from 0.5 to 0.7",
        "random forest fits best of the three",
        "random forest, nodes and edges fits better than with all properties",
        "random forest, without nodes and edges predicts nothing, R² 0.1 or less",
        "random forest, variances predicts nothing, R² 0.1 or less",
        "random forest, nodes and edges: edges or source_nodes matters most",
    ],
    "lstm": [
        "bayesian ridge: R² 0.37 is what a split gives",
        "random forest: R² 0.58 is what a split gives",
        "ada boost: R² 0.60 is what a split gives",
        "ada boost: the fit is moderate, R² from 0.5 to 0.7",
        "ada boost fits best of the three",
    ],
    "gru": [
        "bayesian ridge: R² 0.67 is what a split gives",
        "random forest: R² 0.88 is what a split gives",
        "ada boost: R² 0.78 is what a split gives",
        "random forest, nodes and edges: R² 0.75 is what a split gives",
        "random forest, without nodes and edges: R² 0.78 is what a split gives",
        "random forest, variances: R² 0.76 is what a split gives",
        "random forest: the fit is strong, R² 0.7 or more",
        "random forest fits best of the three",
        "all three regressors fit excellently, R² 0.67 or more",
        "random forest, without nodes and edges still fits strongly, R² 0.7 or more",
        "random forest, variances still fits strongly, R² 0.7 or more",
        "source_nodes matters most to the forest by far",
        "random forest, nodes and edges: source_nodes matters most",
    ],
}


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_statement_of_the_thesis_is_judged(variant: str) -> None:
    assert list(judged(variant, all_predicted({}, variant))) == STATEMENTS[variant]


HOLDS = {
    ("rnn_tanh", "bayesian ridge: the fit is weak"): ("bayesian_ridge", "all", 0.49, WEAK),
    ("rnn_tanh", "random forest: the fit is weak"): (*FOREST, 0.49, WEAK),
    ("rnn_tanh", "ada boost: the fit is weak"): ("ada_boost", "all", -3.0, WEAK),
    ("rnn_relu", "random forest: the fit is moderate"): (*FOREST, WEAK, 0.49),
    ("rnn_relu", "random forest fits best"): (*FOREST, 0.6, 0.59),
    ("rnn_relu", "random forest, nodes and edges fits better"): (
        "random_forest",
        "nodes_and_edges",
        0.61,
        0.6,
    ),
    ("rnn_relu", "random forest, without nodes and edges predicts nothing"): (
        "random_forest",
        OTHERS,
        NOTHING,
        0.11,
    ),
    ("rnn_relu", "random forest, variances predicts nothing"): (
        "random_forest",
        "variances",
        NOTHING,
        0.11,
    ),
    ("lstm", "ada boost: the fit is moderate"): ("ada_boost", "all", 0.69, STRONG),
    ("lstm", "ada boost fits best"): ("ada_boost", "all", 0.6, 0.59),
    ("gru", "random forest: the fit is strong"): (*FOREST, STRONG, 0.69),
    ("gru", "random forest fits best"): (*FOREST, 0.6, 0.59),
    ("gru", "random forest, without nodes and edges still fits"): (
        "random_forest",
        OTHERS,
        STRONG,
        0.69,
    ),
    ("gru", "random forest, variances still fits"): ("random_forest", "variances", STRONG, 0.69),
}
"""Variant and statement -> of which prediction, an R² of which it just holds, and one of which it does
not; all other predictions have 0.6."""


def verdict_of(key: tuple[str, str], holding: int, count: int) -> Verdict:
    """What becomes of a statement that holds in some splits of many."""
    (variant, words), (regressor, features, good, bad) = key, HOLDS[key]
    r2 = [good] * holding + [bad] * (count - holding)
    found = judged(variant, all_predicted({(regressor, features): r2}, variant))
    (statement,) = [each for each in found if each.startswith(words)]
    return found[statement]


def test_every_statement_about_splits_is_tried_below() -> None:
    elsewhere = ("what a split gives", "matters most", "excellently")
    spoken_of = {
        (variant, statement)
        for variant, statements in STATEMENTS.items()
        for statement in statements
        if not any(words in statement for words in elsewhere)
    }
    assert len(spoken_of) == len(HOLDS)
    for variant, words in HOLDS:
        assert sum(each[0] == variant and each[1].startswith(words) for each in spoken_of) == 1


@pytest.mark.parametrize("key", HOLDS, ids=" ".join)
@pytest.mark.parametrize(
    ("holding", "count", "expected"),
    [
        (100, 100, "pass"),
        (95, 100, "pass"),
        (94, 100, "inconclusive"),
        (190, 200, "pass"),
        (189, 200, "inconclusive"),
        (11, 200, "inconclusive"),
        (10, 200, "fail"),
        (5, 100, "fail"),
        (6, 100, "inconclusive"),
        (0, 100, "fail"),
        (99, 99, "inconclusive"),
        (0, 99, "inconclusive"),
    ],
)
def test_a_statement_holds_if_it_does_in_95_of_100_splits(
    key: tuple[str, str], holding: int, count: int, expected: str
) -> None:
    assert (SURVIVES, ENOUGH) == (0.95, 100)
    found = verdict_of(key, holding, count)
    assert found.verdict == expected
    assert found.measured == [holding / count]
    assert found.expected == [SURVIVES, 1]
    assert found.reason.startswith(f"in {holding} of {count} splits; R² ")


def test_splits_are_compared_each_with_itself() -> None:
    """The forest is always a little better, though most of its splits lie below others of ridge."""
    r2 = [place / 100 for place in range(100)]
    better = {FOREST: [each + 0.001 for each in r2], ("bayesian_ridge", "all"): r2}
    better["ada_boost", "all"] = [-1.0] * 100
    found = judged("gru", all_predicted(better, "gru"))
    assert found["random forest fits best of the three"].verdict == "pass"
    assert found["random forest fits best of the three"].measured == [1.0]


def test_who_fits_best_is_better_than_both_others() -> None:
    r2 = {FOREST: [0.6] * 100, ("ada_boost", "all"): [0.5] * 100}
    for ridge, expected in ((0.61, "fail"), (0.59, "pass")):
        records = all_predicted({**r2, ("bayesian_ridge", "all"): [ridge] * 100}, "gru")
        assert judged("gru", records)["random forest fits best of the three"].verdict == expected


@pytest.mark.parametrize(
    ("low", "high", "count", "expected"),
    [
        (0.8, 0.9, 100, "pass"),
        (0.87635, 0.9, 100, "pass"),
        (0.8, 0.87635, 100, "pass"),
        (0.8, 0.876, 100, "fail"),
        (0.877, 0.9, 100, "fail"),
        (0.8, 0.9, 99, "inconclusive"),
        (0.8, 0.876, 99, "inconclusive"),
    ],
)
def test_what_is_printed_must_lie_in_the_middle_of_the_splits(
    low: float, high: float, count: int, expected: str
) -> None:
    found = judged("gru", [predicted([0.85] * count, bounds=(low, high))])
    (verdict,) = [each for name, each in found.items() if "R² 0.88 is what" in name]
    assert verdict.verdict == expected
    assert verdict.expected == [0.87635, 0.87635]
    assert (verdict.measured, verdict.interval) == ([0.85], (low, high))
    assert verdict.source == "thesis, table 6.5"
    ends = f"{low:.2f} to {high:.2f}"
    assert verdict.reason == f"R² 0.85 in the middle, {ends} in 95 % of {count} splits"


def test_figures_of_feature_sets_come_from_their_own_tables() -> None:
    for variant, source in (("rnn_relu", "table B.1"), ("gru", "table B.2")):
        found = judged(variant, [predicted([0.6] * 100, features=OTHERS, variant=variant)])
        assert {each.source for each in found.values()} == {f"thesis, {source}"}
    assert judged("lstm", [predicted([0.6] * 100, features=OTHERS, variant="lstm")]) == {}


@pytest.mark.parametrize(
    ("mean", "low", "high", "count", "expected"),
    [
        (0.5, 0.31, 0.6, 100, "pass"),
        (0.5, 0.3, 0.6, 100, "inconclusive"),  # edges may matter as much
        (0.21, 0.1, 0.6, 100, "inconclusive"),
        (0.2, 0.1, 0.6, 100, "fail"),
        (0.1, 0.0, 0.6, 100, "fail"),
        (0.5, 0.31, 0.6, 99, "inconclusive"),
        (0.1, 0.0, 0.6, 99, "inconclusive"),
    ],
)
def test_what_matters_most_by_far_does_so_beyond_all_doubt(
    mean: float, low: float, high: float, count: int, expected: str
) -> None:
    importance = {**SHARES, "source_nodes": (mean, low, high)}
    record = predicted([0.8] * count, importance=importance)
    found = judged("gru", [record])["source_nodes matters most to the forest by far"]
    assert found.verdict == expected
    assert (found.measured, found.interval, found.expected) == ([mean], (low, high), [0.3, 1])
    assert found.source == "thesis, table B.2"
    assert "next edges 0.20 (to 0.30), the thesis 0.67" in found.reason


def test_all_three_fit_excellently_or_the_claim_is_red() -> None:
    assert min(R_SQUARED["gru"].values()) >= EXCELLENT
    for low, expected in ((0.68, "pass"), (0.66, "fail")):
        records = [
            predicted([low if regressor == "ada_boost" else 0.9] * 100, regressor)
            for regressor in REGRESSORS
        ]
        verdict = judged("gru", records)["all three regressors fit excellently, R² 0.67 or more"]
        assert (verdict.verdict, verdict.source) == (expected, "thesis, section 6.4")


def test_what_is_foremost_has_the_largest_importance_that_the_thesis_prints() -> None:
    columns = {(variant, features) for variant in IMPORTANCE for features in FEATURE_SETS}
    assert set(FOREMOST) == columns - {("gru", "all")}
    for (variant, features), names in FOREMOST.items():
        row = IMPORTANCE[variant][features]
        assert {name for name, share in row.items() if share == max(row.values())} == set(names)


@pytest.mark.parametrize(("variant", "features"), FOREMOST)
@pytest.mark.parametrize(
    ("first", "expected"),
    [
        ((0.5, 0.4, 0.6), "pass"),
        ((0.32, 0.2, 0.4), "inconclusive"),
        ((0.25, 0.2, 0.35), "inconclusive"),
        ((0.1, 0.0, 0.2), "fail"),
    ],
)
def test_what_is_foremost_is_red_where_another_property_matters_more(
    variant: str, features: str, first: tuple[float, float, float], expected: str
) -> None:
    names = FOREMOST[variant, features]
    importance = {
        name: first if name in names else (0.3, 0.25, 0.35)
        for name in IMPORTANCE[variant][features]
    }
    record = predicted([0.6] * 100, features=features, variant=variant, importance=importance)
    (verdict,) = [
        each
        for statement, each in judged(variant, [record]).items()
        if statement.endswith(f"{' or '.join(names)} matters most")
    ]
    assert verdict.verdict == expected


def test_of_a_prediction_that_is_not_there_nothing_is_said() -> None:
    every = all_predicted({}, "gru")
    for gone in every:
        spoken_of = [
            statement
            for statement, verdict in judged("gru", every).items()
            if gone.digest in verdict.digests
        ]
        assert spoken_of
        found = judged("gru", [record for record in every if record is not gone])
        assert list(found) == [each for each in STATEMENTS["gru"] if each not in spoken_of]
    assert judged("gru", []) == {}


def test_the_statements_are_those_of_the_published_semantics_alone() -> None:
    records = all_predicted({}, "gru")
    found = judge_claims(PredictionItem("gru", 100), records)
    assert [each.statement for each in found] == STATEMENTS["gru"]
    assert judge_claims(PredictionItem("gru", 100, semantics="corrected"), records) == []
