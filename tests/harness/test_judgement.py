"""What fails an item, what excuses it, and what it says."""

import pytest

from sparsebench.experiments.base.items import BaseItem
from sparsebench.experiments.forward_time.items import SpeedItem
from sparsebench.experiments.random_wiring.items import FamiliesItem
from sparsebench.harness import judgement
from sparsebench.harness.claims import evidence, judge_claims
from sparsebench.harness.judgement import judge
from sparsebench.harness.measuring import ItemResult
from sparsebench.judging.gate import BaselineRecords
from tests.harness.judged import (
    BAD,
    CONTRADICTED,
    GONE,
    GOOD,
    ITEM,
    KNOWN,
    MISSING,
    MISSING_AND_GATED,
    MIXED,
    MOVED,
    PASSED,
    UNJUDGED,
    UNTIMED,
    assert_ends,
    bench,
    measured,
)
from tests.judging.records import forward, networks, onset, records


def test_what_is_as_it_was_passes(tmp_path):
    found = measured(GOOD)
    outcome = assert_ends(judge(found, bench(tmp_path, records(ITEM, GOOD))), PASSED)
    assert [(verdict.kind, verdict.verdict) for verdict in outcome.verdicts] == [
        ("claim", "pass"),
        ("baseline", "pass"),
    ]


def test_what_is_as_it_was_has_its_claims_judged_once(tmp_path, monkeypatch):
    judged = []

    def counted(item, found, *confidence):
        judged.append(found)
        return judge_claims(item, found, *confidence)

    monkeypatch.setattr(judgement, "judge_claims", counted)
    assert_ends(judge(measured(BAD), bench(tmp_path, records(ITEM, BAD))), KNOWN)
    assert len(judged) == 1
    judge(measured(GOOD, weights="new"), bench(tmp_path, records(ITEM, BAD)))
    assert len(judged) == 3


def test_a_claim_that_held_in_the_baseline_and_no_longer_does_is_red(tmp_path):
    where = bench(tmp_path, records(ITEM, [0.92, 0.99, 0.93] * 2))
    found = measured([0.88, 0.87, 0.86] * 2, weights="new")  # no proven drop, but below 0.90
    assert_ends(judge(found, where), CONTRADICTED, r"expected +accuracy holds at 0\.90")


def test_a_claim_that_the_baseline_contradicts_is_expected_to_fail_with_both_figures(tmp_path):
    known = assert_ends(judge(measured(BAD), bench(tmp_path, records(ITEM, BAD))), KNOWN)
    assert "thesis, fig 6.7: accuracy holds at 0.90 or more" in known.reason
    assert "ours: 0 of 6 seeds, 95 % interval 0.00-0.46; mean 0.6033" in known.reason
    assert "seeds 0, 1, 2, 3, 4, 5" in known.reason


def test_a_contradiction_that_is_gone_is_red_until_it_is_accepted(tmp_path):
    where = bench(tmp_path, records(ITEM, BAD))
    assert_ends(
        judge(measured(GOOD, weights="new"), where),
        GONE,
        "accept that it holds with --sparsebench-update",
    )


def test_a_contradiction_that_cannot_be_decided_any_more_is_no_news(tmp_path):
    where = bench(tmp_path, records(ITEM, [0.6, 0.61, 0.89] * 2))
    assert_ends(judge(measured([0.6, 0.61, 0.905] * 2, weights="new"), where), PASSED)


def test_a_lost_claim_is_not_hidden_by_a_known_contradiction_of_another(tmp_path):
    item = BaseItem("lstm")
    cases = item.cases(range(6))[:6]
    old = records(item, [1.0] * 6, first_epoch=0.889)
    new = records(item, [0.985, 0.6, 0.98] * 2, first_epoch=0.889, weights="new")
    assert_ends(judge(ItemResult(item, cases, old), bench(tmp_path, old)), KNOWN)
    assert_ends(
        judge(ItemResult(item, cases, new), bench(tmp_path, old)),
        CONTRADICTED,
        "accuracy is consistently",
    )


def test_an_experiment_of_a_item_that_the_baseline_lacks_is_red(tmp_path):
    """A case whose digest has drifted must not switch its own gate off."""
    item = BaseItem("gru")
    found = ItemResult(item, item.cases(range(3)), [*records(item, [1.0] * 3), onset([0.7, 0.6])])
    assert_ends(
        judge(found, bench(tmp_path, records(item, [1.0] * 3))),
        MOVED,
        "no record of onset in this item, though it has others",
    )


