"""Wired networks that were pruned and fine-tuned."""

from sparsebench.experiments.random_wiring.pruning_section import wired_pruning_section
from sparsebench.report.measured import Measured
from tests.report import made_up
from tests.report.reading import rows


def section(found):
    return wired_pruning_section(Measured(tuple(found)))


def test_the_longest_training_is_shown_for_each_family():
    found = section(made_up.wired_pruned(2) + made_up.wired_pruned(10))
    assert [
        (row["family"], row["epochs"], row["right after pruning"], row["fine-tuned"])
        for row in rows(found, "wired-pruned-published-numbers")
    ] == [
        ("Barabási-Albert", "10", "0.500", "0.905"),
        ("Watts-Strogatz", "10", "0.500", "0.965"),
    ]


def test_what_is_missing_is_told():
    assert len(section([]).missing) == 1
