"""The section of the report: accuracy by the weights that are left, beside the controls."""

from dataclasses import replace

from sparsebench.experiments.iterative_pruning.items import IterativePruningItem
from sparsebench.experiments.iterative_pruning.section import iterative_pruning_section
from sparsebench.report.intake import admitted
from sparsebench.report.measured import Measured
from tests.experiments.iterative_pruning.records import SECOND, of_round, two_rounds
from tests.report.reading import rows


def section(found):
    return iterative_pruning_section(Measured(tuple(found)))


def test_records_of_rounds_are_admitted():
    records, out = admitted(two_rounds())
    assert (len(records), out) == (len(two_rounds()), [])


def test_a_round_has_a_row_and_the_message_tells_the_last():
    found = section(two_rounds())
    (drawing,) = found.shown
    assert [row["round"] for row in rows(found, "iterative-pruning-rounds")] == ["1", "2"]
    assert (
        "GRU, 75 % pruned: rewound 0.960, new weights 0.900, pruned once 0.947." in drawing.message
    )
    assert found.missing == ()


def test_the_longest_trainings_are_drawn_and_all_are_in_the_table():
    longer, later = replace(SECOND, epochs=5), replace(SECOND, rewind=1, variant="lstm")
    measured = two_rounds()
    for item in (longer, later):
        measured += of_round(item, {"rewound": [0.9], "new": [0.8], "once": [0.7]})
    found = section(measured)
    (drawing,) = found.shown
    assert len(rows(found, "iterative-pruning-rounds")) == 4
    assert "GRU, 75 % pruned: rewound 0.900" in drawing.message
    assert "LSTM, 75 % pruned, rewound to epoch 1: rewound 0.900" in drawing.message


def test_rounds_without_controls_are_drawn_too():
    item = IterativePruningItem("rnn_relu", "h2h", (50,), 3)
    (drawing,) = section(of_round(item, {"rewound": [0.9], "new": [0.8]})[:1]).shown
    assert drawing.message.endswith("RNN-ReLU, 50 % pruned: rewound 0.900.")


def test_what_is_missing_is_told():
    (missing,) = section([]).missing
    assert missing.command == "pytest benchmarks/test_iterative_pruning.py"