def test_more_seeds_than_the_baseline_has_are_judged_by_those_it_has(tmp_path):
    found = measured([*GOOD, 0.95, 0.95])
    outcome = assert_ends(judge(found, bench(tmp_path, records(ITEM, GOOD))), PASSED)
    assert [verdict.verdict for verdict in outcome.verdicts] == ["pass", "pass"]


def test_a_moved_baseline_is_never_excused_by_a_contradicted_claim(tmp_path):
    assert_ends(
        judge(measured([0.59, 0.61, 0.6] * 2), bench(tmp_path, records(ITEM, BAD))),
        MOVED,
        r"measured +0\.5900 / 0\.6100 / 0\.6000",
    )


def test_a_claim_that_the_baseline_cannot_decide_does_not_gate(tmp_path):
    found = measured([0.85, 0.84, 0.86] * 2, weights="new")
    outcome = assert_ends(judge(found, bench(tmp_path, records(ITEM, MIXED))), PASSED)
    assert outcome.verdicts[0].verdict == "fail"


def test_strict_claims_fail_plainly_and_claims_off_are_silent(tmp_path):
    assert_ends(
        judge(measured(BAD), bench(tmp_path, records(ITEM, BAD), claims="strict")), CONTRADICTED
    )
    found = measured(BAD)
    outcome = assert_ends(judge(found, bench(tmp_path, records(ITEM, BAD), claims="off")), PASSED)
    assert [verdict.kind for verdict in outcome.verdicts] == ["baseline"]


def test_without_a_baseline_a_contradicted_claim_still_fails(tmp_path):
    assert_ends(judge(measured(BAD), bench(tmp_path)), CONTRADICTED)
    assert_ends(
        judge(measured(GOOD), bench(tmp_path)),
        MISSING,
        r"'thesis' has no records of this item.*--sparsebench-update",
    )


@pytest.mark.parametrize("strict", [False, True])
def test_an_update_of_all_accepts_what_moved_but_no_strict_claim(tmp_path, strict):
    if strict:
        assert_ends(
            judge(measured(BAD), bench(tmp_path, update="all", claims="strict")), CONTRADICTED
        )
    else:
        assert_ends(
            judge(measured(BAD), bench(tmp_path, records(ITEM, GOOD), update="all")), PASSED
        )
        assert_ends(judge(measured(BAD), bench(tmp_path, update="all")), PASSED)


def test_an_update_of_what_is_new_accepts_that_and_nothing_that_moved(tmp_path):
    assert_ends(judge(measured(GOOD), bench(tmp_path, update="new")), PASSED)
    assert_ends(judge(measured(GOOD), bench(tmp_path, update="new", gate=True)), PASSED)
    assert_ends(
        judge(measured(BAD), bench(tmp_path, update="new")), PASSED
    )  # no claim was known to hold
    assert_ends(judge(measured(GOOD), bench(tmp_path, records(ITEM, GOOD), update="new")), PASSED)
    assert_ends(judge(measured(BAD), bench(tmp_path, records(ITEM, GOOD), update="new")), MOVED)
    where = bench(tmp_path, records(ITEM, BAD), update="new")
    assert_ends(judge(measured(GOOD, weights="new"), where), GONE)


def test_an_update_of_what_is_new_accepts_an_experiment_that_a_item_lacks(tmp_path):
    item = BaseItem("gru")
    good, lower = records(item, [1.0] * 3), records(item, [0.9] * 3)
    where = bench(tmp_path, good, update="new")
    assert_ends(
        judge(ItemResult(item, item.cases(range(3)), [*good, onset([0.7, 0.6])]), where), PASSED
    )
    assert_ends(
        judge(ItemResult(item, item.cases(range(3)), [*lower, onset([0.7, 0.6])]), where),
        MOVED,
        "accuracy is that of the baseline",
    )


def test_where_a_run_gates_a_item_that_the_baseline_lacks_is_red(tmp_path):
    assert_ends(
        judge(measured(GOOD), bench(tmp_path, gate=True)),
        MISSING_AND_GATED,
        r"rnn_relu-both-p60: baseline 'thesis' has no records",
    )
    assert_ends(judge(measured(GOOD), bench(tmp_path, records(ITEM, GOOD), gate=True)), PASSED)
    assert_ends(
        judge(measured(BAD), bench(tmp_path, gate=True)), CONTRADICTED
    )  # what the claims say comes first


