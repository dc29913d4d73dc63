"""Tables of base models that were pruned and fine-tuned, and what they say of the thesis."""

from dataclasses import replace
from pathlib import Path

import pytest

from sparsebench.experiments.base.items import BaseItem
from sparsebench.experiments.finetuning.claims import APPROXIMATELY
from sparsebench.experiments.finetuning.items import FinetuningItem, ThresholdItem, finetuning_items
from sparsebench.experiments.finetuning.table import (
    by_finetuning_item,
    finetuning_item_of,
    finetuning_markdown,
    longest_finetuned,
    retrained_markdown,
    threshold_markdown,
)
from sparsebench.experiments.pruning.items import PruningItem
from sparsebench.experiments.random_wiring.items import WiredPruningItem
from sparsebench.harness.claims import claims
from sparsebench.values.protocol import Training
from tests.judging.records import networks, onset, records, retrained
from tests.report import made_up

ROOT = Path(__file__).parents[3]
GRU = FinetuningItem("gru", "i2h", 90, epochs=10)  # 0.95 within one epoch, says figure 6.20
ITEMS = [
    GRU,
    replace(GRU, epochs=2),
    replace(GRU, order=7),
    replace(GRU, semantics="corrected"),
    replace(GRU, criterion="mine"),
    FinetuningItem("rnn_tanh", "both", 100, epochs=1),
    ThresholdItem(12),
    ThresholdItem(1, "corrected", order=7),
]


def course(*accuracies, epochs=10):
    """Accuracies after each of some epochs, the last of which stays."""
    return [*accuracies, *[accuracies[-1]] * (epochs - len(accuracies))]


def thresholds(item, courses, **metrics):
    found = retrained(item, courses, trained=0.93)
    for record in found:
        record.metrics.update({"density": 0.613, "accuracy_before": 0.925, **metrics})
    return found


def rows(markdown):
    """The items of a table's rows, without its head."""
    return [[item.strip() for item in line.split("|")[1:-1]] for line in markdown.splitlines()[2:]]


# Items


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: f"{item.id}-{item.epochs}-{item.order}")
def test_a_case_knows_its_item(item):
    *_, case = item.cases([4])
    assert finetuning_item_of(case) == item
    (result,) = by_finetuning_item(retrained(item, [[0.9], [0.8]]))
    assert (result.item, len(result.records)) == (item, 2)


def test_records_are_grouped_by_item_in_order():
    groups = [retrained(item, [[0.9]] * 2) for item in ITEMS]
    shuffled = [record for seed in (1, 0) for group in groups for record in [group[seed]]]
    found = by_finetuning_item(shuffled)
    assert [result.item for result in found] == ITEMS
    assert [list(result.records) for result in found] == [group[::-1] for group in groups]


def test_records_of_other_experiments_are_left_out():
    others = [
        *records(BaseItem("gru"), [1.0] * 3),
        *records(PruningItem("gru", "i2h", 90), [1.0] * 3),
        *networks(WiredPruningItem("gru", "i2h", 90, 1, epochs=10), [0.9] * 2),
        onset([0.7, 0.6]),
    ]
    assert by_finetuning_item(others) == []
    assert [result.item for result in by_finetuning_item([*others, *retrained(GRU, [[1.0]])])] == [
        GRU
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"training": Training(epochs=10, batch_size=16)},
        {"training": Training(epochs=10, learning_rate=0.1)},
        {"training": Training(epochs=0)},
        {"percent": None, "threshold": 0.01},
    ],
    ids=str,
)
def test_other_protocols_have_no_item(changes):
    (case,) = GRU.cases([0])
    assert finetuning_item_of(replace(case, **changes)) is None


def test_another_threshold_or_another_model_has_no_item():
    *_, case = ThresholdItem(12).cases([0])
    assert finetuning_item_of(replace(case, threshold=0.02)) is None
    shorter = replace(case.network, training=Training(epochs=11, batch_size=16))
    assert finetuning_item_of(replace(case, network=shorter)) is None


# Figures


def test_figures_are_means_over_seeds():
    (result,) = by_finetuning_item(
        retrained(GRU, [course(0.8, 0.9), course(0.9, 1.0), course(0.7, 0.8)])
    )
    assert result.before == 0.5
    figures = [result.after(epochs) for epochs in (1, 2, 10)]
    assert figures == pytest.approx([0.8, 0.9, 0.9])


