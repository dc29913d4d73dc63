"""Predictions over many splits beside the thesis's one, and the importance of properties."""

from sparsebench.experiments.graph_statistics.prediction_section import prediction_section
from sparsebench.report.measured import Measured
from tests.report import made_up
from tests.report.reading import rows, tables


def section(*found):
    return prediction_section(Measured(found))


def test_the_thesis_s_split_is_held_against_ours():
    found = rows(
        section(
            made_up.prediction(),
            made_up.prediction(regressor="bayesian_ridge"),
            made_up.prediction(features="variances"),
        ),
        "r-squared-published-numbers",
    )
    assert [
        (row["regressor"], row["the thesis"], row["the thesis's figure is"]) for row in found
    ] == [
        ("bayesian ridge", "0.672", "inside this range"),
        ("random forest", "0.876", "outside this range"),
        ("random forest", "0.760", "inside this range"),
    ]


def test_every_network_is_predicted_once():
    found = rows(section(made_up.prediction()), "predicted-against-true-published-numbers")
    assert len(found) == 6
    assert (found[0]["true"], found[0]["predicted"]) == ("0.9000", "0.9100")


def test_importances_stand_beside_the_thesis_s():
    found = rows(section(made_up.prediction()), "importances-published-numbers")
    assert len(found) == 23
    (row,) = (row for row in found if row["property"] == "source_nodes")
    assert row["the thesis, by impurity"] == "0.67"
    assert row["ours, by permutation"] == "0.400"


def test_a_regressor_without_importances_has_none():
    found = section(made_up.prediction(regressor="ada_boost"))
    assert "importances-published-numbers" not in tables(found)


def test_what_is_missing_is_told():
    told = [each.what for each in section(made_up.prediction()).missing]
    assert told == ["predictions under the corrected semantics"]
