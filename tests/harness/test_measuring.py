"""The gate: what fails an item, what excuses it, and what it says."""

from types import SimpleNamespace

import pytest

from sparsebench.experiments.base.items import BaseCell
from sparsebench.experiments.conformance.cases import ConformanceCase
from sparsebench.experiments.forward_time.items import SpeedCell
from sparsebench.experiments.pruning.items import PruningCell
from sparsebench.experiments.random_wiring.items import FamiliesCell
from sparsebench.harness.measuring import Measured, judge, measure, undecided
from sparsebench.judging.gate import (
    BaselineAbsent,
    BaselineMissing,
    BaselineMoved,
    ClaimContradicted,
    ContradictionGone,
    ContradictionKnown,
    Known,
    NotTimed,
    TimesAbsent,
)
from tests.harness.settings import settings
from tests.judging.records import forward, networks, onset, records

CELL = PruningCell("rnn_relu", "both", 70)  # the thesis: at least 0.90
GOOD, BAD, MIXED = [0.95, 0.951, 0.949], [0.6, 0.61, 0.6], [0.95, 0.85, 0.95]


def bench(tmp_path, baseline=(), **chosen):
    known = Known.of(baseline)
    times = tmp_path / "times" / "z80.json"
    return SimpleNamespace(settings=settings(tmp_path, **chosen), known=known, times_path=times)


def measured(accuracies, first=0, looks=1, **chosen):
    cases = CELL.cases(range(first, first + len(accuracies)))
    return Measured(CELL, cases, records(CELL, accuracies, first=first, **chosen), looks)


def test_what_is_as_it_was_passes(tmp_path):
    found = measured(GOOD)
    judge(found, bench(tmp_path, records(CELL, GOOD)))
    assert [(verdict.kind, verdict.verdict) for verdict in found.verdicts] == [
        ("claim", "pass"),
        ("baseline", "pass"),
    ]


def test_a_claim_that_held_in_the_baseline_and_no_longer_does_is_red(tmp_path):
    where = bench(tmp_path, records(CELL, [0.92, 0.99, 0.93]))
    found = measured([0.88, 0.87, 0.86], weights="new")  # no proven drop, but below 0.90
    with pytest.raises(ClaimContradicted, match=r"expected +accuracy holds at 0\.90"):
        judge(found, where)


def test_a_claim_that_the_baseline_contradicts_is_expected_to_fail_with_both_figures(tmp_path):
    with pytest.raises(ContradictionKnown) as known:
        judge(measured(BAD), bench(tmp_path, records(CELL, BAD)))
    assert "thesis, fig 6.7: accuracy holds at 0.90 or more" in str(known.value)
    assert "ours: mean 0.6033" in str(known.value)
    assert "seeds 0, 1, 2" in str(known.value)


def test_a_contradiction_that_is_gone_is_red_until_it_is_accepted(tmp_path):
    where = bench(tmp_path, records(CELL, BAD))
    with pytest.raises(ContradictionGone, match="accept that it holds with --sparsebench-update"):
        judge(measured(GOOD, weights="new"), where)


def test_a_contradiction_that_cannot_be_decided_any_more_is_no_news(tmp_path):
    where = bench(tmp_path, records(CELL, [0.6, 0.61, 0.89]))
    judge(measured([0.6, 0.61, 0.905], weights="new"), where)


def test_a_lost_claim_is_not_hidden_by_a_known_contradiction_of_another(tmp_path):
    cell = BaseCell("lstm")
    cases = cell.cases(range(3))[:3]
    old = records(cell, [1.0, 1.0, 1.0], first_epoch=0.889)
    new = records(cell, [0.985, 0.6, 0.98], first_epoch=0.889, weights="new")
    with pytest.raises(ContradictionKnown):
        judge(Measured(cell, cases, old), bench(tmp_path, old))
    with pytest.raises(ClaimContradicted, match="accuracy is consistently"):
        judge(Measured(cell, cases, new), bench(tmp_path, old))


def test_an_experiment_of_a_cell_that_the_baseline_lacks_is_red(tmp_path):
    """A case whose digest has drifted must not switch its own gate off."""
    cell = BaseCell("gru")
    found = Measured(cell, cell.cases(range(3)), [*records(cell, [1.0] * 3), onset([0.7, 0.6])])
    with pytest.raises(
        BaselineMoved, match="no record of onset in this cell, though it has others"
    ):
        judge(found, bench(tmp_path, records(cell, [1.0] * 3)))