@pytest.mark.parametrize(("gate", "ending"), [(False, MISSING), (True, MISSING_AND_GATED)])
def test_times_have_a_baseline_of_their_own_that_is_named(tmp_path, gate, ending):
    item = SpeedItem("gru")
    found = ItemResult(item, item.cases([0]), forward([1.0] * 4))
    where = "the baseline of times on this kind of machine, .*z80.json, has no records"
    chosen = {"gate": gate, "judge_speed": True}
    assert_ends(judge(found, bench(tmp_path, **chosen)), ending, where)
    assert_ends(judge(found, bench(tmp_path, forward([1.0] * 4), **chosen)), PASSED)
    slower = ItemResult(item, item.cases([0]), forward([1.5] * 4))
    assert_ends(
        judge(slower, bench(tmp_path, forward([1.0] * 4), **chosen)),
        MOVED,
        "forward passes take no longer",
    )
    unasked = bench(tmp_path, forward([1.0] * 4), gate=gate)
    assert_ends(judge(slower, unasked), UNJUDGED, "not gated.*--sparsebench-judge-speed")


@pytest.mark.parametrize(
    "chosen",
    [{}, {"gate": True}, {"update": "all"}, {"update": "new"}, {"claims": "strict"}],
    ids=str,
)
@pytest.mark.parametrize("ratios", [[None] * 4, [1.0, 1.0, None, 1.0]], ids=["none", "not all"])
@pytest.mark.parametrize("old", [[], [0.01] * 4], ids=["new", "known"])
def test_times_that_were_not_measured_are_not_judged_and_the_way_to_measure_them_is_told(
    tmp_path, chosen, ratios, old
):
    item = SpeedItem("gru")
    found = ItemResult(item, item.cases([0]), forward(ratios))
    told = (
        r"^gru: .*not timed and are not gated: call time_together.* leave out --benchmark-disable"
    )
    where = bench(tmp_path, forward(old), judge_speed=True, **chosen)
    outcome = assert_ends(judge(found, where), UNTIMED, told)
    assert (outcome.verdicts, outcome.estimates) == ((), ())


@pytest.mark.parametrize("chosen", [{}, {"gate": True}, {"update": "all"}, {"claims": "off"}])
def test_where_nothing_was_measured_nothing_is_judged(tmp_path, chosen):
    with pytest.raises(ValueError, match=r"^rnn_relu.*: nothing was measured.*at least one case"):
        judge(ItemResult(ITEM), bench(tmp_path, **chosen))


def test_what_was_measured_is_estimated(tmp_path):
    green = assert_ends(judge(measured(GOOD), bench(tmp_path, records(ITEM, GOOD))), PASSED)
    assert [(each.item, each.seeds) for each in green.estimates] == [(ITEM.id, 6)]
    red = assert_ends(judge(measured(BAD), bench(tmp_path, records(ITEM, GOOD))), MOVED)
    assert (len(red.estimates), len(red.verdicts)) == (1, 2)


def test_many_figures_are_told_in_part(tmp_path):
    assert_ends(
        judge(measured([0.6] * 20), bench(tmp_path)),
        CONTRADICTED,
        r"measured +(0\.6000 / ){7}0\.6000 and 12 more\n",
    )


# Other seeds


def test_other_seeds_than_the_baseline_has_are_judged_by_the_population(tmp_path):
    where = bench(tmp_path, records(ITEM, [0.99, 0.991, 0.99] * 2))
    found = measured([0.99, 0.99, 0.991] * 2, first=1000)
    outcome = assert_ends(judge(found, where), PASSED)
    assert [verdict.verdict for verdict in outcome.verdicts] == ["pass", "pass"]
    assert_ends(judge(measured([0.93, 0.931, 0.93] * 2, first=1000), where), MOVED, "trained anew")


def test_a_contradiction_that_the_baseline_knows_of_other_seeds_is_expected(tmp_path):
    where = bench(tmp_path, records(ITEM, BAD))
    assert_ends(
        judge(measured(BAD, first=1000), where), KNOWN, r"ours: 0 of 6 seeds.* mean 0\.6033"
    )


