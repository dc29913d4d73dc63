"""Verdicts on what the baseline knows, of the same seeds or of others; and estimates."""

from dataclasses import replace
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparsebench.experiments.base.items import BaseItem
from sparsebench.experiments.finetuning.items import FinetuningItem, ThresholdItem
from sparsebench.experiments.forward_time.items import SpeedItem
from sparsebench.experiments.pruning.items import PruningItem
from sparsebench.experiments.random_wiring.items import FamiliesItem, WiredItem
from sparsebench.harness.comparing import policy_of
from sparsebench.judging import gate
from sparsebench.judging.gate import BaselineRecords, estimates, missing
from sparsebench.judging.intervals import METHOD, METHOD_ONE_SEED, accuracy_interval
from tests.judging.records import forward, networks, onset, records, retrained

judge_baseline = partial(gate.judge_baseline, policy_of=policy_of)

HOLDS = PruningItem("rnn_relu", "both", 70)
OTHERS = 1000  # the first of some seeds that the baseline does not have


def known(*old):
    return BaselineRecords.of(record for group in old for record in group)


# The same seeds


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
    baseline = known(records(HOLDS, [0.95, 0.95, 0.95]))
    (found,) = judge_baseline(HOLDS, records(HOLDS, accuracies, weights=weights), baseline)
    assert found.verdict == verdict


def test_experiments_of_a_item_are_judged_apart():
    item = BaseItem("gru")
    old = [*records(item, [1.0, 1.0, 1.0]), onset([0.7, 0.6])]
    new = [*records(item, [1.0, 1.0, 1.0]), onset([0.7, 0.9])]
    found = judge_baseline(item, new, known(old))
    assert [each.verdict for each in found] == ["pass", "fail"]


def test_what_the_baseline_does_not_know_is_missing_and_not_judged():
    new = records(HOLDS, [0.95, 0.95, 0.95])
    assert missing(new, known(new[:1])) == []  # two seeds more than the baseline has
    assert missing(new, BaselineRecords.of([])) == ["pruning"]
    assert judge_baseline(HOLDS, new, BaselineRecords.of([])) == []


def test_forward_passes_are_judged_by_their_times():
    item, old = SpeedItem("gru"), forward([1.5, 0.7, 0.3, 0.5])
    (found,) = judge_baseline(item, forward([1.5, 0.7, 0.3, 0.8]), known(old))
    assert (found.verdict, found.interval) == ("fail", None)
    assert (found.expected, found.measured) == ([1.5, 0.7, 0.3, 0.5], [1.5, 0.7, 0.3, 0.8])
    assert found.statement == "forward passes take no longer than in the baseline"
    (found,) = judge_baseline(item, forward([1.0, 0.4, 0.2, 0.3]), known(old))
    assert found.verdict == "pass"
    earlier = frozenset(record.digest for record in old)
    for factor, digests, verdict in [
        (1.2, (), "fail"),
        (1.2, earlier, "pass"),
        (1.4, earlier, "fail"),
    ]:
        slower = forward([factor * ratio for ratio in (1.5, 0.7, 0.3, 0.5)])
        (found,) = judge_baseline(item, slower, replace(known(old), earlier=frozenset(digests)))
        assert found.verdict == verdict
    (found,) = judge_baseline(item, forward([None] * 4), known(old))
    assert (found.verdict, found.measured) == ("inconclusive", [])


# Other seeds


@pytest.mark.parametrize(
    ("accuracies", "verdict"),
    [
        ([0.991, 0.989, 0.99], "pass"),
        ([0.999, 0.999, 0.999], "pass"),
        ([0.97, 0.971, 0.97], "fail"),
        ([0.99, 0.96, 0.99], "inconclusive"),
    ],
)
def test_other_seeds_are_judged_by_the_population(accuracies, verdict):
    old = records(HOLDS, [0.99, 0.99, 0.991])
    new = records(HOLDS, accuracies, first=OTHERS)
    (found,) = judge_baseline(HOLDS, new, known(old))
    assert found.verdict == verdict
    assert (found.expected, found.measured) == ([0.99, 0.99, 0.991], accuracies)
    assert found.digests == [record.digest for record in new]
    assert missing(new, known(old)) == []


def test_where_the_baseline_has_some_of_the_seeds_these_are_judged():
    old = records(HOLDS, [0.95, 0.95, 0.95])
    (found,) = judge_baseline(HOLDS, records(HOLDS, [0.95] * 3 + [0.1] * 3), known(old))
    assert (found.verdict, found.expected) == ("pass", [0.95] * 3)


def test_a_population_is_of_the_same_item_and_experiment():
    others = [
        records(PruningItem("rnn_relu", "both", 80), [0.5] * 3),
        records(PruningItem("rnn_relu", "i2h", 70), [0.5] * 3),
        records(BaseItem("rnn_relu"), [0.5] * 3),
    ]
    new = records(HOLDS, [0.95] * 3, first=OTHERS)
    assert judge_baseline(HOLDS, new, known(*others)) == []
    assert missing(new, known(*others)) == ["pruning"]