def test_more_seeds_than_the_baseline_has_are_judged_by_those_it_has(tmp_path):
    found = measured([*GOOD, 0.95, 0.95])
    judge(found, bench(tmp_path, records(CELL, GOOD)))
    assert [verdict.verdict for verdict in found.verdicts] == ["pass", "pass"]


def test_a_moved_baseline_is_never_excused_by_a_contradicted_claim(tmp_path):
    with pytest.raises(BaselineMoved, match=r"measured +0\.5900 / 0\.6100 / 0\.6000"):
        judge(measured([0.59, 0.61, 0.6]), bench(tmp_path, records(CELL, BAD)))


def test_a_claim_that_the_baseline_cannot_decide_does_not_gate(tmp_path):
    found = measured([0.85, 0.84, 0.86], weights="new")
    judge(found, bench(tmp_path, records(CELL, MIXED)))
    assert found.verdicts[0].verdict == "fail"


def test_strict_claims_fail_plainly_and_claims_off_are_silent(tmp_path):
    with pytest.raises(ClaimContradicted):
        judge(measured(BAD), bench(tmp_path, records(CELL, BAD), claims="strict"))
    found = measured(BAD)
    judge(found, bench(tmp_path, records(CELL, BAD), claims="off"))
    assert [verdict.kind for verdict in found.verdicts] == ["baseline"]


def test_without_a_baseline_a_contradicted_claim_still_fails(tmp_path):
    with pytest.raises(ClaimContradicted):
        judge(measured(BAD), bench(tmp_path))
    with pytest.raises(
        BaselineMissing, match=r"'thesis' has no records of this cell.*--sparsebench-update"
    ):
        judge(measured(GOOD), bench(tmp_path))


@pytest.mark.parametrize("strict", [False, True])
def test_an_update_of_all_accepts_what_moved_but_no_strict_claim(tmp_path, strict):
    if strict:
        with pytest.raises(ClaimContradicted):
            judge(measured(BAD), bench(tmp_path, update="all", claims="strict"))
    else:
        judge(measured(BAD), bench(tmp_path, records(CELL, GOOD), update="all"))
        judge(measured(BAD), bench(tmp_path, update="all"))


def test_an_update_of_what_is_new_accepts_that_and_nothing_that_moved(tmp_path):
    judge(measured(GOOD), bench(tmp_path, update="new"))
    judge(measured(GOOD), bench(tmp_path, update="new", gate=True))
    judge(measured(BAD), bench(tmp_path, update="new"))  # no claim was known to hold
    judge(measured(GOOD), bench(tmp_path, records(CELL, GOOD), update="new"))
    with pytest.raises(BaselineMoved):
        judge(measured(BAD), bench(tmp_path, records(CELL, GOOD), update="new"))
    where = bench(tmp_path, records(CELL, BAD), update="new")
    with pytest.raises(ContradictionGone):
        judge(measured(GOOD, weights="new"), where)


def test_an_update_of_what_is_new_accepts_an_experiment_that_a_cell_lacks(tmp_path):
    cell = BaseCell("gru")
    good, lower = records(cell, [1.0] * 3), records(cell, [0.9] * 3)
    where = bench(tmp_path, good, update="new")
    judge(Measured(cell, cell.cases(range(3)), [*good, onset([0.7, 0.6])]), where)
    with pytest.raises(BaselineMoved, match="accuracy is that of the baseline"):
        judge(Measured(cell, cell.cases(range(3)), [*lower, onset([0.7, 0.6])]), where)


def test_where_a_run_gates_a_cell_that_the_baseline_lacks_is_red(tmp_path):
    with pytest.raises(
        BaselineAbsent, match=r"rnn_relu-both-p70: baseline 'thesis' has no records"
    ):
        judge(measured(GOOD), bench(tmp_path, gate=True))
    judge(measured(GOOD), bench(tmp_path, records(CELL, GOOD), gate=True))
    with pytest.raises(ClaimContradicted):  # what the claims say comes first
        judge(measured(BAD), bench(tmp_path, gate=True))


