"""Models that were fine-tuned: accuracy by epoch, beside what the thesis says."""

from sparsebench.experiments.finetuning.section import finetuning_section
from sparsebench.report.measured import Measured
from tests.report import made_up
from tests.report.reading import rows, tables


def section(found):
    return finetuning_section(Measured(tuple(found)))


def test_a_course_begins_right_after_pruning():
    (row,) = rows(section(made_up.trained_again(2)), "regain-published-numbers")
    assert [row[f"epoch {epoch}"] for epoch in (0, 1, 2)] == ["0.500", "0.995", "0.995"]


def test_each_semantics_has_a_figure_and_claims_have_both():
    found = section(made_up.trained_again() + made_up.trained_again(semantics="corrected"))
    assert {"regain-published-numbers", "regain-corrected-numbers"} < set(tables(found))
    assert [
        (row["semantics"], row["epochs to that level, by seed"], row["verdict"])
        for row in rows(found, "regain-claims")
    ] == [("published", "1: 3", "open"), ("corrected", "1: 3", "open")]


def test_what_is_missing_is_told():
    told = [each.what for each in section(made_up.trained_again()).missing]
    assert told == [
        "models fine-tuned under the corrected semantics",
        "models pruned below a threshold (slides, section 5.1)",
    ]


def test_thresholds_have_a_row_for_each_seed():
    found = rows(section(made_up.thresholds()), "thresholds")
    assert [row["seed"] for row in found] == ["0", "1", "2"]
    assert (
        "after fine-tuning, +- 0.02: open"
        in found[0]["claim: accuracy stays approximately the same"]
    )
