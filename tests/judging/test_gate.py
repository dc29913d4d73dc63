"""Verdicts on claims: by the interval where it decides, else by seeds that agree."""

from dataclasses import replace

import pytest

from sparsebench.experiments.base.items import BaseItem
from sparsebench.experiments.finetuning.items import FinetuningItem, ThresholdItem
from sparsebench.experiments.pruning.items import PruningItem
from sparsebench.experiments.random_wiring.items import FamiliesItem, VariantsItem
from sparsebench.harness.claims import claims, contrasts, judge_claims
from sparsebench.judging.claims import judge_claim, judge_contrast
from sparsebench.judging.gate import confidence_of
from tests.judging.records import networks, records, retrained

HOLDS = PruningItem("rnn_relu", "both", 70)  # at least 0.90
DECLINES = PruningItem("rnn_relu", "both", 80)  # below 0.90
CHANCE = PruningItem("rnn_relu", "both", 100)  # 0.45-0.55


@pytest.mark.parametrize(
    ("item", "accuracies", "verdict"),
    [
        (HOLDS, [0.95, 0.951, 0.949], "inconclusive"),  # three of three: 0.29 to 1
        (HOLDS, [0.91] * 5, "inconclusive"),
        (HOLDS, [0.91] * 6, "pass"),
        (HOLDS, [0.91, 0.99, 0.92] * 3, "pass"),
        (HOLDS, [*[0.91] * 10, 0.5, 0.5], "pass"),  # ten of twelve
        (HOLDS, [*[0.91] * 9, *[0.5] * 3], "inconclusive"),
        (HOLDS, [*[0.899] * 10, 0.99, 0.99], "fail"),  # by how little they miss is not asked
        (HOLDS, [0.84, 0.5, 0.5] * 2, "fail"),
        (HOLDS, [0.99], "inconclusive"),
        (DECLINES, [0.5, 0.6, 0.55] * 2, "pass"),
        (DECLINES, [0.89] * 6, "fail"),  # below the level is no sharp decline yet
        (DECLINES, [0.95, 0.951, 0.949] * 2, "fail"),
        (CHANCE, [0.494, 0.506, 0.506] * 2, "pass"),
        (CHANCE, [0.494, 0.506, 0.7] * 2, "inconclusive"),
        (CHANCE, [0.6, 0.7, 0.65] * 2, "fail"),
        (CHANCE, [0.3, 0.31, 0.3] * 2, "fail"),
    ],
)
def test_a_claim_is_judged_over_seeds(item, accuracies, verdict):
    found, *_ = judge_claims(item, records(item, accuracies))
    assert found.verdict == verdict
    assert found.measured == accuracies
    low, high = found.interval
    assert low <= found.true_of / len(accuracies) <= high
    assert found.reason.startswith(f"{found.true_of} of {len(accuracies)} seeds, 95 % interval ")


def test_the_first_epoch_is_judged_only_where_it_was_trained():
    item = BaseItem("lstm")
    accuracy, first, *_ = judge_claims(item, records(item, [1.0] * 6, first_epoch=0.93))
    assert (accuracy.verdict, first.verdict) == ("pass", "pass")
    _, untrained, *_ = judge_claims(item, records(item, [1.0] * 6))
    assert (untrained.verdict, untrained.measured) == ("inconclusive", [])
    assert untrained.reason == "no record has the history of its training"


@pytest.mark.parametrize(("steady", "verdict"), [(0.95, "pass"), (0.85, "fail")])
def test_rnn_tanh_is_judged_by_its_last_epochs_and_not_by_where_it_ends(steady, verdict):
    item = BaseItem("rnn_tanh")
    measured = records(item, [1.8 - steady] * 6)  # what its last epoch says is the contrary
    for record in measured:
        record.history = {"test_accuracy": [0.5] * 40 + [steady] * 9 + [1.8 - steady]}
    found, *_ = judge_claims(item, measured)
    assert (found.verdict, found.measured) == (verdict, [steady] * 6)


def test_a_pruned_rnn_tanh_says_that_it_has_no_curve():
    item = PruningItem("rnn_tanh", "both", 70)
    found, *_ = judge_claims(item, records(item, [0.95] * 6))
    assert found.reason.endswith("there is no curve")


