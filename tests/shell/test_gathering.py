"""What several items found of one record comes together, and an item's last word counts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparsebench.experiments.random_wiring.items import WiredItem
from sparsebench.harness.measuring import ItemResult
from sparsebench.judging.outcome import Outcome
from sparsebench.parts.records import Estimate, Timing, Verdict
from sparsebench.shell.gathering import NOT_RUN, Gathered, attach
from tests.judging.records import networks

NETWORK = WiredItem("gru", "watts_strogatz", 0)
TIMING = Timing(pruned_median=1.0, dense_median=2.0, rounds=3, batch_size=4, steps=5, density=0.5)
ITEM = "test_it.py::test_it[0]"


def measured(accuracy=0.9, settled="passed", verdict="pass", timing=None):
    """What an item measures of one network, and how it was judged."""
    (record,) = networks(NETWORK, [accuracy], timing=timing)
    about = {"item": NETWORK.id, "digests": [record.digest]}
    verdicts = [
        Verdict(
            kind="baseline",
            verdict=verdict,
            statement="as before",
            expected=[0.9],
            measured=[accuracy],
            interval=None,
            source="thesis.json",
            reason="",
            **about,
        )
    ]
    interval = {"accuracy": accuracy, "low": 0.0, "high": 1.0, "method": "Wilson"}
    estimates = [Estimate(experiment="wired", seeds=1, strings=40, **interval, **about)]
    outcome = Outcome(settled or "failed", verdicts=tuple(verdicts), estimates=tuple(estimates))
    return ItemResult(NETWORK, records=[record], outcome=outcome)


def report(run, when, outcome, found=None, nodeid=ITEM, chosen=(), **more):
    """Let a run take in one report, with what the item has measured so far."""
    each = pytest.TestReport(nodeid, ("", 0, ""), {}, outcome, None, when, duration=1.0, **more)
    attach(each, found or [], {}, chosen)
    run.add(each)


def item(run, outcome, found, nodeid=ITEM):
    """Let a run take in all reports of an item that ends in its call."""
    report(run, "setup", "passed", nodeid=nodeid)
    report(run, "call", outcome, found, nodeid)
    report(run, "teardown", "passed", found, nodeid)


def gathered(*items):
    """A run in which items, each with an outcome and a timing or none, measured the same network."""
    run = Gathered()
    for number, (outcome, timing) in enumerate(items):
        settled = "" if outcome == "failed" else outcome
        found = [measured(settled=settled, timing=timing)]
        item(run, outcome, found, f"test_it.py::test_it[{number}]")
    return run


@pytest.mark.parametrize(
    ("outcomes", "worst", "acceptable"),
    [
        (["passed", "passed"], "passed", 1),
        (["passed", "failed"], "failed", 0),
        (["failed", "passed"], "failed", 0),
        (["skipped", "passed"], "skipped", 1),
    ],
)
def test_a_record_has_the_worst_outcome_of_its_items(outcomes, worst, acceptable):
    run = gathered(*((outcome, None) for outcome in outcomes))
    (record,) = run.records.values()
    assert record.outcome == worst
    assert len(run.acceptable()) == acceptable


@pytest.mark.parametrize("timings", [(TIMING, None), (None, TIMING)])
def test_a_record_keeps_the_timing_of_the_item_that_timed_it(timings):
    run = gathered(*(("passed", timing) for timing in timings))
    (record,) = run.records.values()
    assert record.timing == TIMING


@pytest.mark.parametrize("settled", ["", "passed", "xfailed"])
def test_an_item_that_others_skip_is_not_accepted(settled):
    run = Gathered()
    item(run, "skipped", [measured(settled=settled)])
    assert run.acceptable() == []
    assert run.items_without_baseline() == 0


def test_an_item_that_others_expect_to_fail_is_not_accepted():
    run = Gathered()
    report(run, "call", "skipped", [measured(settled="passed")], wasxfail="by a marker")
    assert run.items[ITEM].outcome == "xfailed"
    assert run.acceptable() == []


def test_a_failed_part_of_a_test_fails_the_item_whatever_its_last_report_says():
    run = Gathered()
    report(run, "setup", "passed")
    report(run, "call", "failed")
    report(run, "call", "skipped")
    report(run, "call", "passed", [measured()])
    report(run, "teardown", "passed", [measured()])
    assert run.items[ITEM].outcome == "failed"
    assert run.acceptable() == []


def test_a_skipped_part_of_a_test_does_not_skip_the_item():
    run = Gathered()
    report(run, "call", "skipped")
    report(run, "call", "passed", [measured()])
    assert run.items[ITEM].outcome == "passed"
    assert len(run.acceptable()) == 1


def test_what_pytest_calls_failed_is_failed_whatever_the_outcome():
    run = Gathered()
    each = pytest.TestReport(ITEM, ("", 0, ""), {}, "passed", None, "call")
    attach(each, [measured()], {})
    run.add(each, called="failed")
    assert run.items[ITEM].outcome == "failed"
    assert run.acceptable() == []


def test_what_is_measured_after_the_call_is_kept():
    run = Gathered()
    report(run, "call", "passed")
    report(run, "teardown", "passed", [measured()])
    assert len(run.records) == len(run.verdicts) == len(run.acceptable()) == 1


@pytest.mark.parametrize("phase", ["setup", "call", "teardown"])
def test_the_last_try_counts_and_nothing_of_earlier_ones_stays(phase):
    run = Gathered()
    for each in ("setup", "call", "teardown"):
        outcome = "rerun" if each == phase else "passed"
        report(run, each, outcome, [measured(0.1, verdict="fail")])
    assert run.items[ITEM].outcome == "rerun"
    assert run.acceptable() == []
    item(run, "passed", [measured(0.9)])
    assert run.items[ITEM].outcome == "passed"
    assert [record.metrics["accuracy"] for record in run.acceptable()] == [0.9]
    assert [verdict.verdict for verdict in run.verdicts] == ["pass"]
    assert [estimate.accuracy for estimate in run.estimates] == [0.9]


def test_a_last_try_that_measured_nothing_counts_too():
    run = Gathered()
    item(run, "rerun", [measured()])
    item(run, "failed", [])
    assert run.items[ITEM].outcome == "failed"
    assert (run.records, run.verdicts, run.estimates) == ({}, [], [])


def test_parts_that_are_reported_before_the_set_up_belong_to_their_own_try():
    """As pytest-rerunfailures has it, which holds the other reports back."""
    run = Gathered()
    report(run, "call", "failed")
    item(run, "rerun", [])
    report(run, "call", "passed")
    item(run, "passed", [measured()])
    assert run.items[ITEM].outcome == "passed"
    assert len(run.acceptable()) == 1


def test_an_item_that_runs_several_times_must_end_well_every_time():
    run = Gathered()
    item(run, "failed", [measured(settled="")])
    item(run, "passed", [measured()])
    assert run.items[ITEM].outcome == "failed"
    assert run.acceptable() == []


def test_workers_that_all_run_an_item_do_not_undo_each_other():
    """As under `--dist each`."""
    run = Gathered()
    one, other = object(), object()
    report(run, "setup", "passed", node=one)
    report(run, "setup", "passed", node=other)
    report(run, "call", "failed", [measured(settled="")], node=one)
    report(run, "call", "passed", [measured()], node=other)
    report(run, "teardown", "passed", [measured(settled="")], node=one)
    assert run.items[ITEM].outcome == "failed"
    assert run.acceptable() == []


def test_a_item_that_two_items_judge_alike_has_one_verdict():
    run = gathered(("passed", None), ("passed", None))
    assert len(run.verdicts) == len(run.estimates) == 1


@pytest.mark.parametrize("order", [("pass", "fail"), ("fail", "pass")])
def test_of_two_verdicts_about_the_same_the_worst_stands(order):
    run = Gathered()
    for number, verdict in enumerate(order):
        item(run, "passed", [measured(verdict=verdict)], f"test_it.py::test_it[{number}]")
    assert [each.verdict for each in run.verdicts] == ["fail"]


def test_items_that_were_chosen_and_never_ran_are_listed():
    run = Gathered()
    other = "test_it.py::test_it[1]"
    report(run, "setup", "passed", chosen=[ITEM, other])
    report(run, "call", "passed", [measured()])
    outcomes = {nodeid: each.outcome for nodeid, each in run.items.items()}
    assert outcomes == {ITEM: "passed", other: NOT_RUN}


def test_setting_up_alone_is_not_running():
    run = Gathered()
    report(run, "setup", "passed", chosen=[ITEM])
    report(run, "teardown", "passed")
    assert run.items[ITEM].outcome == NOT_RUN
    assert not run.ran
    assert not run.tells


OUTCOMES = st.sampled_from(["passed", "skipped", "failed", "rerun", "quarantined"])
PHASES = st.sampled_from(["setup", "call", "teardown", "???"])
REPORTS = st.lists(st.tuples(PHASES, OUTCOMES), max_size=8)


@given(REPORTS, st.sampled_from(["", "passed", "skipped", "xfailed"]))
def test_only_what_ended_well_is_ever_accepted(reports, settled):
    """Whatever reports come in which order, and whatever they are called."""
    run = Gathered()
    for when, outcome in reports:
        report(run, when, outcome, [measured(settled=settled)])
    if run.acceptable():
        assert settled
        assert run.items[ITEM].outcome in ("passed", settled)
        tried_again = [outcome for _, outcome in reports if outcome in ("rerun", "quarantined")]
        assert tried_again or "failed" not in {outcome for _, outcome in reports}
