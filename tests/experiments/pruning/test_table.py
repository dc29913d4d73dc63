"""Tables name the thesis's items, and the README's is the one that the baseline gives."""

from dataclasses import replace
from pathlib import Path

import pytest

from sparsebench.experiments.base.items import BaseItem
from sparsebench.experiments.pruning.items import PruningItem
from sparsebench.experiments.pruning.table import by_item, claims_markdown, claims_table, item_of
from sparsebench.values.protocol import Training
from tests.judging.records import onset, records

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    "item",
    [
        BaseItem("gru"),
        BaseItem("gru", "corrected"),
        PruningItem("lstm", "h2h", 30),
        PruningItem("lstm", "h2h", 30, "corrected"),
        PruningItem("lstm", "h2h", 30, criterion="mine"),
    ],
)
def test_a_case_knows_its_item(item):
    assert item_of(item.cases([2])[0]) == item
    (result,) = by_item(records(item, [0.5, 0.7]))
    assert (result.item, result.accuracy, result.ratio) == (item, pytest.approx(0.6), None)


def test_a_case_of_another_protocol_has_no_item():
    case = BaseItem("gru").cases([0])[0]
    assert item_of(replace(case, training=Training(epochs=1))) is None
    assert by_item([onset([0.7, 0.6])]) == []


def test_neighbouring_percentages_with_one_verdict_share_a_row():
    measured = [
        record
        for percent, accuracies in ((10, [1.0] * 6), (20, [0.95] * 6), (70, [0.5] * 6))
        for record in records(PruningItem("rnn_relu", "both", percent), accuracies)
    ]
    first, second, safe, more = claims_markdown(by_item(measured)).splitlines()[2:]
    assert first.startswith("| both | rnn_relu | 10-20 | accuracy holds at 0.90 or more |")
    assert first.endswith("| 0.950-1.000 (0.950-1.000) | holds | fig 6.7 |")
    assert second.startswith("| both | rnn_relu | 70 | accuracy holds at 0.90 or more |")
    assert second.endswith("| 0.500 (0.500) | **contradicted** | fig 6.7 |")
    assert safe.endswith("| 0.500 (0.500) | **contradicted** | section 7.2 |")
    assert more.endswith("| 0.500 (0.500) | **contradicted** | chapter 8 |")


def test_a_claim_about_what_no_record_has_is_left_out():
    rows = claims_markdown(by_item(records(BaseItem("gru"), [1.0] * 6))).splitlines()[2:]
    assert [row.split(" | ")[3] for row in rows] == [
        "accuracy is consistently 1.00",
        "accuracy after training is over 0.90",
    ]


def test_the_shipped_baseline_answers_every_claim_with_twelve_seeds(thesis_baseline):
    table = claims_table(by_item(thesis_baseline.records))
    assert len(table) == 143
    assert {len(verdict.measured) for _, verdict in table} == {12}