@pytest.mark.parametrize(("gate", "error"), [(False, BaselineMissing), (True, BaselineAbsent)])
def test_times_have_a_baseline_of_their_own_that_is_named(tmp_path, gate, error):
    cell = SpeedCell("gru")
    found = Measured(cell, cell.cases([0]), forward([1.0] * 4))
    where = "the baseline of times on this kind of machine, .*z80.json, has no records"
    with pytest.raises(error, match=where):
        judge(found, bench(tmp_path, gate=gate))
    judge(found, bench(tmp_path, forward([1.0] * 4), gate=gate))
    slower = Measured(cell, cell.cases([0]), forward([1.5] * 4))
    with pytest.raises(BaselineMoved, match="forward passes take no longer"):
        judge(slower, bench(tmp_path, forward([1.0] * 4), gate=gate))


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
    cell = SpeedCell("gru")
    found = Measured(cell, cell.cases([0]), forward(ratios))
    error = TimesAbsent if chosen.get("gate") else NotTimed
    told = r"^gru: .*not timed: call time_together.* leave out --benchmark-disable"
    with pytest.raises(error, match=told):
        judge(found, bench(tmp_path, forward(old), **chosen))
    assert found.verdicts == []
    assert found.judged


@pytest.mark.parametrize("chosen", [{}, {"gate": True}, {"update": "all"}, {"claims": "off"}])
def test_where_nothing_was_measured_nothing_is_judged(tmp_path, chosen):
    with pytest.raises(ValueError, match=r"^rnn_relu.*: nothing was measured.*at least one case"):
        judge(Measured(CELL), bench(tmp_path, **chosen))


def test_what_was_measured_says_whether_it_was_judged(tmp_path):
    found = measured(GOOD)
    assert not found.judged
    judge(found, bench(tmp_path, records(CELL, GOOD)))
    assert found.judged


def test_what_was_measured_is_estimated(tmp_path):
    found = measured(GOOD)
    judge(found, bench(tmp_path, records(CELL, GOOD)))
    assert [(each.cell, each.seeds) for each in found.estimates] == [(CELL.id, 3)]
    red = measured(BAD)
    with pytest.raises(BaselineMoved):
        judge(red, bench(tmp_path, records(CELL, GOOD)))
    assert len(red.estimates) == 1


def test_many_figures_are_told_in_part(tmp_path):
    with pytest.raises(ClaimContradicted, match=r"measured +(0\.6000 / ){7}0\.6000 and 12 more\n"):
        judge(measured([0.6] * 20), bench(tmp_path))


# Other seeds


def test_other_seeds_than_the_baseline_has_are_judged_by_the_population(tmp_path):
    where = bench(tmp_path, records(CELL, [0.99, 0.991, 0.99]))
    found = measured([0.99, 0.99, 0.991], first=1000)
    judge(found, where)
    assert [verdict.verdict for verdict in found.verdicts] == ["pass", "pass"]
    with pytest.raises(BaselineMoved, match="trained anew"):
        judge(measured([0.93, 0.931, 0.93], first=1000), where)


def test_a_contradiction_that_the_baseline_knows_of_other_seeds_is_expected(tmp_path):
    where = bench(tmp_path, records(CELL, BAD))
    with pytest.raises(ContradictionKnown, match=r"ours: mean 0\.6033"):
        judge(measured(BAD, first=1000), where)


def test_that_other_seeds_do_not_share_a_contradiction_is_no_news(tmp_path):
    """Under luckier seeds a claim may hold; the baseline's own have not changed their mind."""
    found = measured(GOOD, first=100)
    judge(found, bench(tmp_path, records(CELL, BAD)))
    assert [verdict.verdict for verdict in found.verdicts if verdict.kind == "claim"] == ["pass"]


