"""Base models: accuracy by epoch and in the end, beside the thesis's words."""

from sparsebench.experiments.base.section import base_section
from sparsebench.report.measured import Measured
from tests.report import made_up
from tests.report.reading import rows, tables


def section(found):
    return base_section(Measured(tuple(found)))


def test_accuracy_by_epoch_is_the_mean_over_seeds():
    found = rows(section(made_up.base_models()), "base-by-epoch-numbers")
    assert [row["epoch"] for row in found] == ["1", "2", "3", "4"]
    assert found[-1] == {
        "variant": "GRU",
        "semantics": "published",
        "epoch": "4",
        "training accuracy": "1.0000",
        "test accuracy": "0.9997",
    }


def test_the_last_accuracy_stands_beside_the_thesis_s_words():
    (row,) = rows(section(made_up.base_models()), "base-finals")
    assert (row["seeds"], row["lowest"], row["highest"]) == ("3", "0.9990", "1.0000")
    assert row["the thesis"] == "accuracy is consistently 1.00"
    assert (row["source"], row["verdict"]) == ("fig 6.4", "open")


def test_semantics_that_are_missing_are_told():
    (missing,) = section(made_up.base_models()).missing
    assert missing.what == "base models under the corrected semantics"
    assert missing.command.endswith("--sparsebench-semantics=corrected")


def test_models_without_a_history_have_no_curves():
    found = made_up.base_models()
    for record in found:
        record.history = {}
    assert set(tables(section(found))) == {"base-finals"}