FAMILIES = FamiliesItem("gru", 12)  # Watts-Strogatz networks, then as many Barabási-Albert ones
BETTER, WORSE = [0.99, 0.6, 0.8] * 4, [0.97, 0.58, 0.77] * 4


@pytest.mark.parametrize(
    ("accuracies", "verdict"),
    [
        (BETTER + WORSE, "pass"),  # each is better than the one of its seed
        (WORSE + BETTER, "fail"),
        (BETTER + [0.98, 0.61, 0.8] * 4, "inconclusive"),
    ],
)
def test_groups_are_compared_seed_by_seed(accuracies, verdict):
    (found,) = judge_claims(FAMILIES, networks(FAMILIES, accuracies))
    assert found.verdict == verdict
    pairs = zip(accuracies[:12], accuracies[12:], strict=True)
    assert found.measured == pytest.approx([better - worse for better, worse in pairs])
    assert found.interval is not None
    assert len(found.digests) == 24
    assert found.true_of is None


@pytest.mark.parametrize("pairs", [1, 3, 11])
def test_few_pairs_leave_a_claim_about_a_mean_open(pairs):
    item = FamiliesItem("gru", pairs)
    (found,) = judge_claims(item, networks(item, [0.9] * pairs + [0.5] * pairs))
    assert (found.verdict, found.interval) == ("inconclusive", None)
    assert "fewer than 12 decide nothing" in found.reason


def test_one_pair_tells_nothing_and_networks_without_a_partner_are_left_out():
    item = FamiliesItem("gru", 3)
    measured = networks(item, [0.99, 0.6, 0.8, 0.97, 0.58, 0.77])
    (found,) = judge_claims(item, [measured[0], measured[3], measured[4]])
    assert (found.verdict, found.interval, len(found.measured)) == ("inconclusive", None, 1)
    assert judge_claims(item, measured[:3]) == []


def test_gated_variants_are_held_against_plain_ones_of_the_same_graphs():
    item = VariantsItem("watts_strogatz", 12)  # tanh, relu, lstm, gru
    pairs = [[0.5, 0.6], [0.9, 0.99], [0.8, 0.89], [0.8, 0.9]]
    measured = networks(item, [accuracy for pair in pairs for accuracy in pair * 6])
    found = {each.statement: each.verdict for each in judge_claims(item, measured)}
    assert found == {
        "watts_strogatz: lstm above rnn_tanh on average": "pass",
        "watts_strogatz: lstm above rnn_relu on average": "fail",
        "watts_strogatz: gru above rnn_tanh on average": "pass",
        "watts_strogatz: gru above rnn_relu on average": "fail",
    }


# Trained again


@pytest.mark.parametrize(
    ("courses", "verdict"),
    [
        ([[0.93, 0.5]] * 6, "pass"),  # the best of the epochs that count
        ([[0.5, 0.99]] * 6, "fail"),  # later ones do not
        ([[0.93, 0.9], [0.5, 0.9], [0.92, 0.9]], "inconclusive"),
    ],
)
def test_a_level_is_regained_within_the_epochs_that_are_claimed(courses, verdict):
    item = FinetuningItem("rnn_tanh", "both", 90, epochs=2)  # 0.90 within one epoch
    (found,) = judge_claims(item, retrained(item, courses))
    assert found.verdict == verdict
    assert found.measured == [course[0] for course in courses]


def test_a_level_that_is_said_to_be_regained_in_two_epochs_is_not_there_after_one():
    item = FinetuningItem("rnn_tanh", "i2h", 90, epochs=3)  # 0.90 in the second epoch
    within, not_before = judge_claims(item, retrained(item, [[0.6, 0.95, 0.8]] * 6))
    assert (within.measured, not_before.measured) == ([0.95] * 6, [0.6] * 6)
    assert (within.verdict, not_before.verdict) == ("pass", "pass")
    within, not_before = judge_claims(item, retrained(item, [[0.95, 0.5, 0.8]] * 6))
    assert (within.verdict, not_before.verdict) == ("pass", "fail")