def test_each_seed_tells_after_how_many_epochs_it_is_at_a_level():
    (result,) = by_finetuning_item(
        retrained(
            GRU, [course(0.96), course(0.9, 0.95, 0.2), course(0.9, 0.94), course(*[0.1] * 9, 1)]
        )
    )
    assert result.epochs_to(0.95) == "1: 1, 2: 1, 10: 1, never: 1"
    assert result.epochs_to(0.1) == "1: 4"


def test_corrected_semantics_are_held_to_the_published_words():
    corrected = replace(GRU, semantics="corrected")
    for accuracy, verdict in ((0.96, "pass"), (0.9, "fail")):
        published, other = (
            by_finetuning_item(retrained(item, [course(accuracy)] * 6))[0]
            for item in (GRU, corrected)
        )
        (one,), (two,) = published.published_verdicts, other.published_verdicts
        assert (one.verdict, one.statement) == (two.verdict, two.statement)
        assert two.verdict == verdict


def test_the_slides_words_are_about_both_what_is_pruned_and_what_it_becomes():
    for item in (ThresholdItem(12), ThresholdItem(12, "corrected")):
        measured = thresholds(item, [course(0.94, epochs=12)] * 6, accuracy_before=0.6)
        (result,) = by_finetuning_item(measured)
        at_once, in_the_end = result.published_verdicts
        assert (at_once.verdict, in_the_end.verdict) == ("fail", "pass")
        assert in_the_end.measured == pytest.approx([0.01] * 6)
        assert in_the_end.expected == [-APPROXIMATELY, APPROXIMATELY]


# The thesis beside our figures


def test_a_row_shows_a_claim_beside_what_was_measured():
    measured = retrained(GRU, [course(0.94, 0.96), course(0.96), course(0.97, 0.98)])
    (row,) = rows(finetuning_markdown(measured))
    assert row == [
        "i2h", "gru", "90", "regains 0.95 within 1 epoch", "published", "1: 2, 2: 1", "0.500",
        "0.957", "0.967", "0.967 (0.938-0.996)", "open", "fig 6.20",
    ]  # fmt: skip


def test_the_head_has_a_name_for_every_column():
    head, rule, row = finetuning_markdown(retrained(GRU, [course(0.96)] * 3)).splitlines()
    assert head.count("|") == rule.count("|") == row.count("|") == 13
    assert "| 10 epochs (95 % interval) |" in head


@pytest.mark.parametrize(
    ("accuracies", "word"),
    [([0.96] * 6, "holds"), ([0.9] * 6, "**contradicted**"), ([0.9, 0.99, 0.96], "open")],
)
def test_verdicts_are_told_in_words_under_both_semantics(accuracies, word):
    measured = [
        record
        for item in (GRU, replace(GRU, semantics="corrected"))
        for record in retrained(item, [course(accuracy) for accuracy in accuracies])
    ]
    published, corrected = rows(finetuning_markdown(measured))
    assert (published[4], corrected[4]) == ("published", "corrected")
    assert published[10] == corrected[10] == word
    assert published[:4] == corrected[:4]


def test_one_seed_has_no_interval_and_decides_nothing():
    (row,) = rows(finetuning_markdown(retrained(GRU, [course(0.96)])))
    assert row[9:11] == ["0.960", "open"]


def test_two_claims_about_one_item_are_two_rows():
    item = FinetuningItem("rnn_tanh", "i2h", 90, epochs=10)
    first, second = rows(finetuning_markdown(retrained(item, [course(0.8, 0.92)] * 6)))
    assert first[3] == "regains 0.90 within 2 epochs"
    assert second[3] == "does not regain 0.90 within 1 epoch"
    assert (first[10], second[10]) == ("holds", "holds")
    assert first[4:10] == second[4:10]


def test_rows_are_in_the_thesis_s_order():
    wanted = [
        ("both", "rnn_tanh", 80, "published"),
        ("both", "gru", 90, "published"),
        ("i2h", "rnn_tanh", 80, "published"),
        ("i2h", "gru", 90, "published"),
        ("i2h", "gru", 90, "corrected"),
        ("i2h", "gru", 100, "published"),
        ("h2h", "lstm", 100, "published"),
    ]
    measured = [
        record
        for target, variant, percent, semantics in reversed(wanted)
        for record in retrained(
            FinetuningItem(variant, target, percent, 10, semantics), [course(0.9)]
        )
    ]
    found = rows(finetuning_markdown(measured))
    assert [(row[0], row[1], int(row[2]), row[4]) for row in found] == wanted