def test_that_other_seeds_do_not_share_a_contradiction_is_no_news(tmp_path):
    """Under luckier seeds a claim may hold; the baseline's own have not changed their mind."""
    found = measured(GOOD, first=100)
    outcome = assert_ends(judge(found, bench(tmp_path, records(ITEM, BAD))), PASSED)
    assert [verdict.verdict for verdict in outcome.verdicts if verdict.kind == "claim"] == ["pass"]


def families(first, others):
    """Watts-Strogatz networks that are mostly right, beside others as the test likes."""
    item = FamiliesItem("rnn_relu", len(others), first=first)
    one = [0.95, 0.96, 0.94, 0.95, 0.93, 0.96, 0.95, 0.94] * (len(others) // 8)
    return ItemResult(item, item.cases([]), networks(item, [*one, *others]))


def test_a_claim_that_other_seeds_contradict_no_more_surely_than_chance_may_is_no_news(tmp_path):
    """Some networks stay near chance in each family; eight may well have more of them in one."""
    baseline = families(0, [0.70, 0.94, 0.72, 0.95, 0.71, 0.93, 0.94, 0.73] * 5)
    where = bench(tmp_path, baseline.records)
    assert_ends(judge(baseline, where), PASSED)
    unlucky = families(1000, [0.98, 0.97, 0.98, 0.96, 0.94, 0.97, 0.98, 0.93] * 2)
    outcome = assert_ends(judge(unlucky, where), PASSED)
    claimed = [verdict for verdict in outcome.verdicts if verdict.kind == "claim"]
    assert [verdict.verdict for verdict in claimed] == ["fail"]
    surely = families(1000, [0.999] * 40)
    assert_ends(judge(surely, where), CONTRADICTED, "Watts-Strogatz above")


def test_seeds_of_other_models_that_all_miss_a_claim_are_no_news_by_that_alone(tmp_path):
    where = bench(tmp_path, records(ITEM, [0.90, 0.905, 0.901] * 2))
    found = measured([0.899, 0.889, 0.895] * 2, first=1000)
    outcome = assert_ends(judge(found, where), PASSED)
    assert [verdict.verdict for verdict in outcome.verdicts if verdict.kind == "claim"] == ["fail"]


def test_a_base_item_of_other_seeds_has_first_losses_that_nobody_knows(tmp_path):
    item = BaseItem("gru")
    where = bench(tmp_path, [*records(item, [1.0] * 3), onset([0.7, 0.6])])
    new = [*records(item, [1.0] * 3, first=1000), onset([0.7, 0.6], seed=1000)]
    assert_ends(judge(ItemResult(item, item.cases(range(1000, 1003)), new), where), PASSED)


# By the baseline's records too


def test_one_seed_has_the_verdict_of_all_that_the_same_arithmetic_made(tmp_path):
    baseline = records(ITEM, [0.95] * 12)
    for record in baseline:
        record.numerics = "1"
    found = measured([0.95])
    (claim,) = [v for v in judge(found, bench(tmp_path, baseline)).verdicts if v.kind == "claim"]
    assert claim.verdict == "inconclusive"
    found.records[0].numerics = "1"
    (claim, _) = judge(found, bench(tmp_path, baseline)).verdicts
    assert (claim.verdict, claim.true_of) == ("pass", 12)


def test_a_run_s_own_records_stand_in_the_place_of_the_baseline_s(tmp_path):
    baseline = records(ITEM, [*[0.95] * 10, 0.5, 0.5])
    found = measured([0.5, 0.5, 0.5], weights="new")
    for record in (*baseline, *found.records):
        record.numerics = "1"
    assert [
        each.metrics["accuracy"] for each in evidence(found.records, BaselineRecords.of(baseline))
    ] == [
        *[0.5] * 3,
        *[0.95] * 7,
        *[0.5] * 2,
    ]


@pytest.mark.parametrize("weights", ["same", "new"])
def test_a_history_that_a_run_did_not_repeat_is_the_baseline_s_of_the_same_weights(weights):
    item = BaseItem("gru")
    baseline, own = records(item, [1.0], first_epoch=0.93), records(item, [1.0], weights=weights)
    for record in (*baseline, *own):
        record.numerics = "1"
    (found,) = evidence(own, BaselineRecords.of(baseline))
    assert bool(found.history) == (weights == "same")
    assert own[0].history == {}
