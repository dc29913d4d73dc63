"""The table of four ways at the end of a run."""

from io import StringIO

from rich.console import Console

from sparsebench.experiments.equal_parameters.items import FourWaysItem
from sparsebench.experiments.equal_parameters.summary import four_ways_tables
from sparsebench.experiments.random_wiring.items import FamiliesItem
from tests.judging.records import networks


def shown(measured):
    """The lines of all tables, their columns split, without rules."""
    console = Console(width=140, record=True, file=StringIO())
    for table in four_ways_tables(measured):
        console.print(table)
    lines = [line.split() for line in console.export_text().splitlines()]
    return [line for line in lines if line and "─" not in line[0]]


def test_four_ways_show_accuracy_and_weights():
    item = FourWaysItem("gru", "watts_strogatz", 50, graphs=2)
    *_, row = shown(networks(item, [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2]))
    figures = ["85.0", "(100)", "65.0", "(100)", "45.0", "(100)", "25.0", "(100)"]
    assert row == ["gru", "watts_strogatz", "50", "%", "2", *figures]


def test_other_wired_networks_show_nothing():
    assert shown(networks(FamiliesItem("gru", 1), [0.9, 0.8])) == []