@pytest.mark.parametrize(
    "item",
    [
        replace(GRU, percent=20),  # the thesis says nothing of it
        replace(GRU, epochs=2),
        replace(GRU, order=7),
        replace(GRU, criterion="mine"),
        ThresholdItem(12),
    ],
    ids=str,
)
def test_what_the_thesis_did_otherwise_or_says_nothing_of_has_no_row(item):
    assert rows(finetuning_markdown(retrained(item, [course(0.9)] * 3))) == []


# Accuracies by percentage


def test_accuracies_before_and_after_stand_by_percentage():
    measured = [
        record
        for percent, accuracy in ((100, 0.5), (90, 0.961))
        for record in retrained(replace(GRU, percent=percent), [course(accuracy)] * 3)
    ]
    measured += retrained(
        FinetuningItem("lstm", "both", 80, 10), [course(0.9, 0.985), course(0.975)]
    )
    measured += retrained(replace(GRU, semantics="corrected"), [course(0.999)])
    assert retrained_markdown(measured).splitlines() == [
        "| semantics | pruned | variant | 80 % | 90 % | 100 % |",
        "|---|---|---|---|---|---|",
        "| published | both | lstm | 50 > 98 |  |  |",
        "| published | i2h | gru |  | 50 > 96 | 50 > 50 |",
        "| corrected | i2h | gru |  | 50 > 100 |  |",
    ]


@pytest.mark.parametrize(
    "item",
    [replace(GRU, epochs=2), replace(GRU, order=7), replace(GRU, criterion="mine"), ITEMS[-2]],
    ids=str,
)
def test_accuracies_of_other_protocols_have_no_row(item):
    assert rows(retrained_markdown(retrained(item, [course(0.9)] * 3))) == []


def test_other_numbers_of_epochs_can_be_asked_for():
    shorter = retrained(replace(GRU, epochs=2), [[0.9, 0.97]] * 3)
    (row,) = rows(retrained_markdown(shorter, epochs=2))
    assert row == ["published", "i2h", "gru", "50 > 97"]
    (row,) = rows(finetuning_markdown(shorter, epochs=2))
    assert row[5:9] == ["2: 3", "0.500", "0.900", "0.970"]


# Thresholds


def test_models_without_their_smallest_weights_stand_beside_what_they_were():
    measured = thresholds(ThresholdItem(12), [course(0.95, epochs=12), course(0.9, epochs=12)])
    measured += thresholds(ThresholdItem(12, "corrected"), [course(0.94, epochs=12)])
    found = rows(threshold_markdown(measured))
    assert [row[:6] for row in found] == [
        ["published", "0", "61.3 %", "0.9300", "0.9250", "0.9500"],
        ["published", "1", "61.3 %", "0.9300", "0.9250", "0.9000"],
        ["corrected", "0", "61.3 %", "0.9300", "0.9250", "0.9400"],
    ]


@pytest.mark.parametrize("item", [ThresholdItem(1), ThresholdItem(12, order=7), GRU], ids=str)
def test_only_the_slides_protocol_is_in_their_table(item):
    assert rows(threshold_markdown(thresholds(item, [course(0.9, epochs=item.epochs)]))) == []


# The shipped baseline


def test_the_shipped_baseline_answers_every_claim_under_both_semantics(thesis_baseline):
    expected = [
        (item.target, item.variant, item.percent, claim.statement.removeprefix("accuracy "))
        for item in finetuning_items(10)
        for claim in claims(item)
    ]
    found = rows(finetuning_markdown(thesis_baseline.records))
    for semantics in ("published", "corrected"):
        answered = [(row[0], row[1], int(row[2]), row[3]) for row in found if row[4] == semantics]
        assert sorted(answered) == sorted(expected)
    for row in found:
        counts = [int(each.partition(": ")[2]) for each in row[5].split(", ")]
        assert sum(counts) == 12


def test_of_the_same_pruned_models_the_longest_training_is_shown():
    ((item, result),) = longest_finetuned((*made_up.trained_again(10), *made_up.trained_again(2)))
    assert item.epochs == 10
    assert len(result.records) == 3
