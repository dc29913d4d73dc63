"""The tables of wired networks at the end of a run."""

from sparsebench.experiments.base.items import BaseItem
from sparsebench.experiments.random_wiring.items import FamiliesItem, WiredPruningItem
from sparsebench.experiments.random_wiring.summary import wired_tables
from tests.judging.records import networks, records
from tests.report.reading import words_of_lines


def shown(measured):
    """The lines of all tables, their columns split, without rules."""
    return words_of_lines(wired_tables(measured))


def test_accuracies_by_family_stand_beside_the_thesis_s():
    title, _, barabasi_albert, watts_strogatz = shown(
        networks(FamiliesItem("gru", 3), [0.99, 0.97, 0.98, 0.9, 0.94, 0.89])
    )
    assert " ".join(title) == "wired networks, accuracy in %, published"
    assert barabasi_albert == (
        [
            "barabasi_albert",
            "gru",
            "3",
            "91.0",
            "2.6",
            "90.0",
            "89.0",
            "94.0",
            "92.8",
            "5.0",
            "94.1",
        ]
    )
    assert watts_strogatz == (
        ["watts_strogatz", "gru", "3", "98.0", "1.0", "98.0", "97.0", "99.0", "98.4", "2.1", "99.4"]
    )


def test_pruned_networks_show_their_accuracy_before_and_after():
    items = [WiredPruningItem("gru", "i2h", percent, 1, epochs=2) for percent in (50, 90)]
    measured = [each for item in items for each in networks(item, [0.95, 0.85])]
    title, head, *rows = shown(measured)
    assert " ".join(title).startswith("i2h of wired networks pruned, fine-tuned for 2 epochs")
    assert head == ["variant", "family", "method", "fine-tuned", "dense", "50", "%", "90", "%"]
    assert rows == [
        ["gru", "barabasi_albert", "magnitude", "no", "50.0", "50.0"],
        ["yes", "85.0", "85.0"],
        ["gru", "watts_strogatz", "magnitude", "no", "50.0", "50.0"],
        ["yes", "95.0", "95.0"],
    ]


def test_nothing_wired_shows_nothing():
    assert shown(records(BaseItem("gru"), [1.0])) == []
