"""What seeds leave open: where more are wanted, and what a gate makes of it."""

import pytest

from sparsebench.experiments.random_wiring.items import FamiliesItem, WiredItem
from sparsebench.harness.experiment import NotMeasurable
from sparsebench.harness.judgement import judge, not_measured, undecided
from sparsebench.harness.measuring import ItemResult
from tests.harness.judged import BAD, GOOD, ITEM, MIXED, MOVED, PASSED, assert_ends, bench, measured
from tests.judging.records import networks, records


@pytest.mark.parametrize(
    ("accuracies", "baseline", "more"),
    [
        (MIXED, [], True),  # the claim
        (GOOD, [], False),
        (BAD, [], False),
        (MIXED, records(ITEM, MIXED), True),
        (GOOD, records(ITEM, GOOD), False),
    ],
)
def test_more_seeds_are_wanted_where_these_leave_a_claim_open(tmp_path, accuracies, baseline, more):
    assert undecided(measured(accuracies), bench(tmp_path, baseline)) == more


def test_more_seeds_are_wanted_where_these_leave_the_population_open(tmp_path):
    where = bench(tmp_path, records(ITEM, [0.99, 0.991, 0.99] * 2))
    assert undecided(measured([0.99, 0.96, 0.99], first=1000), where)
    assert not undecided(measured([0.99, 0.99, 0.991] * 2, first=1000), where)
    assert not undecided(measured([0.93, 0.931, 0.93] * 2, first=1000), where)


def test_more_seeds_tell_nothing_of_networks_that_are_compared_with_themselves(tmp_path):
    item = FamiliesItem("gru", 4)
    old = networks(item, [0.9, 0.5, 0.9, 0.5, 0.9, 0.5, 0.9, 0.5])
    new = networks(item, [0.92, 0.48, 0.92, 0.48, 0.92, 0.48, 0.92, 0.48], weights="new")
    found, where = ItemResult(item, item.cases([]), new), bench(tmp_path, old, claims="off")
    outcome = assert_ends(judge(found, where), PASSED)
    assert [verdict.verdict for verdict in outcome.verdicts] == ["inconclusive"]
    assert not undecided(found, where)


UNDECIDED = ("failed", "undecided")


def test_where_a_run_gates_what_too_few_seeds_leave_open_is_red(tmp_path):
    baseline = records(ITEM, [0.99, 0.991, 0.99])
    found = measured([0.99, 0.96, 0.99], first=1000)
    assert_ends(judge(found, bench(tmp_path, baseline)), PASSED)
    assert_ends(
        judge(found, bench(tmp_path, baseline, gate=True)),
        UNDECIDED,
        r"(?s)baseline inconclusive.*remedy +--sparsebench-gate needs a decision: measure more seeds",
    )
    assert_ends(judge(found, bench(tmp_path, baseline, gate=True, update="all")), PASSED)


def test_a_network_by_another_engine_that_is_open_is_red_and_more_seeds_are_not_asked_for(tmp_path):
    item = FamiliesItem("rnn_tanh", 1)
    old = networks(item, [0.95, 0.96], numerics="1")
    new = networks(item, [0.50, 0.55], weights="new")
    found = ItemResult(item, item.cases([]), new)
    chosen = {"gate": True, "claims": "off"}
    outcome = assert_ends(
        judge(found, bench(tmp_path, old, **chosen)),
        UNDECIDED,
        "trained by an engine that rounds differently.*run on a CPU",
    )
    assert "max-seeds" not in outcome.reason


@pytest.mark.parametrize(("version", "told"), [("0", "by version 0"), ("", "by an untold version")])
def test_where_a_run_gates_a_baseline_of_another_arithmetic_is_red(tmp_path, version, told):
    item = WiredItem("gru", "watts_strogatz", 0)
    old = networks(item, [0.95], numerics=version)
    found = ItemResult(item, item.cases([]), networks(item, [0.95], numerics="1"))
    assert_ends(judge(found, bench(tmp_path, old)), PASSED)
    ending = ("failed", "another arithmetic")
    outcome = assert_ends(judge(found, bench(tmp_path, old, gate=True)), ending, told)
    assert "--sparsebench-update" in outcome.reason
    assert_ends(judge(found, bench(tmp_path, found.records, gate=True)), PASSED)
    by_another_engine = ItemResult(item, item.cases([]), networks(item, [0.95]))
    assert_ends(judge(by_another_engine, bench(tmp_path, found.records, gate=True)), PASSED)


def test_a_claim_that_is_open_is_no_matter_of_the_gate(tmp_path):
    found, where = measured(MIXED), bench(tmp_path, records(ITEM, MIXED), gate=True)
    outcome = assert_ends(judge(found, where), PASSED)
    assert [verdict.verdict for verdict in outcome.verdicts] == ["inconclusive", "pass"]


def test_one_wrong_bit_is_red_and_says_what_was_expected_where_it_parts_and_what_to_do(tmp_path):
    item = WiredItem("gru", "watts_strogatz", 0)
    history = {"onset_loss": [0.8, 0.7], "test_accuracy": [0.9, 0.95]}
    other = {"onset_loss": [0.8, 0.7], "test_accuracy": [0.9001, 0.95]}
    old = networks(item, [0.95], numerics="1", history=history)
    new = networks(item, [0.95], numerics="1", history=other, weights="new")
    outcome = assert_ends(judge(ItemResult(item, item.cases([]), new), bench(tmp_path, old)), MOVED)
    assert outcome.reason.splitlines() == [
        f"{item.id}: baseline fail",
        "  expected  accuracy is that of the baseline: 0.9500",
        "  measured  0.9500",
        (
            "  numbers   1 of 1 records are not the same bit for bit, though made by the same "
            f"arithmetic; of {new[0].digest[:8]}, weights are new0, expected same0: the training "
            "diverges at epoch 1 of 2 on record, where test_accuracy is 0.9001, expected 0.9; are they "
            "worse? as good or better: exactly as before"
        ),
        (
            "  remedy    repair what changed it or, if the change is intended, accept it with "
            "--sparsebench-update and say why in its commit"
        ),
    ]


def test_claims_that_are_not_judged_ask_for_no_more_seeds(tmp_path):
    assert not undecided(measured(MIXED), bench(tmp_path, records(ITEM, MIXED), claims="off"))


def test_the_more_looks_there_are_the_surer_each_must_be(tmp_path):
    accuracies = [0.95, 0.96, 0.93, 0.91, 0.89, 0.95, 0.97, 0.95, 0.96, 0.94, 0.95]
    where = bench(tmp_path, records(ITEM, accuracies))
    kinds = []
    for looks in (1, 50):
        found = measured(accuracies, looks=looks)
        kinds.append(undecided(found, where))
        outcome = assert_ends(judge(found, where), PASSED)
        assert outcome.verdicts[0].verdict == ("inconclusive" if kinds[-1] else "pass")
    assert kinds == [False, True]


def test_records_of_no_item_cannot_be_judged(tmp_path):
    for ask in (judge, undecided):
        with pytest.raises(TypeError, match="belong to no item"):
            ask(ItemResult(None), bench(tmp_path))


def test_what_cannot_be_measured_is_skipped_and_red_where_a_run_gates(tmp_path):
    reason = NotMeasurable("trained on the CPU alone: leave out --gpu")
    skipped = not_measured(reason, bench(tmp_path))
    assert (skipped.status, skipped.reason) == ("skipped", str(reason))
    assert_ends(
        not_measured(reason, bench(tmp_path, gate=True)),
        ("failed", "not measurable"),
        "^trained on the CPU alone: leave out --gpu; or leave this item out with --deselect",
    )