@pytest.mark.parametrize(
    ("course", "verdict"), [([0.5, 0.6, 0.55], "pass"), ([0.5, 0.5, 0.5, 0.95, 0.5], "fail")]
)
def test_what_is_never_regained_is_not_in_any_epoch(course, verdict):
    item = FinetuningItem("rnn_tanh", "both", 100, epochs=5)
    (found,) = judge_claims(item, retrained(item, [course] * 6))
    assert (found.verdict, found.measured) == (verdict, [max(course)] * 6)


def test_claims_about_more_epochs_than_were_trained_are_not_judged():
    item = FinetuningItem("rnn_tanh", "i2h", 90, epochs=1)
    (found,) = judge_claims(item, retrained(item, [[0.6]] * 3))
    assert found.statement == "accuracy does not regain 0.90 within 1 epoch"
    assert judge_claims(item, retrained(item, [[0.6]] * 3)[:0]) == []


@pytest.mark.parametrize(
    ("accuracies", "verdict"),
    [
        ([0.95, 0.94, 0.96] * 2, "pass"),
        ([0.96, 0.975, 0.99] * 2, "inconclusive"),  # better by more than a little
        ([0.90, 0.91, 0.92] * 2, "fail"),
    ],
)
def test_a_difference_is_taken_from_the_model_that_was_pruned(accuracies, verdict):
    item = ThresholdItem(1)
    models = records(BaseItem("rnn_relu"), [0.95] * 3)  # have no such difference
    pruned = retrained(item, [[accuracy] for accuracy in accuracies], trained=0.95)
    at_once, in_the_end = judge_claims(item, [*models, *pruned])
    assert in_the_end.verdict == verdict
    assert in_the_end.measured == pytest.approx([accuracy - 0.95 for accuracy in accuracies])
    assert at_once.verdict == "fail"  # they are at chance right after pruning
    assert at_once.measured == pytest.approx([0.5 - 0.95] * 6)
    for found in (at_once, in_the_end):
        assert found.digests == [record.digest for record in pruned]
        assert found.source == "slides, section 5.1"


# Several looks


@pytest.mark.parametrize(("looks", "confidence"), [(1, 0.95), (2, 0.975), (5, 0.99)])
def test_the_chance_of_being_wrong_is_shared_out_among_looks(looks, confidence):
    assert confidence_of(looks) == pytest.approx(confidence)


@pytest.mark.parametrize("accuracies", [[0.94, 0.96, 0.951, 0.949, 0.89], [0.91, 0.93]])
def test_more_looks_decide_less(accuracies):
    once, often = (
        judge_claims(HOLDS, records(HOLDS, accuracies), confidence_of(looks))[0] for looks in (1, 5)
    )
    assert often.interval[0] < once.interval[0]
    assert once.interval[1] <= often.interval[1]
    assert "95 % interval" in once.reason
    assert "99 % interval" in often.reason


def test_what_one_look_decides_several_may_leave_open():
    accuracies = [0.95, 0.96, 0.93, 0.94, 0.92, 0.91]
    kinds = [
        judge_claims(HOLDS, records(HOLDS, accuracies), confidence)[0].verdict
        for confidence in (0.8, 0.95, 0.99)
    ]
    assert kinds == ["pass", "pass", "inconclusive"]
    pairs = networks(FAMILIES, BETTER + [0.98, 0.61, 0.78] * 4)
    kinds = [judge_claims(FAMILIES, pairs, confidence)[0].verdict for confidence in (0.8, 0.9998)]
    assert kinds == ["pass", "inconclusive"]


def test_a_verdict_cites_the_publication_that_claims_it():
    measured, wired = records(HOLDS, [0.95]), FamiliesItem("gru", 2)
    (claim, *_), (contrast,) = claims(HOLDS), contrasts(wired)
    for publication in ("thesis", "Somebody (2019)"):
        claimed = judge_claim("", replace(claim, publication=publication), measured)
        compared = judge_contrast(
            "", replace(contrast, publication=publication), networks(wired, [0.9, 0.8, 0.7, 0.6])
        )
        assert claimed.source == f"{publication}, {claim.source}"
        assert compared.source == f"{publication}, {contrast.source}"
