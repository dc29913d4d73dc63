"""Experiments of other projects are in the report: with own sections, or by a plain table."""

from dataclasses import replace

import pytest

from sparsebench.harness.experiment import Experiment, Measurement
from sparsebench.harness.registry import experiments
from sparsebench.report.contents import Section
from sparsebench.report.measured import Measured
from sparsebench.report.plain_section import plain_section, sections_of
from sparsebench.values.case import BaseCase
from tests.report import made_up
from tests.report.reading import rows

THEIRS = Experiment(name="theirs", measurements=(Measurement(name="base", case=BaseCase),))


def test_without_own_sections_there_is_a_table_of_means():
    (section,) = sections_of(THEIRS, Measured(tuple(made_up.base_models())))
    (row,) = rows(section, "theirs-records")
    assert (row["records"], row["accuracy"]) == ("3", "0.9997")


def test_without_records_there_is_no_section():
    assert list(sections_of(THEIRS, Measured(()))) == []


def test_own_sections_take_its_place():
    own = replace(THEIRS, sections=lambda measured: [Section("own", "Own")])
    assert [each.name for each in sections_of(own, Measured(()))] == ["own"]


def test_a_section_that_cannot_be_made_says_why_and_stops_nothing():
    def broken(measured):
        yield Section("own", "Own")
        raise KeyError("kept")

    (section,) = sections_of(replace(THEIRS, sections=broken), Measured(()))
    assert "KeyError: 'kept'" in section.said[0]


def test_figures_that_some_records_lack_are_left_empty():
    found = made_up.base_models() + made_up.pruned(percents=[80])
    found[-1].metrics["lost"] = 7.0
    table = rows(plain_section("both", found), "both-records")
    assert [row["lost"] for row in table] == ["", "7.0000"]


@pytest.mark.parametrize("experiment", experiments(), ids=lambda each: each.name)
def test_everything_that_is_imported_late_is_there(experiment):
    measured = Measured(())
    assert list(experiment.claim_rows(measured)) is not None
    assert list(experiment.points(measured)) == []
    assert all(isinstance(text, str) for text in experiment.markdown(()))
    if experiment.tables is not None:
        assert list(experiment.tables((), ())) is not None
