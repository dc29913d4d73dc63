"""Correlations beside the thesis's, and accuracy against the properties that it calls essential."""

import math

import pytest

from sparsebench.experiments.graph_statistics.correlation_section import correlation_section
from sparsebench.report.measured import Measured
from tests.report import made_up
from tests.report.reading import rows, tables


def section(*found):
    return correlation_section(Measured(found))


@pytest.mark.parametrize(
    ("pearson", "lies"), [(0.74, "inside our interval"), (0.5, "outside our interval")]
)
def test_the_thesis_s_figure_is_held_against_our_interval(pearson, lies):
    found = rows(section(made_up.correlation("gru", pearson)), "correlations")
    (row,) = (row for row in found if row["property"] == "source_nodes")
    assert (row["the thesis"], row["ours, Pearson"]) == ("+0.74", f"{pearson:+.2f}")
    assert row["the thesis's figure is"] == lies
    assert row["the thesis calls it"] == "essential"


def test_what_is_undefined_or_was_not_published_is_empty():
    first, *_, last = rows(section(made_up.correlation()), "correlations")
    assert (first["property"], first["ours, Pearson"], first["the thesis"]) == (
        "layers",
        "",
        "+0.34",
    )
    assert (last["the thesis"], last["the thesis's figure is"]) == ("", "")


def test_joint_plots_need_no_correlations():
    found = section(*made_up.wired())
    assert set(tables(found)) == {"essential-properties"}
    assert found.missing[0].what == "correlations under the published semantics"
    assert all(math.isfinite(row[3]) for row in tables(found)["essential-properties"].rows)


def test_the_message_names_the_strongest():
    record = made_up.correlation()
    record.tables["pearson"] = {**record.tables["pearson"], "degree_var": -0.9}
    assert "GRU degree var (-0.90)" in section(record).shown[0].message
