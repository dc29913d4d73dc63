"""The tables at the end of a run: one for each protocol."""

from dataclasses import replace
from io import StringIO

from rich.console import Console

from sparsebench.experiments.iterative_pruning.summary import round_tables
from sparsebench.report.terminal_tables import ACCURACY_TITLE
from tests.experiments.iterative_pruning.records import FIRST, of_round, two_rounds

TITLE = "both pruned in rounds, rewound to the first weights,"


def shown(measured):
    """The lines of all tables, without rules."""
    console = Console(width=140, record=True, file=StringIO())
    for table in round_tables(measured):
        console.print(table)
    lines = [" ".join(line.split()) for line in console.export_text().splitlines()]
    return [line for line in lines if line and "─" not in line]


def test_rounds_stand_below_each_other_and_controls_beside_them():
    assert shown(two_rounds()) == [
        f"{TITLE} trained for 3 epochs, corrected: {ACCURACY_TITLE}",
        "variant round gone dense rewound new weights pruned once time / dense",
        "gru 1 50 % 99.0 ±0.0 98.0 ±1.0 97.7 ±1.5",
        "gru 2 75 % 99.0 ±0.0 96.0 ±1.0 90.0 ±1.0 94.7 ±1.5",
    ]


def test_another_protocol_has_a_table_of_its_own():
    other = replace(FIRST, epochs=1)
    later = replace(FIRST, rewind=2)
    measured = [*two_rounds()]
    for item in (other, later):
        measured += of_round(item, {"rewound": [0.9], "new": [0.8]})
    titles = [line for line in shown(measured) if "pruned in rounds" in line]
    assert len(titles) == 3
    assert "trained for 1 epoch," in titles[0]
    assert "rewound to epoch 2," in titles[2]


def test_without_records_there_is_nothing_to_show():
    assert shown([]) == []
