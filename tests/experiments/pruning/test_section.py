"""Pruned base models: accuracy by percentage, both semantics side by side."""

from sparsebench.experiments.pruning.section import pruning_section
from sparsebench.report.measured import Measured
from tests.report import made_up
from tests.report.reading import rows


def section(found):
    return pruning_section(Measured(tuple(found)))


def test_each_percentage_stands_beside_what_the_thesis_says_there():
    found = rows(section(made_up.pruned(percents=[80, 90, 100])), "accuracy-by-percent-numbers")
    assert [(row["percent"], row["mean"], row["the thesis"]) for row in found] == [
        ("80", "0.9950", "at least 0.99"),
        ("90", "0.6500", "below 0.99"),
        ("100", "0.6500", "at chance"),
    ]


def test_both_semantics_stand_side_by_side_for_every_claim():
    found = made_up.pruned(percents=[80]) + made_up.pruned(percents=[90], semantics="corrected")
    claims = rows(section(found), "pruning-claims")
    at = {
        row["percent"]: row for row in claims if (row["variant"], row["pruned"]) == ("GRU", "both")
    }
    assert at["80"]["published"] == "open"
    assert at["80"]["corrected"] == "not measured"
    assert at["80"]["corrected: mean, true of, 95 % interval"] == ""
    assert at["90"]["published"] == "not measured"
    assert at["90"]["corrected: mean, true of, 95 % interval"] == "0.6500, 3 of 3, 0.292 to 1.000"


def test_the_message_says_how_far_accuracy_holds():
    drawing = section(made_up.pruned(percents=[70, 80, 90])).shown[0]
    assert "GRU through 80 % (the thesis: 80 %)" in drawing.message
