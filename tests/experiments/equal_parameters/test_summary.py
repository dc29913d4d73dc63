"""The table of four ways at the end of a run."""

from sparsebench.experiments.equal_parameters.items import FourWaysItem
from sparsebench.experiments.equal_parameters.summary import four_ways_tables
from sparsebench.experiments.random_wiring.items import FamiliesItem
from tests.judging.records import networks
from tests.report.reading import words_of_lines


def shown(measured):
    """The lines of all tables, their columns split, without rules."""
    return words_of_lines(four_ways_tables(measured))


def test_four_ways_show_accuracy_and_weights():
    item = FourWaysItem("gru", "watts_strogatz", 50, graphs=2)
    *_, row = shown(networks(item, [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2]))
    figures = ["85.0", "(100)", "65.0", "(100)", "45.0", "(100)", "25.0", "(100)"]
    assert row == ["gru", "watts_strogatz", "50", "%", "2", *figures]


def test_other_wired_networks_show_nothing():
    assert shown(networks(FamiliesItem("gru", 1), [0.9, 0.8])) == []