def test_each_population_of_a_item_has_its_verdict():
    item, other = FamiliesItem("gru", 3), FamiliesItem("gru", 3, first=OTHERS)
    old = networks(item, [0.995, 0.996, 0.995, 0.9, 0.901, 0.9])
    new = networks(other, [0.995, 0.996, 0.995, 0.8, 0.801, 0.8])
    found = judge_baseline(other, new, known(old))
    assert [each.verdict for each in found] == ["pass", "fail"]
    assert [each.digests for each in found] == [
        [record.digest for record in new[:3]],
        [record.digest for record in new[3:]],
    ]


def test_a_population_that_the_baseline_lacks_is_not_judged():
    item, other = FamiliesItem("gru", 3), FamiliesItem("gru", 3, first=OTHERS)
    old, new = networks(item, [0.95] * 6), networks(other, [0.5] * 6)
    (found,) = judge_baseline(other, new, known(old[:3]))
    assert found.digests == [record.digest for record in new[:3]]


def test_one_network_of_another_seed_says_nothing():
    group = networks(FamiliesItem("gru", 4), [0.95] * 8)
    item = WiredItem("gru", "watts_strogatz", OTHERS)
    (found,) = judge_baseline(item, networks(item, [0.5]), known(group))
    assert found.verdict == "inconclusive"


def test_models_that_see_the_strings_in_another_order_are_of_the_same_population():
    item = FinetuningItem("gru", "both", 90, epochs=1)
    again = FinetuningItem("gru", "both", 90, epochs=1, order=7)
    old = retrained(item, [[0.995], [0.996], [0.995]], numerics="z80")
    for accuracy, verdict in ((0.995, "pass"), (0.95, "fail")):
        new = retrained(again, [[accuracy]] * 3, weights="new", numerics="z80")
        (found,) = judge_baseline(again, new, known(old))
        assert found.verdict == verdict


def test_pruned_models_of_a_threshold_are_judged_beside_their_models():
    item = ThresholdItem(1)
    old = retrained(item, [[0.95], [0.951], [0.95]])
    new = retrained(ThresholdItem(1, order=7), [[0.85]] * 3, weights="new")
    (found,) = judge_baseline(item, new, known(old))
    assert found.verdict == "fail"
    regain = FinetuningItem("rnn_relu", "h2h", 90, epochs=1)
    assert judge_baseline(regain, retrained(regain, [[0.9]]), known(old)) == []


def test_first_losses_of_another_seed_say_nothing_of_these():
    """They follow from the seed: there is no population of them, and nothing to hold them to."""
    new = [onset([0.7, 0.6], seed=OTHERS)]
    assert judge_baseline(BaseItem("gru"), new, known([onset([0.7, 0.9])])) == []


def test_a_base_item_of_other_seeds_misses_nothing():
    """Its first losses cannot be known: that is no drift of a digest."""
    item = BaseItem("gru")
    old = known(records(item, [1.0] * 3), [onset([0.7, 0.6])])
    new = [*records(item, [1.0] * 3, first=OTHERS), onset([0.7, 0.6], seed=OTHERS)]
    assert missing(new, old) == []


# Estimates


def test_an_estimate_is_the_mean_with_its_interval():
    new = records(HOLDS, [0.9, 0.8, 0.85])
    (found,) = estimates(HOLDS, new)
    assert found.accuracy == pytest.approx(0.85)
    assert (found.low, found.high) == accuracy_interval([0.9, 0.8, 0.85], 6250)
    assert (found.method, found.seeds, found.strings) == (METHOD, 3, 6250)
    assert (found.item, found.experiment) == (HOLDS.id, "pruning")
    assert found.digests == [record.digest for record in new]


def test_of_one_seed_the_estimate_has_the_error_of_the_strings_and_says_so():
    (found,) = estimates(HOLDS, records(HOLDS, [0.9]))
    assert (found.low, found.high) == pytest.approx((0.8923, 0.9072), abs=1e-4)  # Wilson's interval
    assert (found.method, found.seeds) == (METHOD_ONE_SEED, 1)


@given(st.lists(st.sampled_from([each / 100 for each in range(101)]), min_size=1, max_size=6))
def test_an_estimate_lies_in_its_interval(accuracies):
    (found,) = estimates(HOLDS, records(HOLDS, accuracies))
    assert 0 <= found.low <= found.accuracy + 1e-4  # the mean is rounded to a number of strings
    assert found.accuracy - 1e-4 <= found.high <= 1


def test_every_population_of_a_item_has_an_estimate_and_what_has_no_accuracy_none():
    item = FamiliesItem("gru", 2)
    found = estimates(item, networks(item, [0.9, 0.92, 0.8, 0.82]))
    assert [each.accuracy for each in found] == pytest.approx([0.91, 0.81])
    base = [*records(BaseItem("gru"), [1.0] * 3), onset([0.7])]
    assert [each.experiment for each in estimates(BaseItem("gru"), base)] == ["base"]
    assert estimates(SpeedItem("gru"), forward([0.5])) == []
