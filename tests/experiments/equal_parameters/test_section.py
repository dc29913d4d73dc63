"""As many weights in four ways."""

from sparsebench.experiments.equal_parameters.section import sections
from sparsebench.report.measured import Measured
from tests.report import made_up
from tests.report.reading import rows


def section(found):
    (only,) = sections(Measured(tuple(found)))
    return only


def test_four_ways_are_compared():
    found = section(made_up.four_ways())
    assert [(row["way"], row["mean"]) for row in rows(found, "four-ways-numbers")] == [
        ("dense", "0.985"),
        ("pruned dense", "0.955"),
        ("wired", "0.905"),
        ("pruned wired", "0.825"),
    ]
    assert "in 1 comparisons: dense in 1" in found.shown[0].message


def test_what_is_missing_is_told():
    assert len(section([]).missing) == 1
