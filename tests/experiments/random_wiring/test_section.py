"""Wired networks by family, beside the thesis's distributions."""

import pytest

from sparsebench.experiments.random_wiring.items import WiredItem
from sparsebench.experiments.random_wiring.section import wired_section
from sparsebench.report.measured import Measured
from tests.judging.records import networks
from tests.report import made_up
from tests.report.reading import rows, tables


def section(found):
    return wired_section(Measured(tuple(found)))


def test_ours_stand_beside_the_thesis_s():
    ours, other = rows(section(made_up.wired()), "wired-distributions")
    assert (ours["family"], other["family"]) == ("Barabási-Albert", "Watts-Strogatz")
    assert (ours["networks"], ours["mean"], ours["the thesis: mean"]) == ("3", "0.888", "0.928")


def test_other_families_have_a_row_and_nothing_beside_it():
    found = networks(WiredItem("gru", "kleinberg", 0, order="seed"), [0.9])
    (row,) = rows(section(found), "wired-distributions")
    assert (row["family"], row["the thesis: mean"]) == ("Kleinberg, edges by seed", "")


def test_graphs_are_described_once_though_all_variants_share_them():
    found = rows(section(made_up.wired() + made_up.wired("lstm")), "property-distributions")
    assert {row["graphs"] for row in found} == {"3"}
    assert len(found) == 46


def test_records_without_properties_have_no_box():
    found = made_up.wired()
    for record in found:
        record.properties = {}
    assert "property-distributions" not in tables(section(found))


@pytest.mark.parametrize(
    ("semantics", "other"), [("published", "corrected"), ("corrected", "published")]
)
def test_the_other_semantics_are_missing(semantics, other):
    (missing,) = section(made_up.wired(semantics=semantics)).missing
    assert missing.what == f"randomly wired networks under the {other} semantics"
