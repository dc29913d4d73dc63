"""The tables of base models that were pruned and fine-tuned, at the end of a run."""

from dataclasses import replace
from io import StringIO

import pytest
from rich.console import Console

from sparsebench.experiments.base.items import BaseItem
from sparsebench.experiments.finetuning.items import FinetuningItem, ThresholdItem
from sparsebench.experiments.finetuning.summary import finetuning_tables
from sparsebench.experiments.pruning.items import PruningItem
from sparsebench.experiments.random_wiring.items import WiredPruningItem
from sparsebench.harness.experiment import no_record
from sparsebench.report.terminal_tables import ACCURACY_TITLE
from sparsebench.values.identity import digest, restore
from tests.judging.records import networks, records, retrained

GRU = FinetuningItem("gru", "i2h", 90, epochs=2)


def shown(measured, record_of=no_record):
    """The lines of all tables, without rules."""
    console = Console(width=140, record=True, file=StringIO())
    for table in finetuning_tables(measured, (), record_of):
        console.print(table)
    lines = [" ".join(line.split()) for line in console.export_text().splitlines()]
    return [line for line in lines if line and "─" not in line]


def test_accuracies_stand_before_training_after_one_epoch_and_after_the_last():
    measured = retrained(GRU, [[0.9, 0.97], [0.8, 0.99], [0.85, 0.98]])
    assert shown(measured) == [
        f"i2h pruned, fine-tuned for 2 epochs, published: {ACCURACY_TITLE}",
        "variant method fine-tuned dense 90 %",
        "gru magnitude no 50.0 ±0.0",
        "1 epoch 85.0 ±5.0",
        "2 epochs 98.0 ±1.0",
    ]


def test_dense_models_that_are_known_stand_beside_them_and_so_do_times():
    measured = retrained(GRU, [[0.9, 0.97]] * 2)
    for record, ratio in zip(measured, (0.2, 0.3), strict=True):
        record.metrics["time_ratio"] = ratio
    dense = {
        digest(case): record
        for record in records(BaseItem("gru"), [1.0, 0.99])
        for case in [restore(record.case)]
    }
    _, head, first, *_ = shown(measured, lambda case: dense.get(digest(case)))
    assert head == "variant method fine-tuned dense 90 % time / dense"
    assert first == "gru magnitude no 99.5 ±0.7 50.0 ±0.0 0.25"


def test_criteria_are_rows_below_each_other():
    other = replace(GRU, criterion="random")
    measured = [*retrained(GRU, [[0.9, 0.95]]), *retrained(other, [[0.7, 0.75]])]
    _, _, *rows = shown(measured)
    assert [row.split()[:2] for row in rows[::3]] == [["gru", "magnitude"], ["gru", "random"]]


def test_one_epoch_is_shown_once():
    title, *_, last = shown(retrained(replace(GRU, epochs=1), [[0.9]] * 3))
    assert "fine-tuned for 1 epoch," in title
    assert last == "1 epoch 90.0 ±0.0"


def test_percentages_are_columns_and_variants_rows_in_the_thesis_s_order():
    measured = [
        *retrained(GRU, [[0.9, 0.95]]),
        *retrained(replace(GRU, percent=100), [[0.5, 0.55]]),
        *retrained(replace(GRU, variant="rnn_tanh", percent=80), [[0.8, 0.85]]),
    ]
    _, head, *rows = shown(measured)
    assert head == "variant method fine-tuned dense 80 % 90 % 100 %"
    assert rows == [
        "rnn_tanh magnitude no 50.0",
        "1 epoch 80.0",
        "2 epochs 85.0",
        "gru magnitude no 50.0 50.0",
        "1 epoch 90.0 50.0",
        "2 epochs 95.0 55.0",
    ]


@pytest.mark.parametrize(
    ("changes", "title"),
    [
        ({"target": "both"}, "both pruned, fine-tuned for 2 epochs, published"),
        ({"epochs": 1}, "i2h pruned, fine-tuned for 1 epoch, published"),
        ({"semantics": "corrected"}, "i2h pruned, fine-tuned for 2 epochs, corrected"),
        ({"order": 7}, "i2h pruned, fine-tuned for 2 epochs, published, strings in order 7"),
    ],
    ids=str,
)
def test_whatever_else_differs_makes_another_table(changes, title):
    measured = [
        *retrained(GRU, [[0.9, 0.95]]),
        *retrained(replace(GRU, **changes), [[0.7, 0.75][: changes.get("epochs", 2)]]),
    ]
    titles = [line.partition(":")[0] for line in shown(measured) if "fine-tuned for" in line]
    assert titles == ["i2h pruned, fine-tuned for 2 epochs, published", title]


@pytest.mark.parametrize("semantics", ["published", "corrected"])
def test_models_without_their_smallest_weights_have_a_row_for_each_seed(semantics):
    measured = retrained(ThresholdItem(1, semantics), [[0.95], [0.9]], trained=0.93)
    for record, density in zip(measured, (0.6, 0.625), strict=True):
        record.metrics["density"] = density
    title, *rows = shown(measured)
    assert title.startswith("rnn_relu-h2h-threshold")
    assert title.endswith(f"accuracy in %, {semantics}")
    assert rows == [
        "seed dense kept pruned fine-tuned",
        "0 93.0 60.0 50.0 95.0",
        "1 93.0 62.5 50.0 90.0",
    ]


def test_nothing_of_the_kind_shows_nothing():
    others = [
        *records(BaseItem("gru"), [1.0]),
        *records(PruningItem("gru", "i2h", 90), [0.9]),
        *networks(WiredPruningItem("gru", "i2h", 90, 1, epochs=2), [0.9] * 2),
    ]
    assert shown(others) == []
