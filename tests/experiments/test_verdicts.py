"""Verdicts: by the interval where it decides, by agreement of seeds where it is too wide."""

import pytest

from sparsebench.experiments.cells import BaseCell, PruningCell
from sparsebench.experiments.verdicts import judge_baseline, judge_claims, missing
from sparsebench.experiments.wired_cells import FamiliesCell, VariantsCell
from tests.experiments.records import networks, onset, records

HOLDS = PruningCell("rnn_relu", "both", 70)  # at least 0.90
DECLINES = PruningCell("rnn_relu", "both", 80)  # below 0.90
CHANCE = PruningCell("rnn_relu", "both", 100)  # 0.45-0.55


@pytest.mark.parametrize(
    ("cell", "accuracies", "verdict"),
    [
        (HOLDS, [0.95, 0.951, 0.949], "pass"),  # the interval lies above
        (HOLDS, [0.91, 0.99, 0.92], "pass"),  # it does not, but every seed agrees
        (HOLDS, [0.95, 0.89, 0.95], "inconclusive"),
        (HOLDS, [0.84, 0.5, 0.5], "fail"),  # every seed agrees
        (HOLDS, [0.6, 0.61, 0.6], "fail"),
        (HOLDS, [0.99], "inconclusive"),
        (HOLDS, [0.91, 0.99], "inconclusive"),  # two seeds are not enough to agree
        (HOLDS, [*[0.99] * 19, 0.895], "pass"),  # many seeds: one outlier does not decide
        (DECLINES, [0.5, 0.6, 0.55], "pass"),
        (DECLINES, [0.95, 0.951, 0.949], "fail"),
        (CHANCE, [0.494, 0.506, 0.506], "pass"),
        (CHANCE, [0.494, 0.506, 0.7], "inconclusive"),
        (CHANCE, [0.6, 0.7, 0.65], "fail"),
        (CHANCE, [0.3, 0.31, 0.3], "fail"),
    ],
)
def test_a_claim_is_judged_over_seeds(cell, accuracies, verdict):
    (found,) = judge_claims(cell, records(cell, accuracies))
    assert found.verdict == verdict
    assert found.measured == accuracies
    assert (found.interval is None) == (len(accuracies) == 1)


def test_the_first_epoch_is_judged_only_where_it_was_trained():
    cell = BaseCell("lstm")
    accuracy, first = judge_claims(cell, records(cell, [1.0] * 3, first_epoch=0.93))
    assert (accuracy.verdict, first.verdict) == ("pass", "pass")
    assert [each.statement for each in judge_claims(cell, records(cell, [1.0] * 3))] == [
        accuracy.statement
    ]


@pytest.mark.parametrize(
    ("accuracies", "weights", "verdict"),
    [
        ([0.95, 0.95, 0.95], "same", "pass"),
        ([0.95, 0.94, 0.95], "same", "fail"),
        ([0.95, 0.96, 0.95], "same", "fail"),  # the same weights cannot do better either
        ([0.5, 0.51, 0.5], "new", "fail"),
        ([0.99, 0.99, 0.99], "new", "pass"),  # newly trained ones can
    ],
)
def test_the_baseline_is_judged_by_what_could_have_changed(accuracies, weights, verdict):
    baseline = {record.digest: record for record in records(HOLDS, [0.95, 0.95, 0.95])}
    (found,) = judge_baseline(HOLDS, records(HOLDS, accuracies, weights=weights), baseline)
    assert found.verdict == verdict


def test_experiments_of_a_cell_are_judged_apart():
    cell = BaseCell("gru")
    old = [*records(cell, [1.0, 1.0, 1.0]), onset([0.7, 0.6])]
    new = [*records(cell, [1.0, 1.0, 1.0]), onset([0.7, 0.9])]
    found = judge_baseline(cell, new, {record.digest: record for record in old})
    assert [each.verdict for each in found] == ["pass", "fail"]


def test_what_the_baseline_does_not_know_is_missing_and_not_judged():
    new = records(HOLDS, [0.95, 0.95, 0.95])
    baseline = {new[0].digest: new[0]}
    assert missing(new, baseline) == []  # a seed more than the baseline has
    assert missing(new, {}) == ["pruning"]
    assert judge_baseline(HOLDS, new, {}) == []


FAMILIES = FamiliesCell("gru", 3)  # three Watts-Strogatz networks, then three Barabási-Albert ones


@pytest.mark.parametrize(
    ("accuracies", "verdict"),
    [
        ([0.99, 0.6, 0.8, 0.97, 0.58, 0.77], "pass"),  # each is better than the one of its seed
        ([0.97, 0.58, 0.77, 0.99, 0.6, 0.8], "fail"),
        ([0.99, 0.6, 0.8, 0.6, 0.58, 0.9], "inconclusive"),
    ],
)
def test_groups_are_compared_seed_by_seed(accuracies, verdict):
    (found,) = judge_claims(FAMILIES, networks(FAMILIES, accuracies))
    assert found.verdict == verdict
    pairs = zip(accuracies[:3], accuracies[3:], strict=True)
    assert found.measured == pytest.approx([better - worse for better, worse in pairs])
    assert found.interval is not None
    assert len(found.digests) == 6


def test_one_pair_tells_nothing_and_networks_without_a_partner_are_left_out():
    measured = networks(FAMILIES, [0.99, 0.6, 0.8, 0.97, 0.58, 0.77])
    (found,) = judge_claims(FAMILIES, [measured[0], measured[3], measured[4]])
    assert (found.verdict, found.interval, len(found.measured)) == ("inconclusive", None, 1)
    assert judge_claims(FAMILIES, measured[:3]) == []


def test_gated_variants_are_held_against_plain_ones_of_the_same_graphs():
    cell = VariantsCell("watts_strogatz", 2)  # tanh, relu, lstm, gru
    measured = networks(cell, [0.5, 0.6, 0.9, 0.99, 0.8, 0.89, 0.8, 0.9])
    found = {each.statement: each.verdict for each in judge_claims(cell, measured)}
    assert found == {
        "watts_strogatz: lstm above rnn_tanh on average": "pass",
        "watts_strogatz: lstm above rnn_relu on average": "fail",
        "watts_strogatz: gru above rnn_tanh on average": "pass",
        "watts_strogatz: gru above rnn_relu on average": "fail",
    }