def families(first, others):
    """Watts-Strogatz networks that are mostly right, beside others as the test likes."""
    cell = FamiliesCell("rnn_relu", len(others), first=first)
    one = [0.95, 0.96, 0.94, 0.95, 0.93, 0.96, 0.95, 0.94] * (len(others) // 8)
    return Measured(cell, cell.cases([]), networks(cell, [*one, *others]))


def test_a_claim_that_other_seeds_contradict_no_more_surely_than_chance_may_is_no_news(tmp_path):
    """Some networks stay near chance in each family; eight may well have more of them in one."""
    baseline = families(0, [0.70, 0.94, 0.72, 0.95, 0.71, 0.93, 0.94, 0.73] * 5)
    where = bench(tmp_path, baseline.records)
    judge(baseline, where)
    unlucky = families(1000, [0.98, 0.97, 0.98, 0.96, 0.96, 0.97, 0.98, 0.96])
    judge(unlucky, where)
    claimed = [verdict for verdict in unlucky.verdicts if verdict.kind == "claim"]
    assert [verdict.verdict for verdict in claimed] == ["fail"]
    surely = families(1000, [0.999] * 40)
    with pytest.raises(ClaimContradicted, match="Watts-Strogatz above"):
        judge(surely, where)


def test_seeds_of_other_models_that_all_miss_a_claim_are_no_news_by_that_alone(tmp_path):
    where = bench(tmp_path, records(CELL, [0.90, 0.905, 0.901]))
    found = measured([0.899, 0.889, 0.895], first=1000)
    judge(found, where)
    assert [verdict.verdict for verdict in found.verdicts if verdict.kind == "claim"] == ["fail"]


def test_a_base_cell_of_other_seeds_has_first_losses_that_nobody_knows(tmp_path):
    cell = BaseCell("gru")
    where = bench(tmp_path, [*records(cell, [1.0] * 3), onset([0.7, 0.6])])
    new = [*records(cell, [1.0] * 3, first=1000), onset([0.7, 0.6], seed=1000)]
    judge(Measured(cell, cell.cases(range(1000, 1003)), new), where)


# More seeds


@pytest.mark.parametrize(
    ("accuracies", "baseline", "more"),
    [
        (MIXED, [], True),  # the claim
        (GOOD, [], False),
        (BAD, [], False),
        (MIXED, records(CELL, MIXED), True),
        (GOOD, records(CELL, GOOD), False),
    ],
)
def test_more_seeds_are_wanted_where_these_leave_a_claim_open(tmp_path, accuracies, baseline, more):
    assert undecided(measured(accuracies), bench(tmp_path, baseline)) == more


def test_more_seeds_are_wanted_where_these_leave_the_population_open(tmp_path):
    where = bench(tmp_path, records(CELL, [0.99, 0.991, 0.99]))
    assert undecided(measured([0.99, 0.96, 0.99], first=1000), where)
    assert not undecided(measured([0.99, 0.99, 0.991], first=1000), where)
    assert not undecided(measured([0.93, 0.931, 0.93], first=1000), where)


def test_more_seeds_tell_nothing_of_networks_that_are_compared_with_themselves(tmp_path):
    cell = FamiliesCell("gru", 4)
    old = networks(cell, [0.9, 0.5, 0.9, 0.5, 0.9, 0.5, 0.9, 0.5])
    new = networks(cell, [0.92, 0.48, 0.92, 0.48, 0.92, 0.48, 0.92, 0.48], weights="new")
    found, where = Measured(cell, cell.cases([]), new), bench(tmp_path, old, claims="off")
    judge(found, where)
    assert [verdict.verdict for verdict in found.verdicts] == ["inconclusive"]
    assert not undecided(found, where)


def test_claims_that_are_not_judged_ask_for_no_more_seeds(tmp_path):
    assert not undecided(measured(MIXED), bench(tmp_path, records(CELL, MIXED), claims="off"))


def test_the_more_looks_there_are_the_surer_each_must_be(tmp_path):
    accuracies = [0.95, 0.96, 0.93, 0.91, 0.89, 0.95, 0.97, 0.95]
    where = bench(tmp_path, records(CELL, accuracies))
    kinds = []
    for looks in (1, 50):
        found = measured(accuracies, looks=looks)
        kinds.append(undecided(found, where))
        judge(found, where)
        assert found.verdicts[0].verdict == ("inconclusive" if kinds[-1] else "pass")
    assert kinds == [False, True]


def test_records_of_no_cell_cannot_be_judged(tmp_path):
    for ask in (judge, undecided):
        with pytest.raises(TypeError, match="belong to no cell"):
            ask(Measured(None), bench(tmp_path))


def test_a_case_that_needs_somebodys_files_is_not_measured_from_a_bench(tmp_path):
    with pytest.raises(TypeError, match="ConformanceCase"):
        measure(ConformanceCase("gru", "both", 10, "w", "s"), bench(tmp_path))
